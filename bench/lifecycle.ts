/**
 * Half a minute of load while workers die, then half a minute while the configuration changes.
 * Run it with `deno task bench:lifecycle`.
 * @module
 */

import { threadsOf } from "../src/supervisor/thread.ts";
import { keepBusy } from "../tests/supervisor/load.ts";
import { conf, withSupervisor } from "../tests/supervisor/supervised.ts";
import { count, runBenchmark, type Values } from "./options.ts";

const OPTIONS = {
  clients: count("number of connections that are always in use", 64, 1000),
  seconds: count("length of each part", 30, 600),
};

type Options = Values<typeof OPTIONS>;

/** A failure this close to the death of a worker belongs to a request that was in flight on that worker. */
const IN_FLIGHT_MS = 250;

/** Makes a worker throw every two seconds. The limit on deaths is raised, because sweepd would normally give up. */
async function deaths({ clients, seconds }: Options): Promise<boolean> {
  const module = new URL("../tests/supervisor/mortal_worker.ts", import.meta.url);
  const restarts = { deathsMax: 1000, delayMaxMs: 100 };
  let isFine = false;
  await withSupervisor({ startThread: threadsOf(module), restarts }, async (supervised) => {
    let isOver = false;
    const busy = keepBusy(supervised.port(), clients, () => isOver);
    const deathsMs: number[] = [];
    for (let worker = 1; worker <= seconds / 2; worker++) {
      await pause(2000);
      await supervised.decide("throw", worker);
      while (!supervised.messages.some((text) => text.startsWith(`worker ${worker} died`))) await pause(5);
      deathsMs.push(performance.now());
    }
    isOver = true;
    const { answers, failures } = await busy;
    const strays = failures.filter(({ atMs }) => !deathsMs.some((deathMs) => Math.abs(atMs - deathMs) < IN_FLIGHT_MS));
    console.log(
      `${deathsMs.length} workers died: ${answers} answers, ${failures.length} failed in flight, ${strays.length} others`,
    );
    isFine = strays.length === 0 && failures.length <= clients * deathsMs.length;
  });
  return isFine;
}

/** Changes the configuration and reloads it every second. */
async function reloads({ clients, seconds }: Options): Promise<boolean> {
  let isFine = false;
  await withSupervisor({}, async (supervised) => {
    let isOver = false;
    const busy = keepBusy(supervised.port(), clients, () => isOver);
    for (let turn = 0; turn < seconds; turn++) {
      await pause(1000);
      supervised.setConf(conf(`parameter workers 2\nparameter timeout ${1 + turn % 2}\n`));
      await supervised.supervisor.reload();
    }
    isOver = true;
    const { answers, failures } = await busy;
    const reloaded = supervised.messages.filter((text) => text.startsWith("reloaded")).length;
    console.log(
      `${reloaded} reloads: ${answers} answers, ${failures.length} failed (${failures[0]?.reason ?? "none"})`,
    );
    isFine = failures.length === 0;
  });
  return isFine;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function main(options: Options): Promise<number> {
  return await deaths(options) && await reloads(options) ? 0 : 1;
}

if (import.meta.main) Deno.exit(await runBenchmark("bench:lifecycle", OPTIONS, main));

/**
 * Load while workers die, and while the server reloads: how many requests fail. `deno task bench:lifecycle`
 * @module
 */

import { threadsOf } from "../src/process/thread.ts";
import { keepBusy, type LoadReport } from "../tests/process/load.ts";
import { conf, type Supervised, withSupervisor } from "../tests/process/supervised.ts";

/** A third of them connects for each request, a third keeps its connections, and a third pipelines. */
const CLIENTS = 64;

const DEATHS = 15;
const RELOADS = 100;

/** A failure so close to a death is one of a request that was in progress on the dead worker. */
const IN_PROGRESS_MS = 250;

/** Every two seconds a worker throws. These are more deaths than a server allows, so the limit is raised. */
async function deaths(): Promise<boolean> {
  const startThread = threadsOf(new URL("../tests/process/mortal_worker.ts", import.meta.url));
  const restarts = { deathsMax: 1000, delayMaxMs: 100 };
  let isFine = false;
  await withSupervisor({ startThread, restarts }, async (supervised) => {
    const deathsMs: number[] = [];
    const { answers, failures } = await load(supervised, async () => {
      for (let worker = 1; worker <= DEATHS; worker++) {
        await pause(2000);
        await supervised.decide("throw", worker);
        while (!supervised.messages.some((text) => text.startsWith(`worker ${worker} died`))) await pause(5);
        deathsMs.push(performance.now());
      }
    });
    const strays = failures.filter(({ atMs }) => !deathsMs.some((ms) => Math.abs(atMs - ms) < IN_PROGRESS_MS));
    console.log(`${DEATHS} workers died: ${answers} answers, ${failures.length} requests failed on a dead worker,`);
    console.log(`  and ${strays.length} others`);
    isFine = strays.length === 0 && failures.length <= CLIENTS * DEATHS;
  });
  return isFine;
}

/** One of two configurations takes the place of the other, again and again. Gives the number of failures. */
async function reloads(what: string, confOf: (turn: number) => string): Promise<number> {
  let failed = 0;
  await withSupervisor({ conf: confOf(0) }, async (supervised) => {
    const startMs = performance.now();
    const report = await load(supervised, async () => {
      for (let turn = 1; turn <= RELOADS; turn++) {
        supervised.setConf(confOf(turn));
        await supervised.supervisor.reload();
        await pause(50);
      }
    });
    const { answers, connections, failures } = report;
    const reloaded = supervised.messages.filter((text) => text.startsWith("reloaded")).length;
    const perSecond = (connections / (performance.now() - startMs) * 1000).toFixed(0);
    console.log(`${reloaded} reloads ${what}: ${answers} answers, ${failures.length} connections failed,`);
    console.log(`  at ${perSecond} new connections a second${describe(report)}`);
    failed = failures.length + RELOADS - reloaded;
  });
  return failed;
}

function describe({ failures }: LoadReport): string {
  const [first] = failures;
  return first === undefined ? "" : `; the first one (${first.habit}): ${first.reason}`;
}

/** Keeps the clients busy while `work` goes on. */
async function load(supervised: Supervised, work: () => Promise<void>): Promise<LoadReport> {
  let isOver = false;
  const busy = keepBusy(supervised.port(), CLIENTS, () => isOver);
  await work();
  isOver = true;
  return await busy;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const WORKERS = "parameter workers 2\n";

async function main(): Promise<number> {
  const isFine = await deaths();
  const same = await reloads(
    "without new permissions",
    (turn) => conf(`${WORKERS}parameter timeout ${4 + turn % 2}\n`),
  );
  // A folder inside the root would be no new permission.
  await reloads("with new workers", (turn) => conf(`${WORKERS}host b ROOT-${turn % 2}\n`));
  return isFine && same === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());

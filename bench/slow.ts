/**
 * Measures how much slow clients, or such that upload what nobody wants (200 by default), slow down a normal one. It compares the p99 of the normal client at the
 * server with the slow clients to its p99 at a second server on the same core, and alternates between the two every second.
 * So the third of a core that slowhttptest uses, and other programs on the machine, affect both figures.
 * Run it with `deno task bench:slow`. It needs slowhttptest and wrk, both from Debian.
 * @module
 */

import { fromFileUrl } from "@std/path";
import { count, CPUS, runBenchmark, type Values } from "./options.ts";
import { median, pause, withFolder } from "./own.ts";
import { type RunningServer, SERVERS, startServer } from "./servers.ts";
import { runWrk } from "./wrk.ts";

/** How many clients there are, for how long, and of which server. */
interface Load {
  readonly port: number;
  readonly clients: number;
  readonly seconds: number;
}

/** What the clients do, and the program that does it. */
interface Mode {
  readonly name: string;
  readonly command: (load: Load) => readonly string[];
}

const MODES: readonly Mode[] = [
  { name: "slow head", command: slowHttpTest("/1k.txt", "-H", "-i", "1") },
  { name: "slow content", command: slowHttpTest("/1k.txt", "-B", "-i", "1", "-s", "8192") },
  {
    name: "slow reading",
    command: slowHttpTest("/10m.bin", "-X", "-w", "512", "-y", "1024", "-n", "1", "-z", "32", "-k", "3"),
  },
  { name: "unwanted uploads", command: upload },
];

const OPTIONS = {
  clients: count("number of slow clients", 200, 1000),
  rounds: count("number of measurements of each server and mode", 12, 100),
  seconds: count("length of each measurement", 1, 60),
  cpus: CPUS,
};

type Options = Values<typeof OPTIONS>;

/** After this time all slow clients are connected. They stay, because the servers have no deadlines here. */
const SETTLE_MS = 2_000;

/** The request of the normal client, which uses one connection and sends one request after the other. */
const REQUEST = "GET /1k.txt HTTP/1.1\r\nHost: bench.example\r\n\r\n";

const TARGET = 2;

async function main(options: Options): Promise<number> {
  const assignment = { cpu: options.cpus.server, log: null };
  return await withFolder(async (root) => {
    await Deno.writeFile(`${root}/1k.txt`, new Uint8Array(1024).fill(97));
    await Deno.writeFile(`${root}/10m.bin`, new Uint8Array(10 * 1024 * 1024));
    await using running = await startServer(SERVERS[0]!, { ...assignment, root });
    await using other = await startServer(SERVERS[0]!, { ...assignment, root });
    let isFine = true;
    for (const mode of MODES) {
      const [beside, elsewhere]: [number[], number[]] = [[], []];
      {
        await using _ = slowClients(mode, running.port, options);
        await pause(SETTLE_MS);
        for (let round = 0; round < options.rounds; round++) {
          elsewhere.push(await p99Us(other, options));
          beside.push(await p99Us(running, options));
        }
      }
      const multiple = median(beside) / median(elsewhere);
      console.log(
        `${mode.name}: p99 ${median(beside).toFixed(0)} µs with ${options.clients} such clients, ${
          median(elsewhere).toFixed(0)
        } µs at ` +
          `the second server, ratio ${multiple.toFixed(2)}`,
      );
      isFine &&= multiple <= TARGET;
    }
    return isFine ? 0 : 1;
  });
}

/** The p99 of a normal client, in microseconds. */
async function p99Us({ port, pid }: RunningServer, { seconds, cpus }: Options): Promise<number> {
  return (await runWrk({ port, pid, cpu: cpus.load, connections: 1, seconds, requests: [REQUEST] })).p99Us;
}

/** Starts the clients. They get only CPU time that no other process needs (SCHED_IDLE). */
function slowClients({ command }: Mode, port: number, { clients, rounds, seconds }: Options): AsyncDisposable {
  const lastSeconds = Math.ceil(SETTLE_MS / 1000) + 2 * rounds * (seconds + 1);
  const child = new Deno.Command("chrt", {
    args: ["--idle", "0", ...command({ port, clients, seconds: lastSeconds })],
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      await child.status; // It ends after `lastSeconds`.
    },
  };
}

function slowHttpTest(target: string, ...args: string[]): Mode["command"] {
  return ({ port, clients, seconds }) => {
    const numbers = ["-c", `${clients}`, "-r", `${clients}`, "-l", `${seconds}`];
    return ["slowhttptest", ...numbers, ...args, "-u", `http://127.0.0.1:${port}${target}`];
  };
}

function upload({ port, clients, seconds }: Load): readonly string[] {
  const module = fromFileUrl(new URL("uploaders.ts", import.meta.url));
  return [Deno.execPath(), "run", "--no-prompt", "--allow-net", module, `${port}`, `${clients}`, `${seconds}`];
}

if (import.meta.main) Deno.exit(await runBenchmark("bench:slow", OPTIONS, main));

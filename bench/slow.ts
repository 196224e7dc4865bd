/**
 * What 200 slow clients cost a normal one: the p99 of its answers beside them, as a multiple of that alone.
 * `deno task bench:slow`, with slowhttptest and wrk, both from Debian.
 * @module
 */

import { median, pause, withFolder } from "./own.ts";
import { SERVERS, startServer } from "./servers.ts";
import { runWrk } from "./wrk.ts";

/** How slowhttptest is slow: with the head, with the content, with reading. */
const MODES = [
  { name: "head", args: ["-H", "-i", "1"], target: "/1k.txt" },
  { name: "content", args: ["-B", "-i", "1", "-s", "8192"], target: "/1k.txt" },
  { name: "reading", args: ["-X", "-w", "512", "-y", "1024", "-n", "1", "-z", "32", "-k", "3"], target: "/10m.bin" },
] as const;

const CLIENTS = 200;
const ROUNDS = 3;
const SECONDS = 4;

/** All slow clients are there by then, and none has run into a deadline at the end of the measurement. */
const SETTLE_MS = 2_000;

/** A normal client: one connection, one request after the other. */
const REQUEST = "GET /1k.txt HTTP/1.1\r\nHost: bench.example\r\n\r\n";

const TARGET = 2;

async function main(): Promise<number> {
  return await withFolder(async (root) => {
    await Deno.writeFile(`${root}/1k.txt`, new Uint8Array(1024).fill(97));
    await Deno.writeFile(`${root}/10m.bin`, new Uint8Array(10 * 1024 * 1024));
    await using running = await startServer(SERVERS[0]!, { root, log: null });
    const { port, pid } = running;
    const measure = async () =>
      (await runWrk({ port, pid, connections: 1, seconds: SECONDS, requests: [REQUEST] })).p99Us;
    await measure();
    let isFine = true;
    for (const { name, args, target } of MODES) {
      const [alone, beside]: [number[], number[]] = [[], []];
      for (let round = 0; round < ROUNDS; round++) {
        alone.push(await measure());
        await using _ = slowClients([...args, "-u", `http://127.0.0.1:${port}${target}`]);
        await pause(SETTLE_MS);
        beside.push(await measure());
      }
      const multiple = median(beside.map((us, round) => us / alone[round]!));
      console.log(
        `slow ${name}: p99 ${median(alone).toFixed(0)} µs alone, ${median(beside).toFixed(0)} µs beside ${CLIENTS}: ${
          multiple.toFixed(2)
        } times`,
      );
      isFine &&= multiple <= TARGET;
    }
    return isFine ? 0 : 1;
  });
}

/** slowhttptest keeps a third of a CPU busy all by itself: it gets only what nobody else wants (SCHED_IDLE). */
function slowClients(args: readonly string[]): AsyncDisposable {
  const seconds = Math.ceil(SETTLE_MS / 1000) + SECONDS + 2;
  const count = ["-c", `${CLIENTS}`, "-r", `${CLIENTS}`, "-l", `${seconds}`];
  const child = new Deno.Command("chrt", {
    args: ["--idle", "0", "slowhttptest", ...count, ...args],
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      await child.status; // It ends by itself.
    },
  };
}

if (import.meta.main) Deno.exit(await main());

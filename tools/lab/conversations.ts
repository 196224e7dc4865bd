/**
 * Checks of connections: split and joined requests, persistence, the sweep, and load.
 * @module
 */

import { closedLoop, type LoadResult, openLoop } from "../../bench/lab_load.ts";
import type { Bench, Group } from "./check.ts";
import { requestFor } from "./content.ts";
import { FILES, LARGE_BYTES } from "./site.ts";
import { Wire } from "./wire.ts";

/** A request that keeps the connection. */
function kept({ place }: Bench, target: string): string {
  return `GET ${target} HTTP/1.1\r\nHost: ${place.host}\r\n\r\n`;
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** The longest time between two checks of a server for idle connections, and some time for its machine. */
const SWEEP_SECONDS = 1.5;

/** The file is read so slowly that it takes this many timeouts. */
const SLOW_TIMEOUTS = 4;

/** Bytes of the large file that are read at a time, slowly. */
const SLOW_BYTES = 64 * 1024;

function hasTimeout({ timeoutSeconds }: Bench): boolean {
  return timeoutSeconds > 0;
}

/** Connections. */
export const CONVERSATIONS: readonly Group[] = [
  {
    title: "one accumulator for each connection",
    checks: [
      {
        name: "two requests follow each other on one connection",
        points: 2,
        run: async (bench) => {
          using wire = await Wire.open(bench.place);
          for (const name of ["a.txt", "style.css"] as const) {
            await wire.send(kept(bench, `/${name}`));
            const { content } = await wire.reply();
            if (content.length !== FILES[name].length) return `${name}: ${content.length} bytes`;
          }
          return null;
        },
      },
      {
        name: "a request that arrives byte by byte is answered",
        points: 2,
        run: async (bench) => {
          using wire = await Wire.open(bench.place);
          for (const char of requestFor(bench, "/a.txt")) {
            await wire.send(char);
            await pause(0.002);
          }
          const { status } = await wire.reply();
          return status === 200 ? null : `the status is ${status}`;
        },
      },
      {
        name: "three requests in one segment get three answers in order, and a remainder is kept",
        points: 3,
        run: async (bench) => {
          using wire = await Wire.open(bench.place);
          await wire.send(`${kept(bench, "/a.txt")}${kept(bench, "/none")}${kept(bench, "/style.css")}GET /a.t`);
          const statuses = [await wire.reply(), await wire.reply(), await wire.reply()].map(({ status }) => status);
          if (statuses.join() !== "200,404,200") return `the statuses are ${statuses.join()}`;
          await wire.send(`xt HTTP/1.1\r\nHost: ${bench.place.host}\r\n\r\n`);
          const { content } = await wire.reply();
          return content.length === FILES["a.txt"].length ? null : "the remainder is lost";
        },
      },
      {
        name: "half a request of one client delays no other client",
        points: 3,
        run: async (bench) => {
          using first = await Wire.open(bench.place);
          using second = await Wire.open(bench.place);
          await first.send("GET");
          await second.send(kept(bench, "/a.txt"));
          const other = await second.reply();
          if (other.status !== 200) return `the other client gets ${other.status}`;
          await first.send(` /a.txt HTTP/1.1\r\nHost: ${bench.place.host}\r\n\r\n`);
          const { status } = await first.reply();
          return status === 200 ? null : `the first client gets ${status}`;
        },
      },
      {
        name: "Connection: close ends the connection after the answer",
        points: 1,
        run: async (bench) => {
          using wire = await Wire.open(bench.place);
          await wire.send(requestFor(bench, "/a.txt"));
          await wire.reply();
          return await wire.isClosedWithin(2_000) ? null : "it stays open";
        },
      },
    ],
  },
  {
    title: "mark and sweep",
    checks: [
      {
        name: "an idle connection is closed after the timeout, while others are busy",
        points: 3,
        isPossible: hasTimeout,
        run: async (bench) => {
          using idle = await Wire.open(bench.place);
          using busy = await Wire.open(bench.place);
          let isOver = false;
          const asking = (async () => {
            for (; !isOver; await pause(0.1)) {
              await busy.send(kept(bench, "/style.css"));
              await busy.reply();
            }
          })();
          asking.catch(() => {}); // The rejection is awaited below.
          const startMs = performance.now();
          const isClosed = await idle.isClosedWithin((bench.timeoutSeconds + SWEEP_SECONDS) * 1000);
          const seconds = (performance.now() - startMs) / 1000;
          isOver = true;
          await asking;
          if (!isClosed) return `it is still open after ${seconds.toFixed(1)} seconds`;
          return seconds > bench.timeoutSeconds * 0.7 ? null : `it was closed after ${seconds.toFixed(1)} seconds`;
        },
      },
      {
        name: "half a request does not keep a connection open",
        points: 2,
        isPossible: hasTimeout,
        run: async (bench) => {
          using wire = await Wire.open(bench.place);
          await wire.send("GET / HT");
          return await wire.isClosedWithin((bench.timeoutSeconds + SWEEP_SECONDS) * 1000) ? null : "it is still open";
        },
      },
      {
        name: "a download that takes longer than the timeout is not cut off",
        points: 3,
        isPossible: hasTimeout,
        run: async (bench) => {
          using wire = await Wire.open(bench.place);
          await wire.send(requestFor(bench, "/large.bin"));
          const each = bench.timeoutSeconds * SLOW_TIMEOUTS / (LARGE_BYTES / SLOW_BYTES);
          let length = 0;
          for (let count = 1; count > 0; length += count) {
            count = await wire.discard(SLOW_BYTES);
            await pause(each);
          }
          return length >= LARGE_BYTES ? null : `it ended after ${length} of ${LARGE_BYTES} bytes`;
        },
      },
    ],
  },
  {
    title: "load",
    checks: [
      ...[10, 100].map((clients) => ({
        name: `${clients} clients ask for 1.7 MB all the time, and none fails`,
        points: 3,
        run: async ({ place, loadSeconds }: Bench) =>
          judge(await closedLoop({ ...place, target: "/large.bin" }, clients, loadSeconds)),
      })),
      {
        name: "550 new clients a second, and none fails",
        points: 3,
        run: async ({ place, loadSeconds }) => judge(await openLoop({ ...place, target: "/a.txt" }, 550, loadSeconds)),
      },
    ],
  },
];

function judge({ answers, failures }: LoadResult): string | null {
  if (answers === 0) return "no answer came";
  return failures.length === 0 ? null : `${failures.length} clients failed; the first: ${failures[0]}`;
}

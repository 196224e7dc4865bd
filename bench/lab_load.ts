/**
 * The lab's two load tests: persistent clients that request one file repeatedly, and new clients at a steady rate.
 * A client stops at its first failure. `deno task bench:lab` starts a server and runs both tests at the lab's full size.
 * @module
 */

import { withFolder, withOwnServer } from "./own.ts";

/** The result of a load test. It passes only if there are no failures. */
export interface LoadResult {
  readonly answers: number;
  readonly bytes: number;
  readonly failures: readonly string[];
}

/** Where to send requests: a port, of this machine unless there is a hostname, and a target. */
export interface Goal {
  readonly hostname?: string;
  readonly port: number;
  readonly target: string;
}

const LAB_FILE_BYTES = 1_700_000;

const HEAD_BYTES_MAX = 64 * 1024;

/** Keeps `clients` connections busy for `seconds`. */
export async function closedLoop(goal: Goal, clients: number, seconds: number): Promise<LoadResult> {
  const endMs = performance.now() + seconds * 1000;
  const isOver = () => performance.now() >= endMs;
  return total(await Promise.all(Array.from({ length: clients }, () => converse(goal, isOver))));
}

/** Opens `rate` new connections a second for `seconds`, and sends one request on each. */
export async function openLoop(goal: Goal, rate: number, seconds: number): Promise<LoadResult> {
  const startMs = performance.now();
  const arrivals: Promise<LoadResult>[] = [];
  while (arrivals.length < rate * seconds) {
    const due = Math.min(rate * seconds, (performance.now() - startMs) * rate / 1000);
    while (arrivals.length < due) arrivals.push(converse(goal, () => true));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return total(await Promise.all(arrivals));
}

/** Opens a connection, sends a request and reads its whole answer, and repeats this until `isOver`. */
async function converse({ hostname = "127.0.0.1", port, target }: Goal, isOver: () => boolean): Promise<LoadResult> {
  let answers = 0;
  let bytes = 0;
  try {
    using conn = await Deno.connect({ hostname, port });
    const request = new TextEncoder().encode(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    const buffer = new Uint8Array(256 * 1024);
    do {
      await conn.write(request);
      bytes += await readAnswer(conn, buffer);
      answers++;
    } while (!isOver());
    return { answers, bytes, failures: [] };
  } catch (error) {
    return { answers, bytes, failures: [String(error)] };
  }
}

/** Reads one 200 answer to its last byte. Returns the length of its content. */
async function readAnswer(conn: Deno.Conn, buffer: Uint8Array): Promise<number> {
  let first = await readSome(conn, buffer);
  let text = new TextDecoder("latin1").decode(first);
  while (!text.includes("\r\n\r\n") && first.length < HEAD_BYTES_MAX) { // Some servers send a head in pieces.
    first = buffer.subarray(0, first.length + (await readSome(conn, buffer.subarray(first.length))).length);
    text = new TextDecoder("latin1").decode(first);
  }
  const headEnd = text.indexOf("\r\n\r\n") + 4;
  const [, length] = /\r\nContent-Length: ([0-9]+)\r\n/i.exec(text.slice(0, headEnd)) ?? [];
  if (!text.startsWith("HTTP/1.1 200 ") || length === undefined) throw new Error(`Bad answer: ${text.slice(0, 80)}`);
  let rest = Number(length) - (first.length - headEnd);
  while (rest > 0) rest -= (await readSome(conn, buffer)).length;
  if (rest < 0) throw new Error(`${-rest} bytes follow the answer`);
  return Number(length);
}

async function readSome(conn: Deno.Conn, buffer: Uint8Array): Promise<Uint8Array> {
  const count = await conn.read(buffer);
  if (count === null) throw new Error("The server closed the connection");
  return buffer.subarray(0, count);
}

function total(results: readonly LoadResult[]): LoadResult {
  return {
    answers: results.reduce((sum, { answers }) => sum + answers, 0),
    bytes: results.reduce((sum, { bytes }) => sum + bytes, 0),
    failures: results.flatMap(({ failures }) => failures),
  };
}

async function main(): Promise<number> {
  return await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/large.jpg`, crypto.getRandomValues(new Uint8Array(50_000)));
    await Deno.truncate(`${folder}/large.jpg`, LAB_FILE_BYTES);
    await Deno.writeTextFile(`${folder}/web.conf`, `host default .\nparameter timeout 1\nparameter log off\n`);
    return await withOwnServer(folder, async (port) => {
      const large = { port, target: "/large.jpg" };
      let failures = report("10 clients for 10 s", await closedLoop(large, 10, 10));
      failures += report("100 clients for 10 s", await closedLoop(large, 100, 10));
      failures += report("550 new clients a second for 5 s", await openLoop({ port, target: "/web.conf" }, 550, 5));
      return failures === 0 ? 0 : 1;
    });
  });
}

function report(name: string, { answers, bytes, failures }: LoadResult): number {
  const [first = "none"] = failures;
  console.log(`${name}: ${answers} answers, ${(bytes / 1e6).toFixed(0)} MB, ${failures.length} failures (${first})`);
  return failures.length;
}

if (import.meta.main) Deno.exit(await main());

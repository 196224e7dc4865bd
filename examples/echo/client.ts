/**
 * An echo client: sends each line of standard input and prints the echo. Ends at an empty line or at the end of the input.
 * @module
 */

import { concat } from "@std/bytes/concat";
import { chunks, connect, ConnectError, explainError, type Socket, writeAll } from "../../src/mod.ts";
import { portNumber, readArguments, runProgram } from "../arguments.ts";

const USAGE = "usage: echo_client [-s HOST] [-p PORT]   (localhost, port 3000)";

/** A longer line is sent in pieces, so that the program never holds more than this. */
const LINE_BYTES_MAX = 64 * 1024;

const LF = 0x0a;

Deno.exit(
  await runProgram(USAGE, async () => {
    const { flags } = readArguments(Deno.args, { string: ["s", "p"] });
    const address = { hostname: String(flags["s"] ?? "localhost"), port: portNumber(flags["p"], 3000, 1) };
    try {
      const socket = await connect(address);
      try {
        return await converse(socket);
      } finally {
        socket.close();
      }
    } catch (error) {
      console.error(error instanceof ConnectError ? error.message : `the connection failed: ${explainError(error)}`);
      return 1;
    }
  }),
);

async function converse(socket: Socket): Promise<number> {
  const isTerminal = Deno.stdin.isTerminal();
  await prompt(isTerminal);
  for await (const line of lines()) {
    if (line.length === 1 && line[0] === LF) break;
    await Promise.all([writeAll(socket, line), printEcho(socket, line.length)]);
    await prompt(isTerminal);
  }
  return 0;
}

async function prompt(isTerminal: boolean): Promise<void> {
  if (isTerminal) await writeAll(Deno.stdout, new TextEncoder().encode("% "));
}

/** Reads and prints `length` bytes. The echo of one line may arrive in several reads. */
async function printEcho(socket: Socket, length: number): Promise<void> {
  const buffer = new Uint8Array(Math.min(length, LINE_BYTES_MAX));
  for (let left = length; left > 0;) {
    const count = await socket.read(buffer.subarray(0, left));
    if (count === null) throw new Error(`the server ended the connection with ${left} bytes of the echo missing`);
    await writeAll(Deno.stdout, buffer.subarray(0, count));
    left -= count;
  }
}

/** Lines of standard input, each with its LF. The last line may have no LF. */
async function* lines(): AsyncGenerator<Uint8Array, void, void> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks(Deno.stdin, LINE_BYTES_MAX)) {
    rest = concat([rest, chunk]);
    for (let end = rest.indexOf(LF); end >= 0; end = rest.indexOf(LF)) {
      yield rest.subarray(0, end + 1);
      rest = rest.subarray(end + 1);
    }
    if (rest.length < LINE_BYTES_MAX) continue;
    yield rest;
    rest = new Uint8Array(0);
  }
  if (rest.length > 0) yield rest;
}

/**
 * A client that sends a byte a second, to see the accumulator fill and deadlines pass.
 * @module
 */

import { readArguments, runProgram, UsageError } from "./arguments.ts";
import { pause, type Peer, readAddress, withPeer } from "./peer.ts";
import { unescape } from "./typed.ts";

const USAGE = `usage: trickle HOST:PORT [--text TEXT] [--every SECONDS]
  --text    what to send (a request for /); \\r \\n \\t \\xHH \\\\ are bytes
  --every   seconds between two bytes, 0.01 to 60 (1)`;

Deno.exit(
  await runProgram(USAGE, async () => {
    const { words, flags } = readArguments(Deno.args, { string: ["text", "every"] });
    const address = readAddress(words);
    const text = String(flags["text"] ?? `GET / HTTP/1.1\\r\\nHost: ${address.hostname}\\r\\n\\r\\n`);
    const bytes = unescape(text);
    if (typeof bytes === "string") throw new UsageError(bytes);
    const seconds = readSeconds(flags["every"]);
    return await withPeer(address, (peer) => trickle(peer, bytes, seconds));
  }),
);

function readSeconds(word: unknown): number {
  const seconds = word === undefined ? 1 : Number(word);
  if (seconds >= 0.01 && seconds <= 60) return seconds;
  throw new UsageError(`"${word}" is not a number of seconds from 0.01 to 60`);
}

/** Sends byte by byte until the server closes, and waits for that after the last byte. */
async function trickle(peer: Peer, bytes: Uint8Array, seconds: number): Promise<void> {
  const listening = peer.listen();
  for (const byte of bytes) {
    if (peer.isOver) return;
    await peer.send(Uint8Array.of(byte));
    await pause(seconds, () => peer.isOver);
  }
  await listening;
}

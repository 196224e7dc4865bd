/**
 * A client that sends and never reads, to see flow control: the buffers between both programs fill up, and the server
 * can write no more. Ends when the server closes the connection.
 * @module
 */

import { readArguments, runProgram } from "./arguments.ts";
import { type Peer, readAddress, withPeer } from "./peer.ts";

const USAGE = `usage: deaf HOST:PORT [--get PATH]   (sends lines of dots; --get: requests for PATH)`;

/** Bytes of one write. */
const WRITE_BYTES = 64 * 1024;

const REPORT_MS = 1_000;

Deno.exit(
  await runProgram(USAGE, async () => {
    const { words, flags } = readArguments(Deno.args, { string: ["get"] });
    const address = readAddress(words);
    const path = flags["get"] === undefined ? null : String(flags["get"]);
    const unit = path === null ? `${".".repeat(63)}\n` : `GET ${path} HTTP/1.1\r\nHost: ${address.hostname}\r\n\r\n`;
    const bytes = new TextEncoder().encode(unit.repeat(Math.ceil(WRITE_BYTES / unit.length)));
    return await withPeer(address, (peer) => send(peer, bytes));
  }),
);

/** Sends until the server closes the connection, which a write notices. Prints once a second how far it came. */
async function send(peer: Peer, bytes: Uint8Array): Promise<void> {
  let [sent, reported] = [0, -1];
  const report = setInterval(() => {
    if (sent === reported) return;
    peer.say(`sent ${sent.toLocaleString("en")} bytes, read none`);
    reported = sent;
  }, REPORT_MS);
  try {
    for (let at = 0;; at %= bytes.length) {
      const count = await peer.socket.write(bytes.subarray(at));
      at += count;
      sent += count;
    }
  } finally {
    clearInterval(report);
    peer.say(`sent ${sent.toLocaleString("en")} bytes in all, and read none`);
  }
}

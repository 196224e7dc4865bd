/**
 * Clients of an echo server that check every returned byte without storing the sent ones.
 */

import { connect } from "../../src/net/connect.ts";
import { chunks } from "../../src/net/chunks.ts";
import { writeEach } from "../../src/net/write_each.ts";
import { randomFrom } from "../feed.ts";

/** What to send. */
export interface Echoing {
  readonly port: number;
  /** Number of bytes on each connection. */
  readonly bytes: number;
  readonly seed: number;
  /** Maximum length of a piece. Most pieces are short. */
  readonly pieceBytesMax: number;
}

/** Sends bytes and compares the returned ones. Resolves to their number. Throws at the first difference. */
export async function echoOnce({ port, bytes, seed, pieceBytesMax }: Echoing): Promise<number> {
  const socket = await connect({ hostname: "127.0.0.1", port });
  try {
    const sent = writeEach(socket, pieces(bytes, pieceBytesMax, seed)).then(() => socket.closeWrite());
    let received = 0;
    const expected = octets(seed);
    for await (const chunk of chunks(socket)) {
      for (const octet of chunk) {
        if (octet !== expected()) throw new Error(`byte ${received} differs from the sent one`);
        received++;
      }
    }
    await sent;
    return received;
  } finally {
    socket.close();
  }
}

/** The same octets for the same seed: a linear congruential generator's upper bits. */
function octets(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state >>> 24;
  };
}

function* pieces(bytes: number, bytesMax: number, seed: number): Generator<Uint8Array> {
  const next = octets(seed);
  const random = randomFrom(seed);
  for (let left = bytes; left > 0;) {
    const piece = new Uint8Array(Math.min(left, 1 + Math.floor(random() ** 3 * bytesMax)));
    for (let at = 0; at < piece.length; at++) piece[at] = next();
    yield piece;
    left -= piece.length;
  }
}

/**
 * Ways to split a stream into chunks, one for each read.
 */

import type { Random } from "../simulation/random.ts";

/** More chunks find no more mistakes, and are slow. */
const CHUNKS_MAX = 1000;

/** Splits at random positions, mostly close together and near line ends, because parsers change their state there. */
export function cutRandomly(bytes: Uint8Array, random: Random): Uint8Array[] {
  const lengthMin = Math.ceil(bytes.length / CHUNKS_MAX);
  const lengthMax = random.pick([1, 2, 3, 7, 50, 1000, Infinity]);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = random.chance(0.3)
      ? lineEndAfter(bytes, at) - at + random.integer(-2, 1)
      : random.integer(1, bytes.length);
    const count = Math.max(lengthMin, Math.min(size, lengthMax));
    chunks.push(bytes.subarray(at, at + count));
    at += count;
  }
  return chunks;
}

function lineEndAfter(bytes: Uint8Array, from: number): number {
  const lf = bytes.indexOf(0x0a, from);
  return lf < 0 ? bytes.length : lf + 1;
}

/** A hash of the bytes (FNV-1a). As a seed it makes all random choices depend on the input, so that it can be replayed. */
export function seedOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const octet of bytes) hash = Math.imul(hash ^ octet, 0x01000193);
  return hash >>> 0;
}

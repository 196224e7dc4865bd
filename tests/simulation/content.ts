/**
 * The content of files: slices of one long array of random letters. So a test notices misplaced bytes, nothing needs to be
 * copied, and codings make it shorter by a quarter.
 */

import { Random } from "./random.ts";

/** Maximum length of a file. */
export const CONTENT_BYTES_MAX = 5 * 1024 * 1024;

const NOISE_BYTES = 2 * CONTENT_BYTES_MAX;

const noise = makeNoise();

function makeNoise(): Uint8Array {
  const random = new Random(0);
  const words = new Uint32Array(NOISE_BYTES / 4);
  for (let at = 0; at < words.length; at++) words[at] = 0x20202020 + (random.bits() & 0x3f3f3f3f);
  return new Uint8Array(words.buffer);
}

/** A random start for the content of a file. A file of maximum length fits behind it. */
export function someOffset(random: Random): number {
  return random.integer(0, NOISE_BYTES - CONTENT_BYTES_MAX);
}

/** `length` bytes from `offset`. */
export function contentAt(offset: number, length: number): Uint8Array {
  return noise.subarray(offset, offset + length);
}

/**
 * Minimises failing bytes: removes bytes that the failure does not need, then replaces the others by plain ones if possible.
 */

import { concat } from "@std/bytes/concat";

/** More tries, or more time, rarely improve the result. */
const TRIES_MAX = 5000;
const TIME_MAX_MS = 15_000;

/** The smallest bytes for which `fails` is true that were found. `fails` must be true for `bytes`. */
export async function minimise(
  bytes: Uint8Array,
  fails: (candidate: Uint8Array) => Promise<boolean>,
): Promise<Uint8Array> {
  let smallest = bytes;
  let tries = 0;
  const endMs = performance.now() + TIME_MAX_MS;
  const isOver = () => tries >= TRIES_MAX || performance.now() > endMs;
  const attempt = async (candidate: Uint8Array): Promise<boolean> => {
    tries++;
    if (!await fails(candidate)) return false;
    smallest = candidate;
    return true;
  };
  for (let size = Math.ceil(bytes.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < smallest.length && !isOver();) {
      const isGone = await attempt(concat([smallest.subarray(0, at), smallest.subarray(at + size)]));
      if (!isGone) at += size;
    }
  }
  for (let at = 0; at < smallest.length && !isOver(); at++) {
    if (PLAIN.includes(smallest[at]!)) continue;
    const plain = smallest.slice();
    plain[at] = PLAIN[0]!;
    await attempt(plain);
  }
  return smallest;
}

/** Octets that are not replaced. All others are replaced by the first one if possible. */
const PLAIN = [..."a \r\n:/"].map((char) => char.charCodeAt(0));

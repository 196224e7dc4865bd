/**
 * Makes bytes that fail smaller: takes away what is not needed for the failure, then makes plain what is left.
 */

import { join } from "../feed.ts";

/** Trying more, or for longer, gains little. */
const TRIES_MAX = 5000;
const TIME_MAX_MS = 15_000;

/** The smallest bytes found that `fails` is still true for; it is for `bytes`. */
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
      const isGone = await attempt(join([smallest.subarray(0, at), smallest.subarray(at + size)]));
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

/** `a`, and what already says what it stands for. */
const PLAIN = [..."a \r\n:/"].map((char) => char.charCodeAt(0));

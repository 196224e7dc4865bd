/**
 * Numbers to a short name for them, so that what the file system keeps of a file can tell its states apart without being
 * shown: inode numbers are nobody's business.
 * @module
 */

/** Room for numbers, and the same as words of 32 bits. */
const numbers = new Float64Array(8);
const words = new Uint32Array(numbers.buffer);

/** 16 hexadecimal digits for up to eight numbers: other ones for other numbers, but for one chance in 2^64. Not for secrets. */
export function hashOf(values: readonly number[]): string {
  if (values.length > numbers.length) throw new RangeError(`More than ${numbers.length} numbers`);
  // What is no number may have several forms in memory, and what is infinite has one.
  for (let at = 0; at < values.length; at++) numbers[at] = Number.isNaN(values[at]) ? Infinity : values[at]!;
  const count = 2 * values.length;
  return hex(murmur(count, 0x9747b28c)) + hex(murmur(count, 0x3c6ef372));
}

/** MurmurHash3 for x86, 32 bits, over the first `count` words. */
function murmur(count: number, seed: number): number {
  let hash = seed;
  for (let at = 0; at < count; at++) {
    const mixed = Math.imul(rotate(Math.imul(words[at]!, 0xcc9e2d51), 15), 0x1b873593);
    hash = Math.imul(rotate(hash ^ mixed, 13), 5) + 0xe6546b64;
  }
  hash ^= 4 * count;
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return hash ^ hash >>> 16;
}

function rotate(word: number, bits: number): number {
  return word << bits | word >>> 32 - bits;
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}

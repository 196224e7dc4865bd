/**
 * A short hash of numbers, for entity tags. It identifies a state of a file without revealing the numbers, because
 * inode numbers are not public.
 * @module
 */

/** The numbers to hash, and the same memory as words of 32 bits. */
const numbers = new Float64Array(8);
const words = new Uint32Array(numbers.buffer);

/** Hashes up to eight numbers to 16 hexadecimal digits. Collisions have a probability of 2^-64. Not for secrets. */
export function hashOf(values: readonly number[]): string {
  if (values.length > numbers.length) throw new RangeError(`More than ${numbers.length} numbers`);
  // `NaN` may have several forms in memory, so it is replaced by infinity, which has one.
  for (let at = 0; at < values.length; at++) numbers[at] = Number.isNaN(values[at]) ? Infinity : values[at]!;
  const count = 2 * values.length;
  return hex(murmur(count, 0x9747b28c)) + hex(murmur(count, 0x3c6ef372));
}

/** A number that differs for nearly all other bytes (FNV-1a over words of 32 bits). Not for secrets. */
export function checksumOf(bytes: Uint8Array<ArrayBuffer>): number {
  const rest = bytes.length % 4;
  const isAligned = bytes.byteOffset % 4 === 0;
  const copy = isAligned ? bytes : bytes.slice();
  let sum = bytes.length ^ 0x811c9dc5;
  for (const word of new Uint32Array(copy.buffer, copy.byteOffset, (bytes.length - rest) / 4)) {
    sum = Math.imul(sum ^ word, 0x01000193);
  }
  for (const octet of bytes.subarray(bytes.length - rest)) sum = Math.imul(sum ^ octet, 0x01000193);
  return sum;
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

/**
 * Mutations of bytes: they turn a valid message into one from a careless or hostile sender. Knows bytes; not their meaning.
 */

import { concat } from "@std/bytes/concat";
import type { Random } from "../simulation/random.ts";

/** Other inputs of a mutation. */
export interface Material {
  /** Other messages to combine with. */
  readonly corpus: readonly Uint8Array[];
  /** Byte sequences with a meaning, such as names of fields. */
  readonly dictionary: readonly Uint8Array[];
  /** Maximum length of a mutant. */
  readonly bytesMax: number;
}

/** Longer than every limit of a head, so longer messages would find no more mistakes. */
export const MUTANT_BYTES_MAX = 80 * 1024;

/** The lowest limit of the server. */
const LIMIT_BYTES_MIN = 4096;

/** Octets at the borders of the classes that parsers distinguish. */
const EDGE_OCTETS = [...'\0\x01\x08\t\n\v\f\r\x1b\x1f !"#%&()*,-./09:;<=?@AZ[\\]_az{|}~\x7f\x80\x85\xa0\xff']
  .map((char) => char.charCodeAt(0));

/** Numbers at the limits of common integer types and of the server. */
const EDGE_NUMBERS =
  "0 1 2 7 8 9 10 15 16 63 64 65 99 100 101 127 128 255 256 4095 4096 4097 8191 8192 8193 32767 32768 " +
  "65535 65536 65537 2147483647 2147483648 4294967295 4294967296 9007199254740991 9007199254740992 9007199254740993 " +
  "18446744073709551615 18446744073709551616 99999999999999999999999999999999 -1 +1 0x10 1e3 00 1.5";

type Mutation = (bytes: Uint8Array, random: Random, material: Material) => Uint8Array;

const MUTATIONS: readonly (readonly [weight: number, mutation: Mutation])[] = [
  [2, flipBit],
  [4, setOctet],
  [4, removeSpan],
  [3, duplicateSpan],
  [1, repeatSpan],
  [1, repeatOctet],
  [1, repeatAtLimit],
  [8, insertToken],
  [4, overwriteWithToken],
  [4, replaceLine],
  [2, truncate],
  [2, crossOver],
  [3, insertOther],
  [2, swapSpans],
  [4, changeNumber],
  [2, toggleCase],
  [3, moveLine],
];

/** Makes up to eight changes, mostly few, and sometimes none, so that valid messages occur, too. */
export function mutate(bytes: Uint8Array, random: Random, material: Material): Uint8Array {
  let mutant = bytes;
  for (let left = random.weigh([[1, 0], [8, 1], [6, 2], [3, 4], [1, 8]]); left > 0; left--) {
    mutant = random.weigh(MUTATIONS)(mutant, random, material);
  }
  return mutant.subarray(0, material.bytesMax);
}

function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  const flipped = bytes.slice();
  if (bytes.length > 0) flipped[random.integer(0, bytes.length - 1)]! ^= 1 << random.integer(0, 7);
  return flipped;
}

function setOctet(bytes: Uint8Array, random: Random): Uint8Array {
  const changed = bytes.slice();
  if (bytes.length > 0) changed[random.integer(0, bytes.length - 1)] = random.pick(EDGE_OCTETS);
  return changed;
}

function removeSpan(bytes: Uint8Array, random: Random): Uint8Array {
  const [first, end] = span(bytes, random);
  return replace(bytes, first, end, NOTHING);
}

function duplicateSpan(bytes: Uint8Array, random: Random): Uint8Array {
  const [first, end] = span(bytes, random);
  return replace(bytes, end, end, bytes.subarray(first, end));
}

function repeatSpan(bytes: Uint8Array, random: Random): Uint8Array {
  const [first, end] = span(bytes, random);
  return replace(bytes, end, end, repeated(bytes.subarray(first, end), random.integer(2, 150)));
}

/** Repeats one octet more often than any parser permits digits in a number. */
function repeatOctet(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length === 0) return bytes;
  const at = random.integer(0, bytes.length - 1);
  return replace(bytes, at, at, repeated(bytes.subarray(at, at + 1), random.integer(16, 40)));
}

/** Repeats a part until it is a little shorter or longer than a limit. The limits are powers of two. */
function repeatAtLimit(bytes: Uint8Array, random: Random, { bytesMax }: Material): Uint8Array {
  const [first, end] = span(bytes, random, 4);
  const limits = [LIMIT_BYTES_MIN, 8192, 32768, 65536].filter((limit) => limit < bytesMax);
  if (first === end || limits.length === 0) return bytes;
  const size = random.pick(limits) + random.integer(-60, 4);
  const fill = repeated(bytes.subarray(first, end), Math.ceil(size / (end - first))).subarray(0, size);
  return replace(bytes, end, end, fill);
}

function insertToken(bytes: Uint8Array, random: Random, { dictionary }: Material): Uint8Array {
  const at = random.chance(0.4) ? lineStart(bytes, random) : random.integer(0, bytes.length);
  return replace(bytes, at, at, random.pick(dictionary));
}

function overwriteWithToken(bytes: Uint8Array, random: Random, { dictionary }: Material): Uint8Array {
  const token = random.pick(dictionary);
  const at = random.integer(0, bytes.length);
  return replace(bytes, at, Math.min(bytes.length, at + token.length), token);
}

/** Replaces a line by a token, or by a line of another message. */
function replaceLine(bytes: Uint8Array, random: Random, { corpus, dictionary }: Material): Uint8Array {
  const first = lineStart(bytes, random);
  const other = random.pick(corpus);
  const from = lineStart(other, random);
  const line = random.chance(0.5) ? random.pick(dictionary) : other.subarray(from, lineEnd(other, from));
  return replace(bytes, first, lineEnd(bytes, first), line);
}

function truncate(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.integer(0, bytes.length);
  return random.chance(0.8) ? bytes.slice(0, at) : bytes.slice(at);
}

function crossOver(bytes: Uint8Array, random: Random, { corpus }: Material): Uint8Array {
  const other = random.pick(corpus);
  return concat([bytes.subarray(0, random.integer(0, bytes.length)), other.subarray(random.integer(0, other.length))]);
}

function insertOther(bytes: Uint8Array, random: Random, { corpus }: Material): Uint8Array {
  const other = random.pick(corpus);
  const [first, end] = random.chance(0.3) ? [0, other.length] : span(other, random, 64);
  const at = random.pick([0, bytes.length, random.integer(0, bytes.length)]);
  return replace(bytes, at, at, other.subarray(first, end));
}

function swapSpans(bytes: Uint8Array, random: Random): Uint8Array {
  const [first, end] = span(bytes, random);
  const [from, to] = span(bytes, random);
  if (first > from || end > from) return bytes;
  const [left, middle, right] = [bytes.subarray(first, end), bytes.subarray(end, from), bytes.subarray(from, to)];
  return concat([bytes.subarray(0, first), right, middle, left, bytes.subarray(to)]);
}

/** Adds a small number to a number in the bytes, or replaces it by one of `EDGE_NUMBERS`. */
function changeNumber(bytes: Uint8Array, random: Random): Uint8Array {
  const numbers = [...toText(bytes.subarray(0, 16 * 1024)).matchAll(/[0-9]+/g)];
  if (numbers.length === 0) return bytes;
  const { 0: digits, index } = random.pick(numbers);
  const nearby = (BigInt(digits.slice(0, 40)) + BigInt(random.integer(-2, 2))).toString();
  const number = random.chance(0.4) ? nearby : random.pick(EDGE_NUMBERS.split(" "));
  return replace(bytes, index, index + digits.length, toBytes(number));
}

function toggleCase(bytes: Uint8Array, random: Random): Uint8Array {
  const [first, end] = span(bytes, random, 12);
  const toggled = bytes.slice();
  for (let at = first; at < end; at++) if (/[a-z]/i.test(String.fromCharCode(bytes[at]!))) toggled[at]! ^= 0x20;
  return toggled;
}

/** Moves or copies a line to another position. */
function moveLine(bytes: Uint8Array, random: Random): Uint8Array {
  const lines = toText(bytes).split("\r\n");
  const from = random.integer(0, lines.length - 1);
  const line = lines[from]!;
  if (random.chance(0.5)) lines.splice(from, 1);
  lines.splice(random.integer(0, lines.length), 0, line);
  return toBytes(lines.join("\r\n"));
}

/** The start of a random line. */
function lineStart(bytes: Uint8Array, random: Random): number {
  return lineEnd(bytes, random.integer(0, bytes.length)) % Math.max(1, bytes.length);
}

/** The end of the line that contains `at`: the position after its LF. */
function lineEnd(bytes: Uint8Array, at: number): number {
  const lf = bytes.indexOf(0x0a, at);
  return lf < 0 ? bytes.length : lf + 1;
}

const NOTHING = new Uint8Array(0);

/** A random part of the bytes, mostly a short one. */
function span(bytes: Uint8Array, random: Random, lengthMax: number = bytes.length): [first: number, end: number] {
  const first = random.integer(0, bytes.length);
  const length = random.chance(0.7) ? random.integer(0, 8) : random.integer(0, lengthMax);
  return [first, Math.min(bytes.length, first + Math.min(length, lengthMax))];
}

function replace(bytes: Uint8Array, first: number, end: number, by: Uint8Array): Uint8Array {
  return concat([bytes.subarray(0, first), by, bytes.subarray(end)]);
}

function repeated(bytes: Uint8Array, times: number): Uint8Array {
  const count = Math.min(times, Math.ceil(MUTANT_BYTES_MAX / Math.max(1, bytes.length)));
  return concat(Array.from({ length: count }, () => bytes));
}

/** Converts bytes to text with one character per byte. */
export function toText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

/** The inverse of `toText`. */
export function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

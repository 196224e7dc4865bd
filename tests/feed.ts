/**
 * Feeds bytes to a reader over an accumulator, cut in every way that a network may cut them: whole, byte by byte,
 * between bytes of other requests, and at random. What comes out and what is consumed may not depend on it.
 * @module
 */

import { concat } from "@std/bytes/concat";
import { assertEquals } from "@std/assert";
import { Accumulator } from "../src/net/accumulator.ts";
import { latin1Bytes } from "../src/http/syntax.ts";

/**
 * Looks at what has come and consumes what it is done with. `"partial"`: call again when more has come; a number: refused
 * with that status.
 */
export type Reader<Outcome> = (input: Accumulator) => Outcome | "partial";

/** What a reader made of a message, and how many of its bytes it consumed. */
export interface Fed<Outcome> {
  readonly outcome: Outcome | "partial";
  readonly consumed: number;
}

/** Small, so that messages make the accumulator move and grow. */
const SIZES = { minBytes: 16, maxBytes: 256 * 1024 };

const BEFORE = latin1Bytes("HEAD /before HTTP/1.1\r\nHost: before.example\r\n\r\n");
const BEHIND = latin1Bytes("GET /behind HTTP/1.1\r\nHost: behind.example\r\n\r\n");

const NOTHING = new Uint8Array(0);

const RANDOM_SPLITS = 4;

/**
 * Feeds `message` in every way to a new reader each and gives what all of them agree on; fails where two do not.
 * Nothing is put behind a message that is not complete, because that would complete it. Of a refused one only the outcome
 * is compared: nobody reads on behind it.
 */
export function feed<Outcome>(newReader: () => Reader<Outcome>, message: string | Uint8Array): Fed<Outcome> {
  const bytes = typeof message === "string" ? latin1Bytes(message) : message;
  const whole = run(newReader(), [bytes]);
  const isComplete = whole.outcome !== "partial";
  const others: [way: string, Fed<Outcome>][] = [[
    "byte by byte",
    run(newReader(), [NOTHING, ...splitEvery(bytes, 1)]),
  ]];
  const behind = isComplete ? BEHIND : NOTHING;
  others.push(["between others", run(newReader(), [concat([bytes, behind])], BEFORE)]);
  for (let seed = 1; seed <= RANDOM_SPLITS; seed++) {
    const chunks = splitRandomly(concat([bytes, behind]), randomFrom(seed));
    others.push([`cut at random, seed ${seed}`, run(newReader(), chunks)]);
  }
  if (isComplete) others.push(["with bytes behind", run(newReader(), [concat([bytes, BEHIND])])]);
  for (const [way, fed] of others) {
    assertEquals(fed.outcome, whole.outcome, `${way}, the outcome differs from that of the whole`);
    if (isComplete && !isRefused(fed.outcome)) {
      assertEquals(fed.consumed, whole.consumed, `${way}, other bytes are consumed than of the whole`);
    }
  }
  return whole;
}

function isRefused(outcome: unknown): boolean {
  return typeof outcome === "number";
}

/** Hands out chunk after chunk until the reader is done. `before` comes with the first of them and is consumed already. */
function run<Outcome>(read: Reader<Outcome>, chunks: readonly Uint8Array[], before = NOTHING): Fed<Outcome> {
  const input = new Accumulator(SIZES);
  receive(input, before);
  let outcome: Outcome | "partial" = "partial";
  let received = 0;
  for (const chunk of chunks) {
    receive(input, chunk);
    if (received === 0) input.consume(before.length);
    received += chunk.length;
    outcome = read(input);
    if (outcome !== "partial") break;
  }
  return { outcome, consumed: received - input.length };
}

/** Puts `bytes` into the accumulator as reads from a socket would. */
export function receive(input: Accumulator, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    const space = input.space();
    if (space.length === 0) throw new Error("The accumulator is full");
    const part = bytes.subarray(at, at + space.length);
    space.set(part);
    input.commit(part.length);
    at += part.length;
  }
}

export function splitEvery(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}

function splitRandomly(bytes: Uint8Array, random: () => number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = 1 + Math.floor(random() ** 3 * bytes.length); // Mostly small ones.
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

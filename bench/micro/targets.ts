/**
 * Measures how long it takes to find the parsed target of a request among those of earlier ones: always the same
 * target, and 10,000 at random. The figures decide how `TargetCache` in `src/http/h1/requests.ts` is laid out. Run it
 * with `deno run bench/micro/targets.ts`.
 * @module
 */

import { parseHead, RequestHead } from "../../src/http/h1/head.ts";
import { TargetCache } from "../../src/http/h1/requests.ts";
import { Accumulator } from "../../src/net/accumulator.ts";

const TARGETS = 10_000;
const LOOK_UPS = 200_000;
const PASSES = 7;

function headFor(target: string, host: string): RequestHead {
  const input = new Accumulator({ minBytes: 256, maxBytes: 256 });
  input.commit(new TextEncoder().encodeInto(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`, input.space()).written);
  const head = new RequestHead();
  if (parseHead(input, head) !== "complete") throw new Error("The head is not complete");
  return head;
}

/** Writes five digits, so that one head in the processor's cache serves for all targets, as in the server. */
function writeDigits(bytes: Uint8Array, first: number, number: number): void {
  let rest = number;
  for (let at = first + 4; at >= first; at--) {
    bytes[at] = 0x30 + rest % 10;
    rest = Math.floor(rest / 10);
  }
}

/** Nanoseconds for one look-up in the fastest of the passes. `count`: how many values the five digits take. */
function measure(head: RequestHead, count: number): string {
  const cache = new TargetCache(32_768);
  const digits = head.bytes.indexOf(DIGIT);
  let best = Infinity;
  let number = 1;
  for (let pass = 0; pass < PASSES; pass++) {
    const beforeMs = performance.now();
    for (let times = 0; times < LOOK_UPS; times++) {
      number = number * 48_271 % 0x7fffffff; // A generator of random numbers that costs little.
      writeDigits(head.bytes, digits, number % count);
      cache.parse(head);
    }
    best = Math.min(best, performance.now() - beforeMs);
  }
  return (best * 1e6 / LOOK_UPS).toFixed(0);
}

const DIGIT = "0".charCodeAt(0);
const target = headFor("/pages/00000/index.html", "bench.example");
console.log(`one target: ${measure(target, 1)} ns a look-up`);
console.log(`10,000 targets: ${measure(target, TARGETS)} ns a look-up`);
console.log(`10,000 hosts: ${measure(headFor("/index.html", "h00000.example"), TARGETS)} ns a look-up`);

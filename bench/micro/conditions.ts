/**
 * Measures how long it takes to find out that a request revalidates a file, for the forms in which clients and caches
 * name its tag. The figures decide which forms `src/http/semantics/conditional.ts` reads without making strings. Run it
 * with `deno run bench/micro/conditions.ts`.
 * @module
 */

import { parseHead, RequestHead } from "../../src/http/h1/head.ts";
import { evaluate, namesValidator } from "../../src/http/semantics/conditional.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { Accumulator } from "../../src/net/accumulator.ts";

const REQUESTS = 200_000;
const PASSES = 7;
const NOW_MS = Date.UTC(2026, 10, 28);

const ETAG = '"19e5a2f3c80-400-2a1f"';
const DATE = "Sun, 06 Nov 1994 08:49:37 GMT";
const VALIDATOR = { etag: ETAG, modifiedMs: 784_111_777_000 };
const OCTETS = { etag: latin1Bytes(ETAG), lastModified: latin1Bytes(DATE), modifiedMs: VALIDATOR.modifiedMs };

function headWith(fieldLine: string): RequestHead {
  const input = new Accumulator({ minBytes: 512, maxBytes: 512 });
  input.commit(
    new TextEncoder().encodeInto(`GET / HTTP/1.1\r\nHost: a\r\n${fieldLine}\r\n\r\n`, input.space()).written,
  );
  const head = new RequestHead();
  if (parseHead(input, head) !== "complete") throw new Error("The head is not complete");
  return head;
}

/** Nanoseconds for one request in the fastest of the passes. */
function measure(head: RequestHead): string {
  let best = Infinity;
  for (let pass = 0; pass < PASSES; pass++) {
    const beforeMs = performance.now();
    for (let times = 0; times < REQUESTS; times++) {
      const isUnchanged = namesValidator(head, OCTETS) || evaluate(head, VALIDATOR, NOW_MS) === "not modified";
      if (!isUnchanged) throw new Error("The request does not name the tag");
    }
    best = Math.min(best, performance.now() - beforeMs);
  }
  return (best * 1e6 / REQUESTS).toFixed(0);
}

const lines = [
  `If-None-Match: ${ETAG}`,
  `If-None-Match: W/${ETAG}`,
  `If-None-Match: "19e5a2f3c80-3f0-11aa", "19e5a2f3c80-3f1-22bb", ${ETAG}`,
  "If-None-Match: *",
  `If-Modified-Since: ${DATE}`,
];
for (const line of lines) console.log(`${line}: ${measure(headWith(line))} ns`);

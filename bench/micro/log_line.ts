/**
 * Measures what one line of the access log costs in a worker: making it, and bringing it into a batch. The figures decide
 * how `src/log/access.ts` and `src/log/sink.ts` are built. Run it with `deno run bench/micro/log_line.ts`.
 * @module
 */

import { parseHead, RequestHead } from "../../src/http/h1/head.ts";
import { accessFormat } from "../../src/log/access.ts";
import { BatchSink } from "../../src/log/sink.ts";
import { Accumulator } from "../../src/net/accumulator.ts";

const LINES = 50_000;
const PASSES = 7;
const WALL_MS = Date.UTC(2026, 10, 28);

const BROWSER = [
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36\r\n",
  "Referer: http://bench.example/some/page.html\r\n",
].join("");

function headWith(fields: string): RequestHead {
  const input = new Accumulator({ minBytes: 4096, maxBytes: 4096 });
  const text = `GET /pages/article-17.html HTTP/1.1\r\nHost: bench.example\r\n${fields}\r\n`;
  input.commit(new TextEncoder().encodeInto(text, input.space()).written);
  const head = new RequestHead();
  if (parseHead(input, head) !== "complete") throw new Error("The head is not complete");
  return head;
}

/** Microseconds for one line in the fastest of the passes. */
function measure(useLine: (durationMs: number) => void): string {
  let best = Infinity;
  for (let pass = 0; pass < PASSES; pass++) {
    const beforeMs = performance.now();
    for (let line = 0; line < LINES; line++) useLine((line % 900) / 1000);
    best = Math.min(best, performance.now() - beforeMs);
  }
  return (best * 1000 / LINES).toFixed(2);
}

for (const [client, fields] of [["wrk", ""], ["a browser", BROWSER]] as const) {
  const head = headWith(fields);
  for (const name of ["combined", "json"] as const) {
    const format = accessFormat(name);
    const sink = new BatchSink(() => {});
    const line = (durationMs: number) =>
      format({
        peer: { transport: "tcp", hostname: "127.0.0.1", port: 50_000 },
        isSecure: false,
        head,
        servedBy: "default",
        user: null,
        status: 200,
        coding: null,
        contentBytes: 1024,
        durationMs,
        problem: null,
      }, WALL_MS);
    const text = measure((durationMs) => void line(durationMs));
    const batch = measure((durationMs) => sink.write(line(durationMs), WALL_MS));
    sink.flush();
    console.log(`${client}, ${name}: ${text} us to make a line, ${batch} us to make it and bring it into a batch`);
  }
}

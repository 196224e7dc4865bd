/** The line that says what a server is doing, and its numbers. */

import { assertEquals } from "@std/assert";
import { LiveLine, NO_TRAFFIC, sumTraffic } from "../../src/log/live.ts";
import { formatBytes, formatRate } from "../../src/log/units.ts";

Deno.test("LiveLine.next() says what has happened since the sample before", () => {
  const line = new LiveLine();
  assertEquals(line.next({ open: 2, requests: 100, sentBytes: 1e6 }, 5_000, 80), "");
  assertEquals(
    line.next({ open: 3, requests: 3_500, sentBytes: 4e6 }, 6_000, 80),
    "3 connections, 3,400 requests/s, 3.0 MB/s",
  );
  assertEquals(
    line.next({ open: 1, requests: 3_501, sentBytes: 4e6 }, 8_000, 80),
    "1 connection, 0.5 requests/s, 0 B/s",
  );
});

Deno.test("LiveLine.next() is not negative after a worker has ended", () => {
  const line = new LiveLine();
  line.next({ open: 2, requests: 100, sentBytes: 1e6 }, 0, 80);
  assertEquals(line.next(NO_TRAFFIC, 1_000, 80), "0 connections, 0 requests/s, 0 B/s");
});

Deno.test("LiveLine.next() fits the terminal", () => {
  const line = new LiveLine();
  line.next(NO_TRAFFIC, 0, 80);
  assertEquals(line.next(NO_TRAFFIC, 1_000, 14), "0 connections");
  assertEquals(line.next(NO_TRAFFIC, 2_000, 0), "");
});

Deno.test("sumTraffic() adds the counts of all threads", () => {
  const one = { open: 1, requests: 2, sentBytes: 3 };
  assertEquals(sumTraffic([one, one]), { open: 2, requests: 4, sentBytes: 6 });
  assertEquals(sumTraffic([]), NO_TRAFFIC);
});

for (
  const [bytes, text] of [
    [0, "0 B"],
    [999, "999 B"],
    [1_000, "1.0 kB"],
    [1_234, "1.2 kB"],
    [9_960, "10 kB"],
    [999_400, "999 kB"],
    [999_600, "1.0 MB"],
    [123_456_789, "123 MB"],
    [5e9, "5.0 GB"],
    [2e15, "2.0 PB"],
    [5e18, "5000 PB"],
  ] as const
) {
  Deno.test(`formatBytes() of ${bytes} is ${text}`, () => assertEquals(formatBytes(bytes), text));
}

for (
  const [rate, text] of [[0, "0"], [0.5, "0.5"], [3, "3"], [9.94, "9.9"], [9.96, "10"], [12_345.6, "12,346"]] as const
) {
  Deno.test(`formatRate() of ${rate} is ${text}`, () => assertEquals(formatRate(rate), text));
}

/** Parts of a representation: each gets the same answer whether its head is shared with others or its own. */

import { assertEquals } from "@std/assert";
import { dateValue } from "../../src/http/date.ts";
import { http } from "../../src/http/h1/conversation.ts";
import { PartHead } from "../../src/http/h1/part_head.ts";
import { OUTBOX_BYTES } from "../../src/http/h1/outbox.ts";
import type { Handler } from "../../src/http/handler.ts";
import { bytesContent, type KnownResponse, NO_CONTENT, partOf, share } from "../../src/http/response.ts";
import type { ByteRange } from "../../src/http/byte_range.ts";
import { latin1, latin1Bytes } from "../../src/http/syntax.ts";
import { converse, CountedContent, request, StoppedClock, talk, WALL_MS } from "./conversation.ts";

const TEMPLATE: KnownResponse = {
  status: 206,
  lastModified: dateValue(WALL_MS),
  fields: [["Content-Type", "text/plain"], ["ETag", '"a"']],
  content: NO_CONTENT,
};

/** More than a part of this length needs, and as many digits as a length can have. */
const COMPLETE_LENGTH = Number.MAX_SAFE_INTEGER;

/** First positions and lengths with every number of digits, and with each digit more than their neighbours. */
const RANGES: readonly ByteRange[] = [
  0,
  9,
  10,
  99,
  100,
  12_345,
  2 ** 31 - 1,
  2 ** 32,
  10 ** 15,
  COMPLETE_LENGTH - 200_000,
]
  .flatMap((first) =>
    [1, 9, 10, 99, 100, 1234, OUTBOX_BYTES, 150_000].map((length) => ({ first, last: first + length - 1 }))
  );

const REQUESTS = [
  request("GET /"),
  request("GET / HTTP/1.0", "Connection: keep-alive"),
  request("HEAD /"),
];

const METHODS = RANGES.flatMap(() => ["GET", "GET", "HEAD"]);

/** Answers the next request with the next part, each three times. */
function partsOf(template: KnownResponse, make: (bytes: Uint8Array) => KnownResponse["content"]): Handler {
  let count = 0;
  return () => {
    const range = RANGES[Math.floor(count++ / REQUESTS.length) % RANGES.length]!;
    const bytes = Uint8Array.from({ length: range.last - range.first + 1 }, (_, index) => 32 + (index + count) % 90);
    return partOf(template, { ...range, completeLength: COMPLETE_LENGTH }, make(bytes));
  };
}

for (
  const [where, make] of [["in memory", bytesContent], [
    "in a file",
    (bytes: Uint8Array) => new CountedContent(bytes),
  ]] as const
) {
  Deno.test(`http() sends parts ${where} whose head is shared like parts with heads of their own`, async () => {
    const script = [...RANGES.flatMap(() => REQUESTS), request("GET /", "Connection: close")];
    const [own, shared] = await Promise.all(
      [TEMPLATE, share(TEMPLATE)].map((template) =>
        converse(script, { handler: partsOf(template, make), methods: METHODS })
      ),
    );
    assertEquals(shared!.socket.written, own!.socket.written);
    assertEquals(shared!.answers.length, script.length);
    assertEquals(shared!.answers[3]?.field("content-range"), `bytes 0-8/${COMPLETE_LENGTH}`);
  });
}

Deno.test("http() dates each part when it is sent, and tells no time of modification after that", async () => {
  const clock = new StoppedClock();
  const template = share({ ...TEMPLATE, lastModified: dateValue(WALL_MS + 2000) });
  const protocol = http(partsOf(template, bytesContent), { clock });
  const dates: (string | null)[][] = [];
  for (let second = 0; second < 4; second++, clock.advance(1000)) {
    const { answers } = await talk(protocol, [request("GET /")], { clock });
    dates.push(["date", "last-modified"].map((name) => answers[0]!.field(name)!.slice(20, 25)));
  }
  assertEquals(dates, [["49:37", "49:37"], ["49:38", "49:38"], ["49:39", "49:39"], ["49:40", "49:39"]]);
});

Deno.test("PartHead writes only where the head of its range stands", () => {
  const head =
    "HTTP/1.1 206 Partial Content\r\nDate: (date)\r\nContent-Range: bytes 1-3/99\r\nContent-Length: 3\r\nA: b\r\n\r\n";
  const template = new PartHead(head);
  for (
    const [range, numbers, length] of [[{ first: 1, last: 3 }, "1-3", 3], [{ first: 8, last: 97 }, "8-97", 90]] as const
  ) {
    const into = latin1Bytes("x".repeat(200));
    template.write(range, latin1Bytes("(DATE)"), into, 5);
    const written = head.replace("(date)", "(DATE)").replace("1-3", numbers).replace("Length: 3", `Length: ${length}`);
    assertEquals(template.lengthFor(range), written.length);
    assertEquals(latin1(into, 0, 200), "xxxxx" + written + "x".repeat(195 - written.length));
  }
});

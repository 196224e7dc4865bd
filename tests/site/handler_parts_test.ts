/** Files over HTTP: conditional requests and ranges, in the order of RFC 9110, section 13.2.2, and extreme sizes. */

import { assertEquals, assertMatch } from "@std/assert";
import { type Answer, asking } from "./asking.ts";
import { withFolder } from "../files/folder.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const DIGITS = "0123456789".repeat(200);
const MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT";
const BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT";
const AFTER = "Sun, 06 Nov 1994 08:49:38 GMT";

/** Requests a file of 2000 digits, modified 400 ms after MODIFIED. `ETAG` in a field stands for its tag. */
async function askFor(requestLine: string, ...fields: readonly string[]): Promise<Answer> {
  let answer: Answer | undefined;
  await withFolder(async (folder) => {
    folder.write("digits.txt", DIGITS);
    Deno.utimeSync(`${folder.root}/digits.txt`, 784_111_777.4, 784_111_777.4);
    const { ask, disk } = asking(folder.root);
    const etag = (await ask("GET /digits.txt HTTP/1.1")).fields["ETag"]!;
    answer = await ask(requestLine, ...fields.map((field) => field.replaceAll("ETAG", etag)));
    assertEquals(disk.openFiles, 0);
  });
  return answer!;
}

const GET = "GET /digits.txt HTTP/1.1";
const HEAD = "HEAD /digits.txt HTTP/1.1";

for (
  const [status, ...fields] of [
    [304, "If-None-Match: ETAG"],
    [304, "If-None-Match: W/ETAG"],
    [304, 'If-None-Match: "a,b", ETAG'],
    [304, "If-None-Match: *"],
    [200, 'If-None-Match: "other"'],
    [200, 'If-None-Match: "other"', `If-Modified-Since: ${AFTER}`],
    [304, `If-Modified-Since: ${MODIFIED}`],
    [304, `If-Modified-Since: ${AFTER}`],
    [200, `If-Modified-Since: ${BEFORE}`],
    [200, "If-Modified-Since: yesterday"],
    [200, "If-Match: ETAG"],
    [200, "If-Match: *"],
    [412, 'If-Match: "other"'],
    [412, "If-Match: W/ETAG"],
    [412, 'If-Match: "other"', "If-None-Match: ETAG"],
    [412, 'If-Match: "other"', "Range: bytes=0-9"],
    [304, "If-Match: ETAG", "If-None-Match: ETAG"],
    [200, "If-Match: ETAG", `If-Unmodified-Since: ${BEFORE}`],
    [200, `If-Unmodified-Since: ${MODIFIED}`],
    [412, `If-Unmodified-Since: ${BEFORE}`],
    [304, "If-None-Match: ETAG", "Range: bytes=0-9"],
  ] as const
) {
  Deno.test(`${fields.join(" and ")} is answered with ${status}`, async () => {
    assertEquals((await askFor(GET, ...fields)).status, status);
    if (!fields.some((field) => field.startsWith("Range"))) {
      assertEquals((await askFor(HEAD, ...fields)).status, status);
    }
  });
}

Deno.test("a 304 has the entity tag and for how long it holds, and neither content nor its type", async () => {
  const { fields, length } = await askFor(GET, "If-None-Match: ETAG");
  assertEquals([Object.keys(fields), length], [["ETag", "Cache-Control", "Vary"], 0]);
});

Deno.test("conditions do not change an answer that is not 200 without them", async () => {
  const fields = ["If-None-Match: *", 'If-Match: "other"', "Range: bytes=0-9"];
  assertEquals((await askFor("GET /gone.txt HTTP/1.1", ...fields)).status, 404);
  assertEquals((await askFor("POST /digits.txt HTTP/1.1", ...fields)).status, 405);
});

Deno.test("a changed file fails all conditions on its old validators", async () => {
  await withFolder(async (folder) => {
    folder.write("a.txt", "one");
    Deno.utimeSync(`${folder.root}/a.txt`, 1000, 1000);
    const { ask } = asking(folder.root);
    const { ETag: etag } = (await ask("GET /a.txt HTTP/1.1")).fields;
    folder.write("a.txt", "two");
    const { status, text } = await ask("GET /a.txt HTTP/1.1", `If-None-Match: ${etag}`);
    assertEquals([status, text], [200, "two"]);
  });
});

for (
  const [range, first, last] of [
    ["bytes=0-999", 0, 999],
    ["bytes=0-0", 0, 0],
    ["bytes=1500-1599", 1500, 1599],
    ["bytes=1990-", 1990, 1999],
    ["bytes=1990-5000", 1990, 1999],
    ["bytes=-7", 1993, 1999],
    ["bytes=-5000", 0, 1999],
    ["bytes=0-", 0, 1999],
    ["Bytes=5-9", 5, 9],
    ["bytes=5000-, 5-9", 5, 9],
  ] as const
) {
  Deno.test(`Range: ${range} is answered with the bytes ${first} to ${last}`, async () => {
    const { status, fields, length, text } = await askFor(GET, `Range: ${range}`);
    assertEquals([status, length, text], [206, last - first + 1, DIGITS.slice(first, last + 1)]);
    const { ETag: _, ...others } = fields;
    assertEquals(others, {
      "Content-Type": "text/plain; charset=utf-8",
      "Content-Range": `bytes ${first}-${last}/2000`,
      "Last-Modified": MODIFIED,
      "Cache-Control": "no-cache",
      "Vary": "Accept-Encoding",
    });
  });
}

for (const range of ["bytes=2000-", "bytes=5000-6000", "bytes=-0", "bytes=2000-, -0"]) {
  Deno.test(`Range: ${range} is answered with 416 and the length`, async () => {
    const { status, fields, length } = await askFor(GET, `Range: ${range}`);
    assertEquals([status, fields["Content-Range"], length > 0], [416, "bytes */2000", true]);
  });
}

for (const range of ["bytes=9-5", "bytes=a-b", "bytes=", "bytes", "lines=1-2", "bytes=-", "bytes=0-1;2-3"]) {
  Deno.test(`Range: ${range} is ignored`, async () => {
    const { status, length } = await askFor(GET, `Range: ${range}`);
    assertEquals([status, length], [200, 2000]);
  });
}

Deno.test("Range is ignored for other methods than GET", async () => {
  const { status, length } = await askFor(HEAD, "Range: bytes=0-9");
  assertEquals([status, length], [200, 2000]);
});

Deno.test("several ranges are answered with one part each, in the order of the request", async () => {
  const { status, fields, text } = await askFor(GET, "Range: bytes=-3, 0-4,100-100");
  assertEquals([status, fields["Content-Range"]], [206, undefined]);
  const [, boundary] = /^multipart\/byteranges; boundary=([0-9A-Za-z-]+)$/.exec(fields["Content-Type"]!)!;
  const part = (range: string, bytes: string) =>
    `--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes ${range}/2000\r\n\r\n${bytes}\r\n`;
  assertEquals(text, `${part("1997-1999", "789")}${part("0-4", "01234")}${part("100-100", "0")}--${boundary}--\r\n`);
});

Deno.test("each multipart answer has another boundary", async () => {
  const [one, two] = [await askFor(GET, "Range: bytes=0-1,3-4"), await askFor(GET, "Range: bytes=0-1,3-4")];
  assertMatch(one.fields["Content-Type"]!, /boundary=/);
  assertEquals(one.fields["Content-Type"] === two.fields["Content-Type"], false);
});

for (
  const [ifRange, status] of [
    ["ETAG", 206],
    ['"other"', 200],
    ["W/ETAG", 200],
    [MODIFIED, 206],
    [BEFORE, 200],
    [AFTER, 200],
    ["yesterday", 200],
  ] as const
) {
  Deno.test(`If-Range: ${ifRange} makes a range ${status === 206 ? "count" : "be ignored"}`, async () => {
    assertEquals((await askFor(GET, "Range: bytes=0-9", `If-Range: ${ifRange}`)).status, status);
  });
}

Deno.test("an unsatisfiable range is ignored if If-Range is false", async () => {
  assertEquals((await askFor(GET, "Range: bytes=5000-", 'If-Range: "other"')).status, 200);
});

Deno.test("a 206 after If-Range has no Last-Modified, because the client already has it", async () => {
  const { fields } = await askFor(GET, "Range: bytes=0-9", "If-Range: ETAG");
  assertEquals(Object.keys(fields).sort(), ["Cache-Control", "Content-Range", "Content-Type", "ETag", "Vary"]);
});

Deno.test("an empty file has empty content and no ranges", async () => {
  await withFolder(async (folder) => {
    folder.write("empty.txt", "");
    const { ask } = asking(folder.root);
    const whole = await ask("GET /empty.txt HTTP/1.1");
    assertEquals([whole.status, whole.length, whole.fields["Content-Type"]], [200, 0, "text/plain; charset=utf-8"]);
    for (const range of ["0-", "0-0", "5-9", "-0", "-5", "0-0,2-3"]) {
      const { status, length, fields } = await ask("GET /empty.txt HTTP/1.1", `Range: bytes=${range}`);
      assertEquals([status, length, fields["Content-Range"]], [200, 0, undefined], range);
    }
  });
});

Deno.test("a file of more than 4 GiB is served to its last byte", async () => {
  await withFolder(async (folder) => {
    const length = 5 * 2 ** 30;
    folder.write("large.bin", "");
    const file = Deno.openSync(`${folder.root}/large.bin`, { write: true });
    file.truncateSync(length);
    file.seekSync(length - 3, Deno.SeekMode.Start);
    file.writeSync(new TextEncoder().encode("end"));
    file.close();
    const { ask } = asking(folder.root);
    assertEquals((await ask("HEAD /large.bin HTTP/1.1")).length, length);
    for (const range of ["bytes=-3", `bytes=${length - 3}-`, `bytes=${length - 3}-${length * 2}`]) {
      const { status, fields, text } = await ask("GET /large.bin HTTP/1.1", `Range: ${range}`);
      assertEquals([status, fields["Content-Range"], text], [
        206,
        `bytes ${length - 3}-${length - 1}/${length}`,
        "end",
      ]);
    }
  });
});

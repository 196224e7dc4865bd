/**
 * Captures of HTTP/2: secrets are hidden, the bytes stay as long as they were, and they can be replayed.
 */

import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { encodeFields } from "../../src/http/h2/hpack_encoder.ts";
import { HpackDecoder } from "../../src/http/h2/hpack_decoder.ts";
import { FrameMasker } from "../../src/http/h2/secrets.ts";
import { run, ServerProcess } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";
import { toText } from "./octets.ts";
import { read } from "./talking.ts";
import { data, frame, get, ping, PREFACE, settings } from "./wire.ts";

const isSecret = (name: string) => name === "cookie" || name === "authorization";

/** A request whose secrets are literals with and without Huffman's code, and one that is put into the table. */
const indexed = Uint8Array.from([0x60, 4, 0x61, 0x3d, 0x31, 0x32]); // cookie: a=12, to be remembered
const REQUEST = concat([
  get(1).subarray(9),
  encodeFields([["authorization", "Basic c2VjcmV0OnNlY3JldA=="], ["x-open", "shown"]]),
  indexed,
  Uint8Array.from([0x7e, 3, 0x62, 0x3d, 0x33]), // The name of that entry again: b=3
]);

/** The fields of all blocks in frames. */
function fieldsOf(bytes: Uint8Array): string[] {
  const decoder = new HpackDecoder(4096);
  const fields: string[] = [];
  const field = (name: Uint8Array, value: Uint8Array) => void fields.push(`${toText(name)}: ${toText(value)}`);
  assertEquals(decoder.decode(bytes, 9, bytes.length, { field }), null);
  return fields;
}

for (const size of [1, 7, 1000]) {
  Deno.test(`the masker hides the values of secret fields in chunks of ${size} bytes`, () => {
    const masker = new FrameMasker(isSecret);
    const all = frame("HEADERS", 5, 1, REQUEST);
    const parts: Uint8Array[] = [];
    for (let at = 0; at < all.length; at += size) parts.push(masker.mask(all.subarray(at, at + size)));
    const masked = concat(parts);
    assertEquals(masked.length, all.length);
    assertEquals(fieldsOf(masked).slice(4).map((line) => line.replace(/x{2,}/, "X")), [
      "authorization: X",
      "x-open: shown",
      "cookie: X",
      "cookie: X",
    ]);
  });
}

Deno.test("the masker hides secrets in a block of several frames, with padding and a priority", () => {
  const block = concat([Uint8Array.of(2, 0, 0, 0, 0, 9), REQUEST.subarray(0, 50), Uint8Array.of(0, 0)]);
  const bytes = concat([
    ping(),
    frame("HEADERS", 1 | 8 | 0x20, 1, block),
    frame("CONTINUATION", 4, 1, REQUEST.subarray(50)),
    data(1, "cookie"),
  ]);
  const masked = new FrameMasker(isSecret).mask(bytes);
  assertEquals([masked.length, toText(masked).includes("a=12"), toText(masked).includes("shown")], [
    bytes.length,
    false,
    false,
  ]);
  assert(toText(masked).endsWith("cookie"));
});

Deno.test("the masker hides everything behind bytes that it cannot read", () => {
  const masked = new FrameMasker(isSecret).mask(
    concat([ping(), frame("HEADERS", 5, 1, Uint8Array.of(0xbe, 0x61, 0x62))]),
  );
  assertEquals(toText(masked.subarray(17)), "x".repeat(12));
  const masker = new FrameMasker(isSecret);
  assertEquals(toText(masker.mask(frame("DATA", 0, 1, new Uint8Array(0), 0xffffff))), "x".repeat(9));
  assertEquals(toText(masker.mask(REQUEST.subarray(0, 3))), "xxx");
});

Deno.test("a captured connection of HTTP/2 shows no secrets, and its replay gives the same answers", async () => {
  using folder = new TempFolder();
  folder.write("web.conf", "host default .\nparameter timeout 1\nparameter h2c on\n");
  await Deno.utime(folder.write("a.txt", "content of a"), 1_000_000_000, 1_000_000_000);
  {
    const options = { cwd: folder.path, permissions: ["--allow-write"] };
    await using server = await ServerProcess.start(["--capture", "one.capture"], options);
    using socket = await Deno.connect({ port: server.port });
    await socket.write(
      concat([PREFACE, settings(), frame("HEADERS", 5, 1, REQUEST), get(3, "/a.txt", "cookie: secret=1")]),
    );
    const received: Uint8Array[] = [];
    while (!toText(concat(received)).includes("content of a")) {
      const chunk = new Uint8Array(4096);
      received.push(chunk.subarray(0, await socket.read(chunk) ?? 0));
    }
    assertEquals(read(concat(received)).answers.get(3)?.content, "content of a");
    socket.closeWrite();
    while (await socket.read(new Uint8Array(4096)) !== null);
    server.signal("SIGTERM");
    await server.ended();
  }
  const text = await Deno.readTextFile(`${folder.path}/one.capture`);
  assert(!text.includes("secret=1") && !text.includes("a=12"));
  folder.write("web.conf", "host default .\nparameter timeout 1\n"); // A capture of a TLS connection has no h2c either.
  const replayed = await run(["replay", "one.capture"], { cwd: folder.path });
  assertEquals([replayed.code, replayed.stderr], [0, ""]);
});

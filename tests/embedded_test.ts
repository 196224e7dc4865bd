/** What `deno compile` embedded, read from bytes made by hand: whole, cut anywhere, and changed anywhere. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "./fast_check.ts";
import { describeEmbedded, type Embedded, readEmbedded } from "../src/cli/embedded.ts";
import { PROGRAM_TIME } from "../tools/packages.ts";
import { craft, SETTINGS, TREE } from "./tools/crafted.ts";

function read(bytes: Uint8Array<ArrayBuffer>): Embedded {
  const embedded = readEmbedded(bytes);
  if (typeof embedded === "string") throw new Error(embedded);
  return embedded;
}

Deno.test("readEmbedded() finds permissions, features, entry point and arguments", () => {
  const { permissions, prompt, features, entryPoint, argv } = read(craft({ ...SETTINGS, argv: ["-c", "x"] }, TREE));
  assertEquals([permissions["allow_read"], permissions["allow_env"], prompt], [["web.conf", "www"], null, false]);
  assertEquals([features, entryPoint, argv], [["net", "worker-options"], "main.ts", ["-c", "x"]]);
});

Deno.test("readEmbedded() finds each file with its path and its bytes", () => {
  const { files } = read(craft(SETTINGS, TREE));
  assertEquals(files.map(({ path }) => path), Object.keys(TREE));
  assertEquals(files.map(({ bytes }) => new TextDecoder().decode(bytes)), Object.values(TREE));
  assertEquals(new Set(files.map(({ timeMs }) => timeMs)), new Set([PROGRAM_TIME.getTime()]));
});

Deno.test("readEmbedded() takes what stands behind the magic words, not the runtime's own text", () => {
  assertEquals(read(craft(SETTINGS, TREE, '{"argv":[],"permissions":{}}')).entryPoint, "main.ts");
});

Deno.test("readEmbedded() of what is no executable of deno compile says so", () => {
  for (const text of ["", "x", '{"argv":[]}', "d3n0l4nd", "#!/bin/sh\n"]) {
    assertMatch(String(readEmbedded(new TextEncoder().encode(text))), /^nothing is embedded/);
  }
});

Deno.test("readEmbedded() of bytes that were cut anywhere tells why, and never throws", () => {
  const bytes = craft(SETTINGS, TREE, "");
  for (let length = 0; length < bytes.length - "d3n0l4nd".length; length++) {
    assertEquals(typeof readEmbedded(bytes.slice(0, length)), "string", `${length} of ${bytes.length} bytes`);
  }
});

Deno.test("readEmbedded() of bytes that were changed anywhere either reads or tells why", () => {
  const bytes = craft(SETTINGS, TREE, "");
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const changed = bytes.slice();
      for (const [at, octet] of changes) changed[at] = octet;
      readEmbedded(changed);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("readEmbedded() refuses files that reach beyond what is there", () => {
  const tree = JSON.stringify([{ File: { n: "main.ts", o: [0, 4], t: PROGRAM_TIME.getTime() } }]);
  const bytes = craft(SETTINGS, { "main.ts": "main" }, "");
  const text = Array.from(bytes, (octet) => String.fromCharCode(octet)).join("");
  const reaching = text.replace(tree, tree.replace("[0,4]", "[9,4]"));
  assert(reaching !== text);
  const latin1 = Uint8Array.from(reaching, (character) => character.charCodeAt(0));
  assertMatch(String(readEmbedded(latin1)), /malformed: a file at \[9,4\]/);
});

Deno.test("describeEmbedded() tells each kind of permission in words", () => {
  const text = describeEmbedded(read(craft(SETTINGS, TREE)));
  assertMatch(text, /^read +web\.conf, www$/m);
  assertMatch(text, /^write +nothing$/m);
  assertMatch(text, /^import +nothing$/m);
  assertMatch(text, /^prompts +no$/m);
  assertMatch(text, /^starts +main\.ts$/m);
});

Deno.test("describeEmbedded() calls an empty list everything, but what is denied", () => {
  const permissions = { ...SETTINGS.permissions, allow_read: [], deny_read: ["/etc"], allow_net: [], prompt: true };
  const text = describeEmbedded(read(craft({ ...SETTINGS, permissions }, TREE)));
  assertMatch(text, /^read +everything but \/etc$/m);
  assertMatch(text, /^net +everything$/m);
  assertMatch(text, /^prompts +yes/m);
});

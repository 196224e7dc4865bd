/** Names with a special meaning on some platforms. */

import { assertEquals } from "@std/assert";
import fc from "../fast_check.ts";
import {
  areServed,
  type DotFiles,
  type Platform,
  rejectedNameReason,
  type RejectionReason,
} from "../../src/files/names.ts";

function reasonFor(
  segment: string,
  platform: Platform,
  index = 1,
  dotFiles: DotFiles = "hidden",
): RejectionReason | null {
  return rejectedNameReason({ segment, index }, platform, dotFiles);
}

const ON_WINDOWS: Readonly<Record<RejectionReason, readonly string[]>> = {
  "hidden": [".git", ".htaccess", ".env", "..", ".", ".well-known", ".GIT"],
  "drive or stream": [
    "C:",
    "c:",
    "C:windows",
    "file.txt::$DATA",
    "file.txt:stream",
    "file.txt:stream:$DATA",
    "www:$I30:$INDEX_ALLOCATION",
    "NUL:",
    ":",
  ],
  "forbidden character": ["a*b", "what?", "a<b", "a>b", 'a"b', "a|b", "a\\b", "a/b", "a\x00b", "a\x1fb", "tab\t"],
  "device": [
    "CON",
    "con",
    "Con",
    "CON.txt",
    "con.tar.gz",
    "CON .txt",
    "PRN",
    "AUX",
    "aux.html",
    "NUL",
    "nul.txt",
    "COM1",
    "com9.log",
    "COM0",
    "COM\u00b9",
    "COM\u00b2.txt",
    "LPT1",
    "lpt\u00b3",
    "CONIN$",
    "conout$",
    "CONOUT$.txt",
    "CLOCK$",
  ],
  "trailing dot or blank": ["file.txt.", "file.txt..", "file.txt ", "file.txt. .", "CON.", "NUL ", "folder "],
  "short name": [
    "GIT~1",
    "git~1",
    "WEB~1.CON",
    "PROGRA~1",
    "LONGFI~2.TXT",
    "a~1",
    "A~1234",
    "~1",
    "~1.x",
    "TEXTFI~1.h",
  ],
  "ignored character": [],
  "not UTF-8": ["\ud83d", "a\udcff"],
};

for (const [expected, segments] of Object.entries(ON_WINDOWS)) {
  Deno.test(`rejectedNameReason() on Windows: ${expected}`, () => {
    for (const segment of segments) assertEquals(reasonFor(segment, "windows"), expected, JSON.stringify(segment));
  });
}

Deno.test("rejectedNameReason() accepts names that only resemble special names of Windows", () => {
  const harmless = [
    "console.html",
    "CONS",
    "com.txt",
    "com10.txt",
    "COM",
    "nullable.js",
    "a.con",
    "my.nul",
    "auxiliary",
    "file~.txt",
    "file~1backup.txt",
    "a-very-long-name~1.txt",
    "a~1.jpeg",
    "~user",
    "a b.txt",
    "a..b",
    "\u00fcbung.html",
    "index.html",
  ];
  for (const segment of harmless) assertEquals(reasonFor(segment, "windows"), null, segment);
});

Deno.test("rejectedNameReason() on macOS: characters that its file system ignores", () => {
  for (const segment of ["\u200c.git", "g\u200dit", "\ufeff.env", "a\u2060b", "\u202e.htaccess"]) {
    assertEquals(reasonFor(segment, "darwin"), "ignored character", JSON.stringify(segment));
  }
  assertEquals(reasonFor(".g\u200cit", "darwin"), "hidden");
});

Deno.test("rejectedNameReason() accepts special names on other systems", () => {
  const names = Object.values(ON_WINDOWS).flat().filter((name) => !name.startsWith(".") && name.isWellFormed());
  for (const segment of [...names, "\u200c.git"]) assertEquals(reasonFor(segment, "linux"), null, segment);
  for (const segment of names) assertEquals(reasonFor(segment, "darwin"), null, segment);
});

Deno.test("rejectedNameReason() refuses names that are not UTF-8, because the runtime would open another name", () => {
  for (const platform of ["windows", "darwin", "linux"] as const) {
    assertEquals(reasonFor("lat\udce9.txt", platform), "not UTF-8");
    assertEquals(reasonFor("lat\ufffd.txt", platform), null);
  }
});

Deno.test("rejectedNameReason() accepts .well-known at the top, in lower case, on every platform", () => {
  for (const platform of ["windows", "darwin", "linux", "freebsd"] as const) {
    assertEquals(reasonFor(".well-known", platform, 0), null);
    assertEquals(reasonFor(".well-known", platform, 1), "hidden");
    assertEquals(reasonFor(".WELL-KNOWN", platform, 0), "hidden");
    assertEquals(reasonFor(".well-known.", platform, 0), "hidden");
  }
});

Deno.test("rejectedNameReason() accepts dot files if they are served, and no other special names", () => {
  for (const platform of ["windows", "darwin", "linux"] as const) {
    assertEquals(reasonFor(".env", platform, 1, "served"), null);
    assertEquals(reasonFor(".env", platform, 1, "hidden"), "hidden");
  }
  assertEquals(reasonFor(".env.", "windows", 1, "served"), "trailing dot or blank");
  assertEquals(reasonFor(".g\u200cit", "darwin", 1, "served"), "ignored character");
});

Deno.test("areServed() checks each segment at its position", () => {
  const served = (path: string, dotFiles: DotFiles = "hidden") => areServed(path.split("/"), "linux", dotFiles);
  const paths = ["a/b", ".well-known/a", "a/.well-known", ".a/b", "a/b/.c"];
  assertEquals(paths.map((path) => served(path)), [true, true, false, false, false]);
  assertEquals(paths.map((path) => served(path, "served")), [true, true, true, true, true]);
  assertEquals(areServed([], "linux", "hidden"), true);
});

Deno.test("rejectedNameReason() refuses devices of Windows in any letter case and with any extension", () => {
  const device = fc.constantFrom("con", "prn", "aux", "nul", "com1", "lpt9", "conin$");
  const cases = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 });
  const extension = fc.string({ maxLength: 6 }).map((text) => text === "" ? "" : `.${text}`);
  fc.assert(fc.property(device, cases, extension, (name, upper, ending) => {
    const cased = [...name].map((letter, at) => upper[at] ? letter.toUpperCase() : letter).join("");
    return reasonFor(cased + ending, "windows") !== null;
  }));
});

Deno.test("rejectedNameReason() accepts only names that Windows does not change", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }), (segment) => {
    if (reasonFor(segment, "windows") !== null) return true;
    return segment.replace(/[. ]+$/, "").split(":")[0] === segment; // The name that the system would open.
  }));
});

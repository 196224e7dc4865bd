/** Media types: from web.conf, from the built-in table, or by the content; and the charset of text. */

import { assertEquals } from "@std/assert";
import { type MediaTable, mediaType } from "../../src/files/media.ts";

const NO_TABLE: MediaTable = {};

const TEXT = new TextEncoder().encode("text, with\ttabs,\r\nlines, \fpages, \x1b[1mescapes\x1b[0m and umlauts: äöü");
const BINARY = new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0x02, 0x01, 0x01, 0x00]);

function typeOf(name: string, table = NO_TABLE, content = TEXT): string {
  return mediaType(name, table, () => content);
}

for (
  const [name, type] of [
    ["index.html", "text/html; charset=utf-8"],
    ["INDEX.HTML", "text/html; charset=utf-8"],
    ["style.css", "text/css; charset=utf-8"],
    ["script.js", "text/javascript; charset=utf-8"],
    ["module.mjs", "text/javascript; charset=utf-8"],
    ["notes.txt", "text/plain; charset=utf-8"],
    ["data.json", "application/json"],
    ["photo.jpg", "image/jpeg"],
    ["photo.jpeg", "image/jpeg"],
    ["chart.png", "image/png"],
    ["anim.gif", "image/gif"],
    ["logo.svg", "image/svg+xml"],
    ["paper.pdf", "application/pdf"],
    ["clip.mp4", "video/mp4"],
    ["code.wasm", "application/wasm"],
    ["font.woff2", "font/woff2"],
    ["archive.tar.gz", "application/gzip"],
    ["two.dots.html", "text/html; charset=utf-8"],
    [".well-known.html", "text/html; charset=utf-8"],
  ] as const
) {
  Deno.test(`mediaType() of ${name} is ${type} for any content`, () => {
    assertEquals(typeOf(name, NO_TABLE, BINARY), type);
  });
}

for (const name of ["README", "trailing.", "file.nobodyknows", "file.constructor", "file.__proto__", "a.b c"]) {
  Deno.test(`mediaType() of ${name} depends on the content`, () => {
    assertEquals(typeOf(name, NO_TABLE, TEXT), "text/plain; charset=utf-8");
    assertEquals(typeOf(name, NO_TABLE, BINARY), "application/octet-stream");
  });
}

Deno.test("mediaType() treats an empty file as text", () => {
  assertEquals(typeOf("README", NO_TABLE, new Uint8Array(0)), "text/plain; charset=utf-8");
});

Deno.test("mediaType() treats content with control characters that text does not contain as binary", () => {
  const inText = [0x09, 0x0a, 0x0c, 0x0d, 0x1b];
  for (let octet = 0; octet < 256; octet++) {
    const isText = octet >= 0x20 || inText.includes(octet);
    const type = isText ? "text/plain; charset=utf-8" : "application/octet-stream";
    assertEquals(typeOf("README", NO_TABLE, new Uint8Array([0x61, octet])), type, `octet ${octet}`);
  }
});

Deno.test("mediaType() prefers the type in web.conf to the built-in one", () => {
  assertEquals(typeOf("page.html", { html: "application/xhtml+xml" }), "application/xhtml+xml");
});

Deno.test("mediaType() uses the type in web.conf for extensions that the built-in table does not have", () => {
  const table = { "c++": "text/x-c", "jfif-tbnl": "image/jpeg", py: "text/x-script.python" };
  assertEquals(["a.c++", "a.jfif-tbnl", "a.PY"].map((name) => typeOf(name, table)), [
    "text/x-c; charset=utf-8",
    "image/jpeg",
    "text/x-script.python; charset=utf-8",
  ]);
});

Deno.test("mediaType() uses the last of several extensions", () => {
  assertEquals(typeOf("archive.tar.gz", { gz: "application/x-mine", tar: "application/x-tar" }), "application/x-mine");
});

for (
  const [type, sent] of [
    ["text/plain; charset=latin1", "text/plain; charset=latin1"],
    ["text/plain;CHARSET=latin1", "text/plain;CHARSET=latin1"],
    ["text/plain; format=flowed", "text/plain; format=flowed; charset=utf-8"],
    ["TEXT/PLAIN", "TEXT/PLAIN; charset=utf-8"],
    ["application/json", "application/json"],
    ["x-text/plain", "x-text/plain"],
  ] as const
) {
  Deno.test(`mediaType() sends ${type} of web.conf as ${sent}`, () => {
    assertEquals(typeOf("a.x", { x: type }), sent);
  });
}

Deno.test("mediaType() reads the content only if the type does not follow from the name", () => {
  const type = mediaType("page.html", NO_TABLE, () => {
    throw new Error("looked");
  });
  assertEquals(type, "text/html; charset=utf-8");
});

/** Media types: from web.conf, from the built-in table, or by the content; and the charset of text. */

import { assertEquals } from "@std/assert";
import { mediaOf, type MediaTable } from "../../src/files/media.ts";
import { typeByContent } from "../../src/files/signatures.ts";

const NO_TABLE: MediaTable = {};

const TEXT = new TextEncoder().encode("text, with\ttabs,\r\nlines, \fpages, \x1b[1mescapes\x1b[0m and umlauts: äöü");
const BINARY = new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0x02, 0x01, 0x01, 0x00]);

function typeOf(name: string, table = NO_TABLE, content = TEXT): string {
  return mediaOf(name, table, () => content).type;
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
  Deno.test(`mediaOf() of ${name} is ${type} for any content`, () => {
    assertEquals(typeOf(name, NO_TABLE, BINARY), type);
  });
}

for (const name of ["README", "trailing.", "file.nobodyknows", "file.constructor", "file.__proto__", "a.b c"]) {
  Deno.test(`mediaOf() of ${name} depends on the content`, () => {
    assertEquals(typeOf(name, NO_TABLE, TEXT), "text/plain; charset=utf-8");
    assertEquals(typeOf(name, NO_TABLE, BINARY), "application/octet-stream");
  });
}

Deno.test("mediaOf() treats an empty file as text", () => {
  assertEquals(typeOf("README", NO_TABLE, new Uint8Array(0)), "text/plain; charset=utf-8");
});

Deno.test("mediaOf() treats content with control characters that text does not contain as binary", () => {
  const inText = [0x09, 0x0a, 0x0c, 0x0d, 0x1b];
  for (let octet = 0; octet < 256; octet++) {
    const isText = octet >= 0x20 || inText.includes(octet);
    const type = isText ? "text/plain; charset=utf-8" : "application/octet-stream";
    assertEquals(typeOf("README", NO_TABLE, new Uint8Array([0x61, octet])), type, `octet ${octet}`);
  }
});

Deno.test("mediaOf() prefers the type in web.conf to the built-in one", () => {
  assertEquals(typeOf("page.html", { html: "application/xhtml+xml" }), "application/xhtml+xml");
});

Deno.test("mediaOf() uses the type in web.conf for extensions that the built-in table does not have", () => {
  const table = { "c++": "text/x-c", "jfif-tbnl": "image/jpeg", py: "text/x-script.python" };
  assertEquals(["a.c++", "a.jfif-tbnl", "a.PY"].map((name) => typeOf(name, table)), [
    "text/x-c; charset=utf-8",
    "image/jpeg",
    "text/x-script.python; charset=utf-8",
  ]);
});

Deno.test("mediaOf() uses the last of several extensions", () => {
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
  Deno.test(`mediaOf() sends ${type} of web.conf as ${sent}`, () => {
    assertEquals(typeOf("a.x", { x: type }), sent);
  });
}

Deno.test("mediaOf() reads the content only if the type does not follow from the name", () => {
  const { type } = mediaOf("page.html", NO_TABLE, () => {
    throw new Error("looked");
  });
  assertEquals(type, "text/html; charset=utf-8");
});

/** Every extension of source code and other text that browsers should show. */
const SHOWN = [
  "rs ts mts cts tsx jsx vue svelte tex ltx sty cls bib sh bash zsh fish csh sql toml yaml yml ini cfg conf log bat cmd ps1",
  "py rb go c h cpp hpp cc cxx java kt kts swift pl pm lua r jl m mm scala hs ml clj ex exs erl zig nim d dart s asm f90 pas",
  "groovy gradle cs fs vb lisp el rkt scm awk sed tcl diff patch rst adoc org jsonl json5 jsonc proto graphql tf nix cmake mk",
  "properties env lock srt nfo po pot tpl vhd scss sass less man t texi pub php jsp",
  "ac bed cif dot dtd gv hbs itp manifest mif mmd opml pde pdb pml sdc slim smv sub vcd wgsl xyz",
  "do ado sas sps stan jags bugs mod dat gms nlogo ino pyi pyx sage wls v sv lean hs lhs agda idr thy tla als pml lp cnf",
  "log out err lst slurm sbatch pbs fasta fastq fa gff gtf sam mol sdf names arff data top gro net pgn fen dimacs tsp mps",
].flatMap((line) => line.split(" "));

Deno.test("mediaOf() sends source code and other text as plain text, which every browser shows", () => {
  for (const extension of SHOWN) assertEquals(typeOf(`a.${extension}`), "text/plain; charset=utf-8", extension);
});

Deno.test("mediaOf() sends files with well-known names and no extension as plain text", () => {
  for (const name of ["Makefile", "Dockerfile", "README", "LICENSE", "Jenkinsfile", ".gitignore", "CODEOWNERS"]) {
    assertEquals(typeOf(name), "text/plain; charset=utf-8", name);
  }
});

for (
  const [name, type] of [
    ["data.csv", "text/csv; charset=utf-8"],
    ["data.tsv", "text/tab-separated-values; charset=utf-8"],
    ["page.md", "text/markdown; charset=utf-8"],
    ["dates.ics", "text/calendar; charset=utf-8"],
    ["card.vcf", "text/vcard; charset=utf-8"],
    ["old.cjs", "text/javascript; charset=utf-8"],
    ["script.js.map", "application/json"],
    ["app.webmanifest", "application/manifest+json"],
    ["book.ipynb", "application/json"],
    ["photo.avif", "image/avif"],
    ["photo.jxl", "image/jxl"],
    ["photo.jfif", "image/jpeg"],
    ["song.flac", "audio/flac"],
    ["list.m3u8", "application/vnd.apple.mpegurl"],
    ["archive.tgz", "application/gzip"],
    ["archive.tar.zst", "application/zstd"],
    ["code.wasm.gz", "application/gzip"],
    ["logo.svg.gz", "application/gzip"],
  ] as const
) {
  Deno.test(`mediaOf() of ${name} is ${type}, and no coding`, () => {
    assertEquals(mediaOf(name, NO_TABLE, () => GZIP), { type, coding: null });
  });
}

const GZIP = new Uint8Array([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 3]);

/** Packets of an MPEG transport stream, and of an encrypted one. */
const STREAM = new Uint8Array(512).map((_, at) => at % 188 === 0 ? 0x47 : at % 251);
const ENCRYPTED = new Uint8Array(512).map((_, at) => (at * 167 + 13) % 256);

Deno.test("mediaOf() tells TypeScript from video by the content", () => {
  for (const extension of ["ts", "mts", "TS"]) {
    assertEquals(typeOf(`a.${extension}`, NO_TABLE, STREAM), "video/mp2t");
    assertEquals(typeOf(`a.${extension}`, NO_TABLE, ENCRYPTED), "video/mp2t");
    assertEquals(typeOf(`a.${extension}`), "text/plain; charset=utf-8");
  }
  assertEquals(typeOf("a.ts", NO_TABLE, new Uint8Array(0)), "text/plain; charset=utf-8");
  assertEquals(typeOf("a.ts", { ts: "video/mp2t" }), "video/mp2t");
});

Deno.test("mediaOf() sends svgz as SVG in gzip, if it is in gzip", () => {
  assertEquals(mediaOf("a.svgz", NO_TABLE, () => GZIP), { type: "image/svg+xml", coding: "gzip" });
  assertEquals(mediaOf("A.SVGZ", NO_TABLE, () => GZIP), { type: "image/svg+xml", coding: "gzip" });
  assertEquals(mediaOf("a.svgz", NO_TABLE, () => TEXT), { type: "image/svg+xml", coding: null });
  assertEquals(mediaOf("a.svg", NO_TABLE, () => GZIP), { type: "image/svg+xml", coding: null });
});

Deno.test("mediaOf() uses the type in web.conf for svgz, and the coding with it if that is SVG's", () => {
  const media = (type: string) => mediaOf("a.svgz", { svgz: type }, () => GZIP);
  assertEquals(media("image/svg+xml"), { type: "image/svg+xml", coding: "gzip" });
  assertEquals(media("image/svg+xml; charset=utf-8"), { type: "image/svg+xml; charset=utf-8", coding: "gzip" });
  assertEquals(media("application/gzip"), { type: "application/gzip", coding: null });
});

/** How files begin, one character an octet. */
const BEGINNINGS: readonly (readonly [type: string, text: string])[] = [
  ["application/pdf", "%PDF-1.7\n1 0 obj\n"],
  ["image/png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"],
  ["image/jpeg", "\xff\xd8\xff\xe0\0\x10JFIF\0"],
  ["image/gif", "GIF89a\x01\0\x01\0\0\0\0"],
  ["image/webp", "RIFF\x24\0\0\0WEBPVP8 "],
  ["image/avif", "\0\0\0\x1cftypavif\0\0\0\0"],
  ["image/tiff", "II*\0\x08\0\0\0"],
  ["audio/wav", "RIFF\x24\0\0\0WAVEfmt "],
  ["audio/mpeg", "ID3\x03\0\0\0\0\0\x21"],
  ["application/ogg", "OggS\0\x02\0\0"],
  ["video/mp4", "\0\0\0\x18ftypmp42\0\0\0\0"],
  ["video/webm", "\x1aE\xdf\xa3\x9fB\x86\x81\x01"],
  ["font/woff2", "wOF2\0\x01\0\0"],
  ["application/wasm", "\0asm\x01\0\0\0"],
  ["application/vnd.sqlite3", "SQLite format 3\0\x10\0"],
  ["application/zip", "PK\x03\x04\x14\0\0\0"],
  ["application/gzip", "\x1f\x8b\x08\0\0\0\0\0\0\x03"],
  ["application/x-bzip2", "BZh91AY&SY\x01\x02"],
  ["application/x-xz", "\xfd7zXZ\0\0\x04"],
  ["application/zstd", "(\xb5/\xfd\x04\0"],
  ["application/x-tar", `${"name".padEnd(257, "\0")}ustar  \0`],
  ["application/octet-stream", "\x7fELF\x02\x01\x01\0"],
  ["application/octet-stream", "MZ\x90\0\x03\0\0\0"],
  ["text/plain; charset=utf-16", "\xff\xfea\0b\0\r\0\n\0"],
  ["text/plain; charset=utf-16", "\xfe\xff\0a\0b"],
];

for (const [type, text] of BEGINNINGS) {
  Deno.test(`mediaOf() recognises ${type} by ${JSON.stringify(text.slice(0, 12))} if the name does not tell`, () => {
    const content = Uint8Array.from(text, (char) => char.charCodeAt(0));
    for (const name of ["download", "a.nobodyknows", "a."]) assertEquals(typeOf(name, NO_TABLE, content), type, name);
    assertEquals(typeOf("a.html", NO_TABLE, content), "text/html; charset=utf-8");
    assertEquals(typeOf("a.x", { x: "text/x-mine" }, content), "text/x-mine; charset=utf-8");
  });
}

Deno.test("typeByContent() takes text that begins like another format for text, and nothing for something to run", () => {
  for (
    const text of [
      "GIF89a is a format",
      "RIFF and WEBP",
      "ID3 tags",
      "PK",
      "<html><script>",
      "<svg onload=''>",
      "#!/bin/sh",
    ]
  ) {
    assertEquals(typeByContent(new TextEncoder().encode(text)), "text/plain", text);
  }
});

Deno.test("typeByContent() needs no more than there is", () => {
  for (const [, text] of BEGINNINGS) {
    for (let length = 0; length < text.length; length++) {
      typeByContent(Uint8Array.from(text.slice(0, length), (char) => char.charCodeAt(0)));
    }
  }
});

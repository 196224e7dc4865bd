/**
 * The page that a browser loads in `bench:page`: 40 pictures and 19 scripts of 2 to 10 KiB, the same on every machine.
 * @module
 */

import { concat } from "@std/bytes/concat";
import { crc32, deflateSync } from "node:zlib";

const PICTURES = 40;
export const SCRIPTS = 19;

/** All files with the page itself. */
export const PAGE_FILES = PICTURES + SCRIPTS + 1;

const BYTES_MIN = 2_048;
const BYTES_MAX = 10_240;

/** Makes the folder with the page. */
export function makePage(folder: string): void {
  Deno.mkdirSync(folder);
  const random = randomBytes(7);
  const size = () => BYTES_MIN + (random(2)[0]! << 5) % (BYTES_MAX - BYTES_MIN);
  for (let index = 0; index < PICTURES; index++) Deno.writeFileSync(`${folder}/i${index}.png`, picture(size(), random));
  for (let index = 0; index < SCRIPTS; index++) {
    const comment = Array.from(random(size()), (octet) => String.fromCharCode(97 + octet % 26)).join("");
    Deno.writeTextFileSync(`${folder}/s${index}.js`, `window.scripts = (window.scripts || 0) + 1; // ${comment}\n`);
  }
  Deno.writeTextFileSync(`${folder}/index.html`, page());
}

/** The page notes what it has loaded in its document, which the browser prints. */
function page(): string {
  const pictures = Array.from(
    { length: PICTURES },
    (_, index) => `<img src="i${index}.png" alt="" width="32" height="32">`,
  );
  const scripts = Array.from({ length: SCRIPTS }, (_, index) => `<script src="s${index}.js"></script>`);
  return `<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<title>${PAGE_FILES} files</title>
<script>
addEventListener("load", () => {
  const ms = performance.now();
  const files = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  const versions = [...new Set(files.map(({ nextHopProtocol }) => nextHopProtocol))];
  const broken = [...document.images].filter(({ naturalWidth }) => naturalWidth === 0).length;
  document.body.dataset.result = JSON.stringify({ ms, files: files.length, scripts: window.scripts, broken, versions });
});
</script>
<body>
${[...pictures, ...scripts].join("\n")}
`;
}

/** Octets that look random to a compressor, from a generator with a seed. */
function randomBytes(seed: number): (count: number) => Uint8Array {
  let state = seed;
  return (count) =>
    Uint8Array.from({ length: count }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    });
}

const COLUMNS = 32;

/** A picture in PNG of about `bytes` bytes: rows of 32 pixels in true colour, stored without compression. */
function picture(bytes: number, random: (count: number) => Uint8Array): Uint8Array {
  const rowBytes = 1 + 3 * COLUMNS;
  const rows = Math.max(1, Math.floor((bytes - 70) / rowBytes));
  const pixels = random(rows * rowBytes);
  for (let row = 0; row < rows; row++) pixels[row * rowBytes] = 0; // No filter.
  return concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", Uint8Array.from([...uint32(COLUMNS), ...uint32(rows), 8, 2, 0, 0, 0])),
    chunk("IDAT", new Uint8Array(deflateSync(pixels, { level: 0 }))),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const typed = concat([new TextEncoder().encode(type), content]);
  return concat([Uint8Array.from(uint32(content.length)), typed, Uint8Array.from(uint32(crc32(typed)))]);
}

function uint32(value: number): number[] {
  return [value >>> 24, value >>> 16 & 255, value >>> 8 & 255, value & 255];
}

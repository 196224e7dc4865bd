/**
 * Makes the generated files of the sample website: everything in `www/files/`, and `www/favicon.ico`.
 * Owns the list of files, which are the same in every run; samples/ has their content and formats.
 * Knows nothing of the server that sends them. Run it in the top folder: `deno task samples`.
 * @module
 */

import { equals } from "@std/bytes/equals";
import { runTool } from "./mistake.ts";
import { utf8 } from "./samples/bytes.ts";
import { chart } from "./samples/chart.ts";
import { favicon } from "./samples/favicon.ts";
import { icoFile } from "./samples/ico.ts";
import { melody, MELODY_SECONDS } from "./samples/melody.ts";
import { pageContent, pdfFile } from "./samples/pdf.ts";
import { pngFile } from "./samples/png.ts";
import { helloText, numberedLines } from "./samples/text.ts";
import { wavFile } from "./samples/wav.ts";

function main(): number {
  Deno.mkdirSync("www/files", { recursive: true });
  put("www/files/hello.txt", utf8(helloText()));
  put("www/files/name with blanks.txt", utf8("The name of this file has two blanks. In a URL each is written %20.\n"));
  put(
    "www/files/naïve café.txt",
    utf8("In a URL this file is called na%C3%AFve%20caf%C3%A9.txt: UTF-8, then percent-encoded.\n"),
  );
  put("www/files/empty.txt", new Uint8Array(0));
  put("www/files/lines.txt", numberedLines());
  put("www/files/tone.wav", wavFile(melody(), MELODY_SECONDS));
  put("www/files/chart.png", pngFile(chart()));
  put("www/files/page.pdf", pdfFile(pageContent()));
  put("www/favicon.ico", icoFile([favicon(16), favicon(32)]));
  return 0;
}

/** Does not write a file that already has these bytes, so that its modification time, a validator in HTTP, is kept. */
function put(path: string, bytes: Uint8Array): void {
  const unchanged = holds(path, bytes);
  if (!unchanged) Deno.writeFileSync(path, bytes);
  console.log(`${String(bytes.length).padStart(9)} ${path}${unchanged ? " (unchanged)" : ""}`);
}

function holds(path: string, bytes: Uint8Array): boolean {
  try {
    return equals(Deno.readFileSync(path), bytes);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

if (import.meta.main) Deno.exit(await runTool("samples", main));

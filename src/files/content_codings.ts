/**
 * Content codings: their names in tags and in paths, and which types of content they make shorter. Pure.
 * @module
 */

import type { Coding } from "../http/semantics/coding.ts";
import { hashOf } from "./state_hash.ts";

/** Identifies the encoders, because another version of the runtime may encode to other bytes. */
const ENCODERS = hashOf(Deno.version.deno.split(".").map(Number)).slice(0, 4);

/** The entity tag of a file's content in a coding that this server has made. `etag` is that of the file as it is. */
export function encodedTag(etag: string, coding: Coding): string {
  return `${etag.slice(0, -1)}-${coding}-${ENCODERS}"`;
}

/** The entity tag of a file that stores the content of another one in a coding. */
export function siblingTag(etag: string, coding: Coding): string {
  return `${etag.slice(0, -1)}-${coding}"`;
}

/** The extension of files in a coding. */
export const EXTENSIONS: Readonly<Record<Coding, string>> = { br: ".br", zstd: ".zst", gzip: ".gz" };

/** Whether a file with this name is stored in a coding, so that no other coding makes it shorter. */
export function isNamedAsCoded(name: string): boolean {
  const lower = name.toLowerCase();
  return lower.endsWith(EXTENSIONS.br) || lower.endsWith(EXTENSIONS.zstd) || lower.endsWith(EXTENSIONS.gzip);
}

/** Types of text, and others whose formats are not compressed: programs, fonts, bitmaps, models. */
const COMPRESSIBLE = new RegExp(
  "^(?:text/.*|[^/]+/[^/]+\\+(?:json|xml|text|yaml)|" +
    "application/(?:json|xml|javascript|x-javascript|ecmascript|wasm|rtf|postscript|sql|yaml|toml|xml-dtd|jsonl|" +
    "x-ndjson|x-sh|x-tex|x-latex|x-subrip|vnd\\.ms-fontobject|vnd\\.apple\\.mpegurl|x-font-(?:ttf|otf))|" +
    "font/(?:ttf|otf|sfnt|collection)|image/(?:bmp|x-icon|vnd\\.microsoft\\.icon|x-ms-bmp)|" +
    "model/(?:obj|mtl|stl|gltf-binary|vrml))$",
);

/** What is known of media types. There are few, and each file has one. */
const compressible = new Map<string, boolean>();
const TYPES_MAX = 1024;

/** Whether codings usually make content of this media type shorter. */
export function isCompressible(type: string): boolean {
  const known = compressible.get(type);
  if (known !== undefined) return known;
  const isShortened = COMPRESSIBLE.test(type.split(";", 1)[0]!.trim().toLowerCase());
  if (compressible.size >= TYPES_MAX) compressible.clear();
  compressible.set(type, isShortened);
  return isShortened;
}

/** Whether a coding gains enough to be worth the work of the client: 5 %. */
export function isGain(length: number, encodedLength: number): boolean {
  return encodedLength <= 0.95 * length;
}

/**
 * Media types of files: first what web.conf lists, then our own table, then the standard library's, then the content.
 * @module
 */

import { typeByExtension } from "@std/media-types";
import { BINARY_TYPES, OVERRIDES } from "./media_types.ts";
import { isGzip, looksBinary, typeByContent } from "./signatures.ts";

/** Media types by extension, in lower case without its dot, as web.conf lists them. */
export type MediaTable = Readonly<Record<string, string>>;

/** What a file is. */
export interface Media {
  /** Value of Content-Type. */
  readonly type: string;
  /** Value of Content-Encoding, if the file is stored in a coding; the type is that of what is inside. */
  readonly coding: string | null;
}

/**
 * The media of a file called `name`. `peek` gives its first bytes, at most `SNIFFED_BYTES`; it is called only if the name does
 * not tell. `charset` is that of text whose type has none: UTF-8 unless said, because nearly all text is; `null`: none is told.
 */
export function mediaOf(
  name: string,
  table: MediaTable,
  peek: () => Uint8Array,
  charset: string | null = "utf-8",
): Media {
  const extension = extensionOf(name);
  const type = typeByName(extension, table, peek) ?? typeByContent(peek());
  const isText = charset !== null && /^text\//i.test(type) && !/;\s*charset\s*=/i.test(type);
  return { type: isText ? `${type}; charset=${charset}` : type, coding: codingOf(extension, type, peek) };
}

/** In lower case without its dot; empty if there is none. */
function extensionOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot + 1).toLowerCase();
}

function typeByName(extension: string, table: MediaTable, peek: () => Uint8Array): string | undefined {
  if (extension === "") return undefined;
  if (Object.hasOwn(table, extension)) return table[extension];
  const override = OVERRIDES.get(extension);
  if (override !== undefined) return override;
  const binary = BINARY_TYPES.get(extension);
  if (binary !== undefined) return looksBinary(peek()) ? binary : "text/plain";
  return typeByExtension(extension);
}

/**
 * `svgz` is the one extension that stands for a type and a coding together (SVG 1.1, section 1.2). Other compressed files are
 * files of their own type, because people want them as they are. A type from web.conf that is not SVG's is for the file as it
 * is, too.
 */
function codingOf(extension: string, type: string, peek: () => Uint8Array): string | null {
  return extension === "svgz" && /^image\/svg\+xml\b/i.test(type) && isGzip(peek()) ? "gzip" : null;
}

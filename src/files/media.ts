/**
 * Media types of files: from web.conf, our own table, the standard library's, or the content, in this order.
 * @module
 */

import { typeByExtension } from "@std/media-types";
import { BINARY_TYPES, OVERRIDES } from "./media_types.ts";
import { isGzip, looksBinary, typeByContent } from "./signatures.ts";

/** Media types from web.conf, by extension in lower case without its dot. */
export type MediaTable = Readonly<Record<string, string>>;

/** The media type and coding of a file. */
export interface Media {
  /** Value of Content-Type. */
  readonly type: string;
  /** Value of Content-Encoding if the file is stored in a coding. Then `type` is the type of the decoded content. */
  readonly coding: string | null;
}

/**
 * The media type of a file called `name`. `peek` returns its first bytes, at most `SNIFFED_BYTES`. It is called only if
 * the name is not enough. `charset` is added to types of text that have none: UTF-8 by default; `null`: none is added.
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

/** The extension in lower case without its dot; empty if there is none. */
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
 * `svgz` is the only extension for a type and a coding together (SVG 1.1, section 1.2). Other compressed files have
 * types of their own, because people download them compressed. If web.conf gives `svgz` another type than SVG's, that
 * type is for the compressed file too.
 */
function codingOf(extension: string, type: string, peek: () => Uint8Array): string | null {
  return extension === "svgz" && /^image\/svg\+xml\b/i.test(type) && isGzip(peek()) ? "gzip" : null;
}

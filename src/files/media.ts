/**
 * Media types of files: what web.conf lists, else the common table, else a look at the content.
 * @module
 */

import { typeByExtension } from "@std/media-types";

/** How many bytes tell text from binary. */
export const SNIFFED_BYTES = 512;

/** Media types by extension, in lower case without its dot, as web.conf lists them. */
export type MediaTable = Readonly<Record<string, string>>;

/**
 * The Content-Type of a file called `name`. `peek` gives its first bytes, at most `SNIFFED_BYTES`; it is asked only when
 * the name does not tell. Text without a charset is UTF-8: nearly all text is.
 */
export function mediaType(name: string, table: MediaTable, peek: () => Uint8Array): string {
  const type = typeByName(name, table) ?? (looksBinary(peek()) ? "application/octet-stream" : "text/plain");
  return /^text\//i.test(type) && !/;\s*charset\s*=/i.test(type) ? `${type}; charset=utf-8` : type;
}

function typeByName(name: string, table: MediaTable): string | undefined {
  const dot = name.lastIndexOf(".");
  if (dot < 0 || dot === name.length - 1) return undefined;
  const extension = name.slice(dot + 1).toLowerCase();
  return Object.hasOwn(table, extension) ? table[extension] : typeByExtension(extension);
}

/** Controls that no text holds; tab, line ends, form feed and escape may stand in text. */
function looksBinary(bytes: Uint8Array): boolean {
  return bytes.some((octet) => octet < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d, 0x1b].includes(octet));
}

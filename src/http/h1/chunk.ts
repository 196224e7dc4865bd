/**
 * Parses the line before a chunk (RFC 9112, section 7.1): its size, and extensions, which are ignored.
 * @module
 */

import { TCHAR } from "../syntax.ts";

const QUOTED = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*"';
const EXTENSION = `[ \\t]*;[ \\t]*${TCHAR}+(?:[ \\t]*=[ \\t]*(?:${TCHAR}+|${QUOTED}))?`;
const CHUNK_LINE = new RegExp(`^0*([0-9A-Fa-f]{1,16})(?:${EXTENSION})*$`);

/** The size in bytes that a chunk's line, without CR LF, announces; `null`: malformed. The size may be huge. */
export function parseChunkSize(line: string): number | null {
  const digits = CHUNK_LINE.exec(line)?.[1];
  return digits === undefined ? null : parseInt(digits, 16);
}

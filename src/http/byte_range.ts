/**
 * A part of a representation, as bytes from one position to another (RFC 9110, section 14.1.2). Pure.
 * @module
 */

/** Inclusive positions, as in `Content-Range`. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** A range, and the length of what it is a part of, as in `Content-Range`. */
export interface ContentRange extends ByteRange {
  readonly completeLength: number;
}

/** `bytes 0-99/1000` (RFC 9110, section 14.4). */
export function formatContentRange({ first, last, completeLength }: ContentRange): string {
  return `bytes ${first}-${last}/${completeLength}`;
}

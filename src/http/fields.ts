/**
 * The interface through which rules, handlers and logs read the fields of a request. A parsed HTTP/1.1 head implements
 * it, and a stream of another version can. Types only.
 * @module
 */

import type { FieldName } from "./field_names.ts";

/** Bytes `first` to `end`, exclusive, of a buffer. */
export interface OctetRange {
  readonly bytes: Uint8Array;
  readonly first: number;
  readonly end: number;
}

/** The fields of a request. Valid only during the call that received them. */
export interface Fields {
  /** Whether there are preconditions, a Range field, or an Accept-Encoding field. */
  readonly isSelecting: boolean;
  /** Whether there are preconditions. If-Range is none, because it only decides whether Range counts. */
  readonly isConditional: boolean;
  /** Whether the field is present. */
  has(name: FieldName): boolean;
  /** The number of lines of the field. */
  count(name: FieldName): number;
  /** The value without surrounding blanks, lines joined by commas (RFC 9110, section 5.3); `null`: no such field. */
  value(name: FieldName): string | null;
  /** The value of the field's only line, without making a string; `null`: no line, or more than one. */
  octets(name: FieldName): OctetRange | null;
  /** Whether the field has one line whose value is exactly `octets`, without making a string. */
  is(name: FieldName, octets: Uint8Array): boolean;
}

/** A request's head as logs need it: the fields and the request line. */
export interface Head extends Fields {
  /** The method in its original letter case. */
  readonly method: string;
  /** The request target as it was sent. */
  readonly target: string;
  /** The version of HTTP: `1.0` or `1.1`. A minor version above 1 is treated as 1 (RFC 9110, section 2.5). */
  readonly version: string;
  /** The request line as it was parsed. */
  readonly requestLine: string;
  /** Whether a request line was parsed. */
  readonly hasRequestLine: boolean;
}

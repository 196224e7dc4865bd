/**
 * What rules, handlers and logs need of a request's fields. A parsed HTTP/1.1 head implements it; a stream of another version
 * of HTTP can. Types only.
 * @module
 */

import type { FieldName } from "./field_names.ts";

/** Bytes `first` to `end`, exclusive, of a buffer. */
export interface OctetRange {
  readonly bytes: Uint8Array;
  readonly first: number;
  readonly end: number;
}

/** The fields of a request. They hold for the call that they were given to. */
export interface Fields {
  /** Whether there are preconditions or ranges. */
  readonly isSelecting: boolean;
  /** Whether the field is there. */
  has(name: FieldName): boolean;
  /** How many lines the field has. */
  count(name: FieldName): number;
  /** The field's value without blanks around it, several lines joined by commas (RFC 9110, section 5.3), or `null`. */
  value(name: FieldName): string | null;
  /** The value of the field's only line, without making a string; `null` where there is no line, or more than one. */
  octets(name: FieldName): OctetRange | null;
  /** Whether the field has one line whose value is exactly `octets`, without making a string. */
  is(name: FieldName, octets: Uint8Array): boolean;
}

/** A request's head as logs have it: its fields and its request line. */
export interface Head extends Fields {
  /** The method, in its letter case. */
  readonly method: string;
  /** The request target as it was sent. */
  readonly target: string;
  /** Of HTTP: `1.0` or `1.1`; a minor version above 1 is taken as 1 (RFC 9110, section 2.5). */
  readonly version: string;
  /** The request line as it was understood. */
  readonly requestLine: string;
  /** Whether there is a request line that was understood. */
  readonly hasRequestLine: boolean;
}

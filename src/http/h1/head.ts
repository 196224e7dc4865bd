/**
 * The head of a request: request line and field lines (RFC 9112, sections 2 to 5), parsed to offsets.
 * Knows bytes. Makes strings only on demand.
 * @module
 */

import type { Accumulator } from "../../net/accumulator.ts";
import type { Head, OctetRange } from "../fields.ts";
import { CONTENT_FIELDS, type FieldName, PRECONDITIONS, SELECTING_FIELDS, slotAt, slotOf } from "../field_names.ts";
import {
  EMPTY_LINES_MAX,
  FIELD_LINE_BYTES_MAX,
  FIELD_LINES_MAX,
  HEAD_BYTES_MAX,
  REQUEST_LINE_BYTES_MAX,
} from "../limits.ts";
import { type Refusal, refuse } from "../status.ts";
import {
  COLON,
  CR,
  isAt,
  isBlank,
  isDigit,
  isTarget,
  isToken,
  isTokenOctet,
  isValueOctet,
  latin1,
  latin1Bytes,
  LF,
  SP,
} from "../syntax.ts";

/** Slot, first and end offset of the value. */
const INTS_PER_FIELD = 3;

const NO_BYTES = new Uint8Array(0);

/**
 * The head of one request. It is reused for the next request. Its content is valid until the accumulator from which it
 * was parsed is filled again, unless it was detached.
 */
export class RequestHead implements Head {
  /** Length in bytes, with the empty line. */
  length = 0;
  method = "";
  /** 1, or 2 for a request that was written as a head of HTTP/1.1. It is not parsed. */
  majorVersion = 1;
  /** HTTP/1.x. A minor version above 1 is treated as 1 (RFC 9110, section 2.5). */
  minorVersion = 1;
  /** The buffer that contains the head. */
  bytes: Uint8Array = NO_BYTES;
  /** Offset in `bytes` at which the head begins. */
  start = 0;
  /** All offsets below count from `start`. */
  targetFirst = 0;
  /** The offset after the last byte of the target. */
  targetEnd = 0;
  /** The number of field lines parsed so far. */
  fieldCount = 0;
  /** For each field line its slot, and the first and end offset of its value. The array may be longer than that. */
  readonly lines: number[] = [];
  /** One bit for each field that is present. */
  present = 0;
  /** The offset at which the search for the next line end continues. */
  searched = 0;
  /** The offset of the line that is being searched. */
  lineFirst = 0;
  /** Empty lines before the request line. */
  emptyLines = 0;

  get target(): string {
    return latin1(this.bytes, this.start + this.targetFirst, this.start + this.targetEnd);
  }

  get requestLine(): string {
    return `${this.method} ${this.target} HTTP/${this.version}`;
  }

  get version(): string {
    return this.majorVersion === 2 ? "2.0" : `1.${this.minorVersion}`;
  }

  get hasRequestLine(): boolean {
    return this.targetEnd > 0;
  }

  get isSelecting(): boolean {
    return (this.present & SELECTING_FIELDS) !== 0;
  }

  get isConditional(): boolean {
    return (this.present & PRECONDITIONS) !== 0;
  }

  /** Whether a field describes content, or Expect is present. */
  get hasContentFields(): boolean {
    return (this.present & CONTENT_FIELDS) !== 0;
  }

  has(name: FieldName): boolean {
    return (this.present & 1 << slotOf(name)) !== 0;
  }

  count(name: FieldName): number {
    const slot = slotOf(name);
    let count = 0;
    for (let at = 0; at < this.fieldCount * INTS_PER_FIELD; at += INTS_PER_FIELD) {
      if (this.lines[at] === slot) count++;
    }
    return count;
  }

  octets(name: FieldName): OctetRange | null {
    const slot = slotOf(name);
    if ((this.present & 1 << slot) === 0) return null;
    let line = -1;
    for (let at = 0; at < this.fieldCount * INTS_PER_FIELD; at += INTS_PER_FIELD) {
      if (this.lines[at] !== slot) continue;
      if (line >= 0) return null;
      line = at;
    }
    const { bytes, start, lines } = this;
    return { bytes, first: start + lines[line + 1]!, end: start + lines[line + 2]! };
  }

  is(name: FieldName, octets: Uint8Array): boolean {
    const value = this.octets(name);
    return value !== null && value.end - value.first === octets.length && isAt(value.bytes, value.first, octets);
  }

  /** Whether the field has one line with this value, in any letter case. `octets` must be in lower case. */
  isIgnoringCase(name: FieldName, octets: Uint8Array): boolean {
    const value = this.octets(name);
    return value !== null && value.end - value.first === octets.length && isAt(value.bytes, value.first, octets, 0x20);
  }

  value(name: FieldName): string | null {
    const slot = slotOf(name);
    if ((this.present & 1 << slot) === 0) return null;
    let value: string | null = null;
    for (let at = 0; at < this.fieldCount * INTS_PER_FIELD; at += INTS_PER_FIELD) {
      if (this.lines[at] !== slot) continue;
      const line = latin1(this.bytes, this.start + this.lines[at + 1]!, this.start + this.lines[at + 2]!);
      value = value === null ? line : `${value}, ${line}`;
    }
    return value;
  }

  /** Copies the bytes of the head, so that it stays valid when the accumulator changes. */
  detach(): void {
    this.bytes = this.bytes.slice(this.start, this.start + this.length);
    this.start = 0;
  }

  /** Whether `length` bytes contain the beginning of a request, not only empty lines. */
  isBegun(length: number): boolean {
    return this.hasRequestLine || length > this.lineFirst;
  }

  /** Prepares for the next request. */
  reset(): void {
    this.bytes = NO_BYTES;
    this.method = "";
    this.targetFirst = this.targetEnd = 0;
    this.fieldCount = this.present = 0;
    this.searched = this.lineFirst = this.emptyLines = 0;
  }
}

/** Unused heads. An idle connection has none. */
export class HeadPool {
  /** Represents a request of which nothing has arrived. Must not be parsed into. */
  static readonly NONE: RequestHead = new RequestHead();
  readonly #spare: RequestHead[] = [];

  /** Returns an empty head. */
  take(): RequestHead {
    return this.#spare.pop() ?? new RequestHead();
  }

  /** Returns a head to the pool. It must have been reset. */
  give(head: RequestHead): void {
    if (this.#spare.length < POOLED_MAX) this.#spare.push(head);
  }
}

/** Enough for all connections that have a request at the same moment. */
const POOLED_MAX = 256;

/**
 * Parses the next head in `input`, one line at a time. Consumes nothing. After `"partial"`, call it again with the same
 * `head` when more bytes have arrived. After another result, `reset()` the head.
 */
export function parseHead(input: Accumulator, head: RequestHead): "complete" | "partial" | Refusal {
  const { bytes, start, length } = input;
  head.bytes = bytes;
  head.start = start;
  while (head.searched < length) {
    // Nearly every field line is complete and valid: this parses it in one pass.
    if (head.hasRequestLine && head.searched === head.lineFirst && acceptField(head, length)) continue;
    if (bytes[start + head.searched++] !== LF) continue;
    const first = head.lineFirst;
    const end = head.searched - 2; // Without CR LF.
    if (end < first || bytes[start + end] !== CR) {
      // The length is checked first, so that the result does not depend on how the bytes arrive.
      return overlong(head, head.searched - 1 - first, head.searched) ?? refuse(400, "a line ends without CR");
    }
    const outcome = parseLine(head, first, end);
    if (outcome !== "partial") return outcome;
    head.lineFirst = head.searched;
  }
  return checkUnfinished(head, length);
}

function parseLine(head: RequestHead, first: number, end: number): "complete" | "partial" | Refusal {
  if (head.hasRequestLine && head.searched > HEAD_BYTES_MAX) return refuse(431, "the head is too long");
  if (!head.hasRequestLine) {
    if (end > first) return parseRequestLine(head, first, end) ?? "partial";
    return ++head.emptyLines > EMPTY_LINES_MAX ? refuse(400, "empty lines instead of a request") : "partial";
  }
  if (end > first) return acceptField(head, end + 2) ? "partial" : explainRefusal(head, first, end);
  head.length = head.searched;
  return "complete";
}

/** Refuses an unfinished line as soon as no continuation can make it valid, instead of waiting for the rest. */
function checkUnfinished(head: RequestHead, length: number): "partial" | Refusal {
  const hasCr = head.bytes[head.start + length - 1] === CR; // Not part of the line if LF follows.
  const lineBytes = length - head.lineFirst - (hasCr ? 1 : 0);
  if (!head.hasRequestLine) {
    const isBeginning = lineBytes === 0 || isTokenOctet(head.bytes[head.start + head.lineFirst]);
    if (!isBeginning) return refuse(400, "this is not HTTP");
  }
  return overlong(head, lineBytes, length) ?? "partial";
}

/** Refuses a line of `lineBytes` in a head of `received` bytes so far if either is beyond its limit. */
function overlong(head: RequestHead, lineBytes: number, received: number): Refusal | null {
  if (!head.hasRequestLine) {
    const isBeginning = isTokenOctet(head.bytes[head.start + head.lineFirst]);
    if (lineBytes <= REQUEST_LINE_BYTES_MAX || !isBeginning) return null;
    readMethod(head, head.lineFirst, received);
    return overlongRequestLine(head, head.lineFirst);
  }
  if (lineBytes > FIELD_LINE_BYTES_MAX) return refuse(431, "a field line is too long");
  return received > HEAD_BYTES_MAX ? refuse(431, "the head is too long") : null;
}

/** If the line up to its limit is only a method, the method is unknown: 501 (RFC 9112, section 3). */
function overlongRequestLine({ bytes, start }: RequestHead, first: number): Refusal {
  const isMethod = isToken(bytes, start + first, start + first + REQUEST_LINE_BYTES_MAX);
  return isMethod ? refuse(501, "the method is too long") : refuse(414, "the request line is too long");
}

/** Parses `method SP target SP HTTP/1.x`, with exactly one blank each (RFC 9112, section 3). */
function parseRequestLine(head: RequestHead, first: number, end: number): Refusal | null {
  const { bytes, start } = head;
  const methodEnd = readMethod(head, first, end);
  if (!isTokenOctet(bytes[start + first])) return refuse(400, "the method is not a token");
  if (end - first > REQUEST_LINE_BYTES_MAX) return overlongRequestLine(head, first);
  if (head.method === "") return refuse(400, "the method is not a token");
  const versionFirst = end - "HTTP/1.1".length;
  const targetEnd = versionFirst - 1;
  if (targetEnd <= methodEnd || bytes[start + targetEnd] !== SP) return refuse(400, "no HTTP version");
  const version = parseVersion(bytes, start + versionFirst);
  if (typeof version !== "number") return version;
  if (!isTarget(bytes, start + methodEnd + 1, start + targetEnd)) return refuse(400, "the target has bad octets");
  head.targetFirst = methodEnd + 1;
  head.targetEnd = targetEnd;
  head.minorVersion = version;
  return null;
}

/** Sets the method if it is valid, and returns its end. First of all, because an answer to HEAD never has content. */
function readMethod(head: RequestHead, first: number, end: number): number {
  const { bytes, start } = head;
  let methodEnd = first;
  while (methodEnd < end && isTokenOctet(bytes[start + methodEnd])) methodEnd++;
  const isMethod = methodEnd > first && methodEnd < end && bytes[start + methodEnd] === SP;
  if (isMethod) head.method = methodAt(bytes, start + first, start + methodEnd);
  while (methodEnd < end && bytes[start + methodEnd] !== SP) methodEnd++;
  return methodEnd;
}

const G = "G".charCodeAt(0);
const E = "E".charCodeAt(0);
const T = "T".charCodeAt(0);

/** Makes no new string for GET, the method of nearly all requests. */
function methodAt(bytes: Uint8Array, first: number, end: number): string {
  const isGet = end - first === 3 && bytes[first] === G && bytes[first + 1] === E && bytes[first + 2] === T;
  return isGet ? "GET" : latin1(bytes, first, end);
}

const HTTP = latin1Bytes("HTTP/");
const DOT = ".".charCodeAt(0);
const ZERO = "0".charCodeAt(0);
const ONE = "1".charCodeAt(0);

/** The minor version at `bytes[first .. first + 8)`. */
function parseVersion(bytes: Uint8Array, first: number): 0 | 1 | Refusal {
  const major = bytes[first + 5];
  const minor = bytes[first + 7];
  const isVersion = isAt(bytes, first, HTTP) && isDigit(major) && isDigit(minor) &&
    bytes[first + 6] === DOT;
  if (!isVersion) return refuse(400, "no HTTP version");
  if (major !== ONE) return refuse(505, "not HTTP/1.x");
  return minor === ZERO ? 0 : 1;
}

/**
 * Accepts the field line at `head.lineFirst`, `name ":" OWS value OWS CR LF`, if it is valid and ends before the offset
 * `limit` (RFC 9112, section 5). `false`: nothing has changed. No other code accepts field lines.
 */
function acceptField(head: RequestHead, limit: number): boolean {
  const { bytes, start } = head;
  const first = start + head.lineFirst;
  const last = start + limit - 1; // The last possible position of LF.
  let at = first;
  while (at < last && isTokenOctet(bytes[at])) at++;
  const colon = at;
  if (colon === first || bytes[colon] !== COLON) return false;
  do at++; while (at < last && isBlank(bytes[at]));
  const valueFirst = at;
  while (at < last && isValueOctet(bytes[at])) at++;
  if (at >= last || bytes[at] !== CR || bytes[at + 1] !== LF) return false;
  const isWithinLimits = at - first <= FIELD_LINE_BYTES_MAX && head.fieldCount < FIELD_LINES_MAX &&
    at + 2 - start <= HEAD_BYTES_MAX;
  if (!isWithinLimits) return false;
  head.lineFirst = head.searched = at + 2 - start;
  while (at > valueFirst && isBlank(bytes[at - 1])) at--;
  const slot = slotAt(bytes, first, colon - first);
  const entry = head.fieldCount++ * INTS_PER_FIELD;
  head.lines[entry] = slot;
  head.lines[entry + 1] = valueFirst - start;
  head.lines[entry + 2] = at - start;
  head.present |= 1 << slot;
  return true;
}

/** Why a complete line was not accepted. A blank at its beginning is obsolete folding (RFC 9112, section 5.2). */
function explainRefusal({ bytes, start, fieldCount }: RequestHead, first: number, end: number): Refusal {
  if (end - first > FIELD_LINE_BYTES_MAX) return refuse(431, "a field line is too long");
  if (fieldCount === FIELD_LINES_MAX) return refuse(431, "too many field lines");
  const colon = bytes.subarray(start + first, start + end).indexOf(COLON);
  if (colon < 0) return refuse(400, "a field line without a colon");
  if (!isToken(bytes, start + first, start + first + colon)) return refuse(400, "a field name is not a token");
  return refuse(400, "a field value has bad octets");
}

/**
 * The head of the responses that each have one range of the same representation. They differ only in the date and in
 * numbers, which are written as digits into the outbox.
 * @module
 */

import type { ByteRange } from "../byte_range.ts";
import { latin1Bytes } from "../syntax.ts";

const DASH = "-".charCodeAt(0);
const ZERO = "0".charCodeAt(0);

/** A head without the date, the positions in Content-Range, and the value of Content-Length, which follows it. */
export class PartHead {
  /** The bytes before the positions, between them and the length, and after the length. */
  readonly #before: Uint8Array;
  readonly #between: Uint8Array;
  readonly #after: Uint8Array;
  readonly #dateAt: number;

  /** `head` is the head of any of these responses. */
  constructor(head: string) {
    const [, before, between, after] = SHAPE.exec(head) ?? [];
    if (before === undefined || between === undefined || after === undefined) {
      throw new TypeError("Not a head of a part");
    }
    this.#before = latin1Bytes(before);
    this.#between = latin1Bytes(between);
    this.#after = latin1Bytes(after);
    this.#dateAt = before.indexOf("\r\nDate: ") + "\r\nDate: ".length;
  }

  /** Length of the head for a range in bytes. */
  lengthFor({ first, last }: ByteRange): number {
    return this.#before.length + digitsOf(first) + 1 + digitsOf(last) + this.#between.length +
      digitsOf(last - first + 1) +
      this.#after.length;
  }

  /** Writes the head for a range to `into[at ..]`. */
  write({ first, last }: ByteRange, date: Uint8Array, into: Uint8Array, at: number): void {
    into.set(this.#before, at);
    into.set(date, at + this.#dateAt);
    let end = writeNumber(first, into, at + this.#before.length);
    into[end++] = DASH;
    end = writeNumber(last, into, end);
    into.set(this.#between, end);
    end = writeNumber(last - first + 1, into, end + this.#between.length);
    into.set(this.#after, end);
  }
}

/** The head for one range. */
export interface NumberedHead {
  readonly template: PartHead;
  readonly range: ByteRange;
}

const SHAPE = /^([^]*\r\nContent-Range: bytes )[0-9]+-[0-9]+(\/[0-9]+\r\nContent-Length: )[0-9]+(\r\n[^]*)$/;

function digitsOf(value: number): number {
  let count = 1;
  for (let end = 10; value >= end; end *= 10) count++;
  return count;
}

/** Writes decimal digits; returns where they end. */
function writeNumber(value: number, into: Uint8Array, first: number): number {
  const end = first + digitsOf(value);
  let rest = value;
  for (let at = end - 1; at >= first; at--) {
    into[at] = ZERO + rest % 10;
    rest = Math.floor(rest / 10);
  }
  return end;
}

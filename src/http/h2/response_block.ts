/**
 * The field block of a response: status, Date, Server, the fields of the response, and its length. It uses no dynamic
 * table, so a response that is used several times keeps its block, in which only the date changes.
 * Knows responses and the time; not streams or frames.
 * @module
 */

import { concat } from "@std/bytes/concat";
import { formatContentRange } from "../byte_range.ts";
import type { DateField } from "../h1/head_writer.ts";
import type { Response } from "../response.ts";
import { isWithoutContent } from "../status.ts";
import { type EncodedField, encodeFields, encodePlain } from "./hpack_encoder.ts";

/** Octets of a date (RFC 9110, section 5.6.7). */
const DATE_BYTES = 29;

/** A block, and where its date begins. */
export interface ResponseBlock {
  readonly bytes: Uint8Array;
  readonly dateAt: number;
}

/** Fields that mean a connection of HTTP/1.1. A site may add them; here they would be malformed (RFC 9113, 8.2.2). */
const CONNECTION_FIELDS = new Set(["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"]);

/** Writes the blocks of one server. */
export class BlockWriter {
  readonly #date: DateField;
  readonly #serverName: string;

  constructor(date: DateField, serverName: string) {
    this.#date = date;
    this.#serverName = serverName;
  }

  /** The block of a response, with the current date in it. `nowMs` is on the monotonic clock. */
  blockOf(response: Response, nowMs: number): ResponseBlock {
    const { encoded, contentRange, lastModified } = response;
    // The parts of one representation share `encoded`, and a date in the future changes with Date.
    const isLasting = encoded !== undefined && contentRange === undefined &&
      (!lastModified || lastModified.ms <= this.#date.msAt(nowMs));
    if (!isLasting) return this.#write(response, nowMs);
    const known = encoded.block;
    if (known instanceof LastingBlock && known.writer === this) return known;
    return encoded.block = new LastingBlock(this, this.#write(response, nowMs));
  }

  #write({ status, lastModified, fields, contentRange, content, serverName }: Response, nowMs: number): ResponseBlock {
    const date = this.#date.valueAt(nowMs);
    const first = encodeFields([[":status", String(status)]]);
    const dated = encodePlain("date", date);
    const others: EncodedField[] = [];
    const server = serverName ?? this.#serverName;
    if (server !== "") others.push(["server", server]);
    // Not later than Date (RFC 9110, section 8.8.2.1).
    if (lastModified) {
      others.push(["last-modified", lastModified.ms > this.#date.msAt(nowMs) ? date : lastModified.text]);
    }
    for (const [name, value] of fields) {
      const lower = name.toLowerCase();
      if (!CONNECTION_FIELDS.has(lower)) others.push([lower, value]);
    }
    if (contentRange !== undefined) others.push(["content-range", formatContentRange(contentRange)]);
    if (!isWithoutContent(status) && content.kind === "known") others.push(["content-length", String(content.length)]);
    return {
      bytes: concat([first, dated, encodeFields(others)]),
      dateAt: first.length + dated.length - DATE_BYTES,
    };
  }
}

/** The block of a response that is used several times. */
class LastingBlock implements ResponseBlock {
  readonly bytes: Uint8Array;
  readonly dateAt: number;

  constructor(readonly writer: BlockWriter, { bytes, dateAt }: ResponseBlock) {
    this.bytes = bytes;
    this.dateAt = dateAt;
  }
}

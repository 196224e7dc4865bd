/**
 * Remembers what values of Accept-Encoding mean, because all clients together send a few different ones.
 * @module
 */

import type { Fields, OctetRange } from "../http/fields.ts";
import { type Acceptance, acceptanceOf, IDENTITY_ONLY } from "../http/semantics/coding.ts";
import { isAt } from "../http/syntax.ts";

/** Values that are remembered, and their greatest length. */
const VALUES_MAX = 16;
const BYTES_MAX = 128;

interface Known {
  readonly octets: Uint8Array;
  readonly acceptance: Acceptance;
}

/** Remembered values. */
export class Acceptances {
  #known: readonly Known[] = [];

  /** What a request accepts. */
  of(fields: Fields): Acceptance {
    if (!fields.has("accept-encoding")) return IDENTITY_ONLY;
    const range = fields.octets("accept-encoding");
    return (range === null ? null : this.#find(range)) ?? this.#parse(fields, range);
  }

  #find({ bytes, first, end }: OctetRange): Acceptance | null {
    for (const { octets, acceptance } of this.#known) {
      if (octets.length === end - first && isAt(bytes, first, octets)) return acceptance;
    }
    return null;
  }

  #parse(fields: Fields, range: OctetRange | null): Acceptance {
    const acceptance = acceptanceOf(fields.value("accept-encoding") ?? "");
    if (range === null || range.end - range.first > BYTES_MAX) return acceptance;
    if (this.#known.length === VALUES_MAX) this.#known = []; // A client that sends many values must not fill them all for good.
    this.#known = [...this.#known, { octets: range.bytes.slice(range.first, range.end), acceptance }];
    return acceptance;
  }
}

/**
 * The dynamic table of an HPACK decoder (RFC 7541, sections 2.3.2 and 4): the fields that the peer may name by an index.
 * Knows octets; not how indices are encoded.
 * @module
 */

import type { OctetField } from "./static_table.ts";

/** What an entry counts besides its octets (4.1). */
export const ENTRY_OVERHEAD_BYTES = 32;

/** The size of a field in the table and in a field section (RFC 7541, section 4.1; RFC 9113, section 6.5.2). */
export function sizeOf({ name, value }: OctetField): number {
  return name.length + value.length + ENTRY_OVERHEAD_BYTES;
}

/** A ring of entries, so that adding one moves none of the others. */
export class DynamicTable {
  readonly #ring: (OctetField | null)[];
  #newest = 0;
  #count = 0;
  #bytes = 0;
  #bytesMax: number;

  /** `bytesMax`: the size that the peer may use at most. */
  constructor(bytesMax: number) {
    this.#ring = new Array(Math.ceil(bytesMax / ENTRY_OVERHEAD_BYTES) + 1).fill(null);
    this.#bytesMax = bytesMax;
  }

  /** The number of entries. */
  get count(): number {
    return this.#count;
  }

  /** The size of all entries. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The entry at `index`, 0 for the newest; `null`: there is none. */
  at(index: number): OctetField | null {
    if (index >= this.#count) return null;
    return this.#ring[(this.#newest + index) % this.#ring.length]!;
  }

  /** Adds an entry, and removes the oldest ones until there is room. An entry that is too large empties the table (4.4). */
  add(entry: OctetField): void {
    const size = sizeOf(entry);
    this.#evict(this.#bytesMax - size);
    if (size > this.#bytesMax) return;
    this.#newest = (this.#newest + this.#ring.length - 1) % this.#ring.length;
    this.#ring[this.#newest] = entry;
    this.#count++;
    this.#bytes += size;
  }

  /** Changes the size, which must not exceed that of the constructor. */
  resize(bytesMax: number): void {
    this.#bytesMax = bytesMax;
    this.#evict(bytesMax);
  }

  #evict(bytesMax: number): void {
    while (this.#count > 0 && this.#bytes > bytesMax) {
      const oldest = (this.#newest + --this.#count) % this.#ring.length;
      this.#bytes -= sizeOf(this.#ring[oldest]!);
      this.#ring[oldest] = null;
    }
  }
}

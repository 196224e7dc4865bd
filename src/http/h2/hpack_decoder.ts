/**
 * Decodes field blocks of HPACK (RFC 7541). Knows the encoding and the dynamic table; not what fields mean.
 * Its outcomes are words: a malformed block leaves the table in an unknown state, so the connection must end.
 * @module
 */

import { DynamicTable } from "./dynamic_table.ts";
import { huffmanDecode } from "./huffman.ts";
import { type OctetField, STATIC_TABLE } from "./static_table.ts";

/** Receives the fields of a block in their order. The octets are valid until the next block is decoded. */
export interface FieldSink {
  field(name: Uint8Array, value: Uint8Array): void;
  /** Where a value is in the block: the beginning of its length, and its octets `first` to `end`, perhaps encoded. */
  literal?(name: Uint8Array, lengthAt: number, first: number, end: number): void;
  /** Whether the fields that follow matter to nobody. The block is still checked, and the table changes. */
  readonly isDone?: boolean;
}

/** The result of decoding a block: `null`, or why it is malformed. */
export type BlockProblem = string | null;

/** A Huffman code has at least five bits, so eight encoded octets become at most 13. */
const DECODED_BYTES_PER_BYTE = 8 / 5;

/** The largest integer that is accepted. A block is never longer. */
const INTEGER_MAX = 2 ** 28;

const STATIC_ENTRIES = STATIC_TABLE.length;
const HUFFMAN = 0x80;
const NONE = new Uint8Array(0);

/** Decodes the blocks of one connection, in the order in which they arrive. */
export class HpackDecoder {
  readonly #tableBytesMax: number;
  readonly #table: DynamicTable;
  /** Octets decoded from Huffman codes in this block. Grows to what a block has needed. */
  #decoded: Uint8Array = NONE;
  #decodedEnd = 0;
  #block: Uint8Array = NONE;
  #at = 0;
  #stringFirst = 0;
  #end = 0;
  #problem: BlockProblem = null;

  /** `tableBytesMax`: the SETTINGS_HEADER_TABLE_SIZE that was sent to the peer, 4,096 if none was. */
  constructor(tableBytesMax: number) {
    this.#tableBytesMax = tableBytesMax;
    this.#table = new DynamicTable(tableBytesMax);
  }

  /** The size of the dynamic table, for tests. */
  get tableBytes(): number {
    return this.#table.bytes;
  }

  /** The entry of the dynamic table at `index`, 0 for the newest, for tests. */
  tableEntry(index: number): OctetField | null {
    return this.#table.at(index);
  }

  /** Decodes the block in `bytes[first .. end)`. */
  decode(bytes: Uint8Array, first: number, end: number, sink: FieldSink): BlockProblem {
    this.#begin(bytes, first, end);
    let hasField = false;
    while (this.#at < this.#end && this.#problem === null) {
      const octet = bytes[this.#at]!;
      if ((octet & 0xe0) === 0x20) {
        // Before the first field, at most twice: the smallest size since the last block, and the current one (4.2).
        if (hasField) return "a change of the table's size after a field";
        this.#resize();
        continue;
      }
      hasField = true;
      if ((octet & 0x80) !== 0) this.#indexed(sink);
      else if ((octet & 0x40) !== 0) this.#literal(6, true, sink);
      else this.#literal(4, false, sink); // Without indexing, or never to be indexed: the same for a recipient.
    }
    return this.#problem;
  }

  #begin(bytes: Uint8Array, first: number, end: number): void {
    this.#block = bytes;
    this.#at = first;
    this.#end = end;
    this.#problem = null;
    this.#decodedEnd = 0;
    const needed = Math.ceil((end - first) * DECODED_BYTES_PER_BYTE);
    if (this.#decoded.length < needed) this.#decoded = new Uint8Array(needed);
  }

  #resize(): void {
    const bytesMax = this.#integer(5);
    if (bytesMax > this.#tableBytesMax) this.#fail("a table larger than the setting allows");
    else if (this.#problem === null) this.#table.resize(bytesMax);
  }

  #indexed(sink: FieldSink): void {
    const entry = this.#entry(this.#integer(7));
    if (entry !== null) sink.field(entry.name, entry.value);
  }

  #literal(prefixBits: number, isIndexed: boolean, sink: FieldSink): void {
    const index = this.#integer(prefixBits);
    if (!isIndexed && sink.isDone === true) return this.#skipLiteral(index);
    const name = index === 0 ? this.#string() : this.#entry(index)?.name ?? NONE;
    const lengthAt = this.#at;
    const value = this.#string();
    if (this.#problem !== null) return;
    if (isIndexed) this.#table.add({ name: index === 0 ? name.slice() : name, value: value.slice() });
    sink.field(name, value);
    sink.literal?.(name, lengthAt, this.#stringFirst, this.#at);
  }

  /** Checks a literal that changes no table, without objects for its strings: a hostile block has thousands of them. */
  #skipLiteral(index: number): void {
    if (index === 0) this.#skipString();
    else this.#entry(index);
    this.#skipString();
  }

  #entry(index: number): OctetField | null {
    if (this.#problem !== null) return null;
    const entry = index <= STATIC_ENTRIES ? STATIC_TABLE[index - 1] : this.#table.at(index - STATIC_ENTRIES - 1);
    if (entry !== undefined && entry !== null) return entry;
    this.#fail("an index that is in no table");
    return null;
  }

  /** An integer whose first octet has `prefixBits` bits of it (5.1). */
  #integer(prefixBits: number): number {
    const prefixMax = (1 << prefixBits) - 1;
    let value = this.#block[this.#at++]! & prefixMax;
    if (value < prefixMax) return value;
    for (let shift = 1;; shift *= 0x80) {
      if (this.#at >= this.#end) return this.#fail("the block ends within an integer");
      const octet = this.#block[this.#at++]!;
      value += (octet & 0x7f) * shift;
      if (value > INTEGER_MAX || shift > INTEGER_MAX) return this.#fail("an integer that is too large");
      if ((octet & 0x80) === 0) return value;
    }
  }

  /** A string (5.2), in the block itself or decoded. */
  #string(): Uint8Array {
    const isHuffman = this.#beginString();
    if (this.#problem !== null) return NONE;
    if (!isHuffman) return this.#block.subarray(this.#stringFirst, this.#at);
    const decodedFirst = this.#decodedEnd;
    const decodedEnd = this.#decodeString();
    if (decodedEnd < 0) return NONE;
    this.#decodedEnd = decodedEnd;
    return this.#decoded.subarray(decodedFirst, decodedEnd);
  }

  #skipString(): void {
    const isHuffman = this.#beginString();
    if (this.#problem === null && isHuffman) this.#decodeString();
  }

  /** Reads the length of a string and goes to its end. Returns whether it is encoded. */
  #beginString(): boolean {
    if (this.#problem !== null) return false;
    if (this.#at >= this.#end) return this.#failString("the block ends before a string");
    const isHuffman = (this.#block[this.#at]! & HUFFMAN) !== 0;
    const length = this.#integer(7);
    if (this.#problem !== null) return false;
    const first = this.#stringFirst = this.#at;
    if (length > this.#end - first) return this.#failString("a string is longer than the block");
    this.#at += length;
    return isHuffman;
  }

  /** Decodes the current string to the end of what was decoded before. Returns the new end; below 0: it is malformed. */
  #decodeString(): number {
    const decodedEnd = huffmanDecode(this.#block, this.#stringFirst, this.#at, this.#decoded, this.#decodedEnd);
    if (decodedEnd < 0) this.#fail("a malformed Huffman code");
    return decodedEnd;
  }

  #failString(problem: string): false {
    this.#fail(problem);
    return false;
  }

  #fail(problem: string): number {
    this.#problem ??= problem;
    this.#at = this.#end;
    return 0;
  }
}

/**
 * Field blocks of HPACK (RFC 7541) as a client reads and writes them, with code of its own. The reader is strict, and the
 * writer uses every form that a client may use.
 */

import type { Random } from "../random.ts";
import { Violation } from "../trace.ts";
import { CODE_BITS, type Field, STATIC_FIELDS } from "./hpack_tables.ts";

const TABLE_BYTES = 4096;
const ENTRY_BYTES = 32;
const EOS = 256;

/** A symbol by its code, written as `0` and `1`, and the code by the symbol. */
const SYMBOLS = new Map<string, number>();
const CODES: string[] = [];
fillCodes();

function fillCodes(): void {
  const symbols = [...CODE_BITS.keys()].sort((a, b) => CODE_BITS[a]! - CODE_BITS[b]! || a - b);
  let code = 0;
  let bits = 0;
  for (const symbol of symbols) {
    code *= 2 ** (CODE_BITS[symbol]! - bits);
    bits = CODE_BITS[symbol]!;
    CODES[symbol] = (code++).toString(2).padStart(bits, "0");
    SYMBOLS.set(CODES[symbol]!, symbol);
  }
}

function fail(detail: string): never {
  throw new Violation("field blocks follow RFC 7541", detail);
}

/** The dynamic table of one direction. */
class Table {
  bytesMax = TABLE_BYTES;
  #bytes = 0;
  readonly #fields: Field[] = [];

  add(field: Field): void {
    this.#fields.unshift(field);
    this.#bytes += sizeOf(field);
    this.resize(this.bytesMax);
  }

  resize(bytesMax: number): void {
    this.bytesMax = bytesMax;
    while (this.#bytes > bytesMax) this.#bytes -= sizeOf(this.#fields.pop()!);
  }

  at(index: number): Field | undefined {
    return index <= STATIC_FIELDS.length ? STATIC_FIELDS[index - 1] : this.#fields[index - STATIC_FIELDS.length - 1];
  }

  /** The indexes of all entries for which `matches`. */
  find(matches: (field: Field) => boolean): number[] {
    return [...STATIC_FIELDS, ...this.#fields].flatMap((field, at) => matches(field) ? [at + 1] : []);
  }
}

function sizeOf([name, value]: Field): number {
  return name.length + value.length + ENTRY_BYTES;
}

/** Reads the blocks that the server sends. */
export class BlockReader {
  readonly #table = new Table();
  #limit = TABLE_BYTES;
  #owesUpdate = false;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  /**
   * The server has acknowledged another SETTINGS_HEADER_TABLE_SIZE. If that is less than what it uses, its next block must
   * begin with an update (RFC 9113, section 4.3.1).
   */
  limitTable(bytes: number): void {
    this.#limit = bytes;
    if (bytes < this.#table.bytesMax) this.#owesUpdate = true;
  }

  /** The fields of a whole block. Throws a `Violation` if a client would have to refuse it. */
  read(block: Uint8Array): Field[] {
    this.#bytes = block;
    this.#at = 0;
    const fields: Field[] = [];
    while (this.#at < block.length) {
      const field = this.#readOne(fields.length === 0);
      if (field !== null) fields.push(field);
    }
    return fields;
  }

  #readOne(isFirst: boolean): Field | null {
    const octet = this.#bytes[this.#at]!;
    if (octet >> 5 === 1) return this.#update(isFirst);
    if (this.#owesUpdate) fail("a block without an update after the table was made smaller");
    if (octet >= 0x80) return this.#entry(this.#integer(7));
    const isAdded = octet >= 0x40;
    const index = this.#integer(isAdded ? 6 : 4);
    const name = index === 0 ? this.#string() : this.#entry(index)[0];
    const field: Field = [name, this.#string()];
    if (isAdded) this.#table.add(field);
    return field;
  }

  #update(isFirst: boolean): null {
    const bytes = this.#integer(5);
    if (!isFirst || bytes > this.#limit) fail(`an update to ${bytes} bytes, of at most ${this.#limit}`);
    this.#table.resize(bytes);
    this.#owesUpdate = false;
    return null;
  }

  #entry(index: number): Field {
    return this.#table.at(index) ?? fail(`index ${index}`);
  }

  #octet(): number {
    if (this.#at >= this.#bytes.length) fail("the block ends within a field");
    return this.#bytes[this.#at++]!;
  }

  #integer(prefixBits: number): number {
    const max = (1 << prefixBits) - 1;
    let value = this.#octet() & max;
    if (value < max) return value;
    for (let factor = 1;; factor *= 128) {
      const octet = this.#octet();
      value += (octet & 127) * factor;
      if (value > 2 ** 31) fail("a large integer");
      if (octet < 128) return value;
    }
  }

  #string(): string {
    const isCoded = this.#bytes[this.#at]! >= 0x80;
    const length = this.#integer(7);
    if (this.#at + length > this.#bytes.length) fail("the block ends within a string");
    const octets = this.#bytes.subarray(this.#at, this.#at += length);
    return isCoded ? decodeText(octets) : String.fromCharCode(...octets);
  }
}

function decodeText(octets: Uint8Array): string {
  let text = "";
  let code = "";
  for (const octet of octets) {
    for (const bit of octet.toString(2).padStart(8, "0")) {
      const symbol = SYMBOLS.get(code += bit);
      if (symbol === undefined) continue;
      if (symbol === EOS) fail("EOS in a string");
      text += String.fromCharCode(symbol);
      code = "";
    }
  }
  return /^1{0,7}$/.test(code) ? text : fail(`padding ${code}`);
}

/** Writes the blocks of a client in forms that `random` chooses. */
export class BlockWriter {
  readonly #table = new Table();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  write(fields: readonly Field[]): Uint8Array<ArrayBuffer> {
    const octets: number[] = [];
    if (this.#random.chance(0.05)) this.#putUpdate(octets);
    for (const field of fields) this.#put(octets, field);
    return Uint8Array.from(octets);
  }

  #putUpdate(octets: number[]): void {
    const bytes = this.#random.pick([0, 64, 1000, TABLE_BYTES]);
    putInteger(octets, 0x20, 5, bytes);
    this.#table.resize(bytes);
  }

  #put(octets: number[], field: Field): void {
    const random = this.#random;
    const [name, value] = field;
    const whole = this.#table.find((each) => each[0] === name && each[1] === value);
    if (whole.length > 0 && random.chance(0.8)) return putInteger(octets, 0x80, 7, random.pick(whole));
    const named = this.#table.find((each) => each[0] === name);
    const index = named.length > 0 && random.chance(0.8) ? random.pick(named) : 0;
    const form = random.pick(["added", "added", "plain", "never"] as const);
    if (form === "added") putInteger(octets, 0x40, 6, index);
    else putInteger(octets, form === "plain" ? 0x00 : 0x10, 4, index);
    if (index === 0) this.#putString(octets, name);
    this.#putString(octets, value);
    if (form === "added") this.#table.add(field);
  }

  #putString(octets: number[], text: string): void {
    const isCoded = this.#random.chance(0.5);
    const bytes = isCoded ? encodeText(text) : Uint8Array.from(text, (char) => char.charCodeAt(0));
    putInteger(octets, isCoded ? 0x80 : 0, 7, bytes.length);
    for (const octet of bytes) octets.push(octet);
  }
}

function encodeText(text: string): Uint8Array {
  const bits = Array.from(text, (char) => CODES[char.charCodeAt(0)]).join("");
  const octets = Math.ceil(bits.length / 8);
  const padded = bits.padEnd(8 * octets, "1");
  return Uint8Array.from({ length: octets }, (_, at) => parseInt(padded.slice(8 * at, 8 * at + 8), 2));
}

function putInteger(octets: number[], flags: number, prefixBits: number, value: number): void {
  const max = (1 << prefixBits) - 1;
  octets.push(flags | Math.min(value, max));
  if (value < max) return;
  let rest = value - max;
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push(128 + rest % 128);
  octets.push(rest);
}

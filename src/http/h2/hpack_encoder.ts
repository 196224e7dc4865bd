/**
 * Encodes field blocks of HPACK (RFC 7541) with the static table and literals. It adds nothing to the peer's dynamic
 * table, so a block depends on no connection and can be prepared once for many. Pure.
 * @module
 */

import { latin1Bytes } from "../syntax.ts";
import { huffmanEncode, huffmanLength } from "./huffman.ts";
import { indexOfField, indexOfName } from "./static_table.ts";

/** One field: a name in lower case, and a value of one character per octet. */
export type EncodedField = readonly [name: string, value: string];

const INDEXED = 0x80;
const WITHOUT_INDEXING = 0x00;
const HUFFMAN = 0x80;

/** The block with these fields. */
export function encodeFields(fields: readonly EncodedField[]): Uint8Array<ArrayBuffer> {
  const octets: number[] = [];
  for (const [name, value] of fields) putField(octets, name, value);
  return Uint8Array.from(octets);
}

/** A field whose value is not compressed, so that another one of the same length can be written in its place. */
export function encodePlain(name: string, value: string): Uint8Array<ArrayBuffer> {
  const octets: number[] = [];
  putName(octets, name);
  putInteger(octets, 0, 7, value.length);
  octets.push(...latin1Bytes(value));
  return Uint8Array.from(octets);
}

function putField(octets: number[], name: string, value: string): void {
  const index = indexOfField(name, value);
  if (index !== undefined) return putInteger(octets, INDEXED, 7, index);
  putName(octets, name);
  putString(octets, value);
}

function putName(octets: number[], name: string): void {
  const index = indexOfName(name);
  putInteger(octets, WITHOUT_INDEXING, 4, index ?? 0);
  if (index === undefined) putString(octets, name);
}

/** The shorter of the two forms of a string. */
function putString(octets: number[], text: string): void {
  const plain = latin1Bytes(text);
  const isShorter = huffmanLength(plain) < plain.length;
  const bytes = isShorter ? huffmanEncode(plain) : plain;
  putInteger(octets, isShorter ? HUFFMAN : 0, 7, bytes.length);
  for (const octet of bytes) octets.push(octet);
}

/** An integer in `prefixBits` bits after those of `flags`, and more octets if it is larger (5.1). */
export function putInteger(octets: number[], flags: number, prefixBits: number, value: number): void {
  const prefixMax = (1 << prefixBits) - 1;
  if (value < prefixMax) return void octets.push(flags | value);
  octets.push(flags | prefixMax);
  let rest = value - prefixMax;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) octets.push(rest % 0x80 | 0x80);
  octets.push(rest);
}

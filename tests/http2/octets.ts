/**
 * Octets as text, for tests of HTTP/2.
 */

import { latin1 } from "../../src/http/syntax.ts";

/** The octets of hexadecimal digits; blanks are ignored. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  const digits = hex.replace(/\s/g, "");
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) => parseInt(digits.slice(2 * at, 2 * at + 2), 16));
}

export function toHex(octets: Uint8Array): string {
  return [...octets].map((octet) => octet.toString(16).padStart(2, "0")).join("");
}

export function toText(octets: Uint8Array): string {
  return latin1(octets, 0, octets.length);
}

/**
 * The static table of HPACK (RFC 7541, appendix A), as data. Pure.
 * @module
 */

import { latin1Bytes } from "../syntax.ts";

/** A field as octets. */
export interface OctetField {
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}

const FIELDS: readonly (readonly [name: string, value: string])[] = [
  [":authority", ""],
  [":method", "GET"],
  [":method", "POST"],
  [":path", "/"],
  [":path", "/index.html"],
  [":scheme", "http"],
  [":scheme", "https"],
  [":status", "200"],
  [":status", "204"],
  [":status", "206"],
  [":status", "304"],
  [":status", "400"],
  [":status", "404"],
  [":status", "500"],
  ["accept-charset", ""],
  ["accept-encoding", "gzip, deflate"],
  ["accept-language", ""],
  ["accept-ranges", ""],
  ["accept", ""],
  ["access-control-allow-origin", ""],
  ["age", ""],
  ["allow", ""],
  ["authorization", ""],
  ["cache-control", ""],
  ["content-disposition", ""],
  ["content-encoding", ""],
  ["content-language", ""],
  ["content-length", ""],
  ["content-location", ""],
  ["content-range", ""],
  ["content-type", ""],
  ["cookie", ""],
  ["date", ""],
  ["etag", ""],
  ["expect", ""],
  ["expires", ""],
  ["from", ""],
  ["host", ""],
  ["if-match", ""],
  ["if-modified-since", ""],
  ["if-none-match", ""],
  ["if-range", ""],
  ["if-unmodified-since", ""],
  ["last-modified", ""],
  ["link", ""],
  ["location", ""],
  ["max-forwards", ""],
  ["proxy-authenticate", ""],
  ["proxy-authorization", ""],
  ["range", ""],
  ["referer", ""],
  ["refresh", ""],
  ["retry-after", ""],
  ["server", ""],
  ["set-cookie", ""],
  ["strict-transport-security", ""],
  ["transfer-encoding", ""],
  ["user-agent", ""],
  ["vary", ""],
  ["via", ""],
  ["www-authenticate", ""],
];

/** The entries. The index of the first is 0 here and 1 on the wire. */
export const STATIC_TABLE: readonly OctetField[] = FIELDS.map(([name, value]) => ({
  name: latin1Bytes(name),
  value: latin1Bytes(value),
}));

const INDEX_BY_FIELD = new Map<string, number>();
const INDEX_BY_NAME = new Map<string, number>();
for (const [index, [name, value]] of FIELDS.entries()) {
  INDEX_BY_FIELD.set(`${name}: ${value}`, index + 1);
  if (!INDEX_BY_NAME.has(name)) INDEX_BY_NAME.set(name, index + 1);
}

/** The index of the entry with this name and value; `undefined`: there is none. The name is in lower case. */
export function indexOfField(name: string, value: string): number | undefined {
  return INDEX_BY_FIELD.get(`${name}: ${value}`);
}

/** The index of the first entry with this name; `undefined`: there is none. The name is in lower case. */
export function indexOfName(name: string): number | undefined {
  return INDEX_BY_NAME.get(name);
}

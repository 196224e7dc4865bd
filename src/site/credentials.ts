/**
 * What a client says of itself by the Basic scheme (RFC 7617). Pure.
 * @module
 */

import type { OctetRange } from "../http/fields.ts";

/** A name and a password, in Unicode's normal form C. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The longest value that is read: a name and a password of 255 and 1,024 bytes fit. */
const FIELD_BYTES_MAX = 2048;

/** What the value of Authorization says; `null` where that is nothing which anybody here could have said. */
export function readCredentials({ bytes, first, end }: OctetRange): Credentials | null {
  if (end - first > FIELD_BYTES_MAX) return null;
  const [, token] = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(latin1(bytes.subarray(first, end))) ?? [];
  const text = token === undefined ? null : decode(token);
  // Neither can have controls (2).
  if (text === null || /\p{Cc}/u.test(text)) return null;
  const colon = text.indexOf(":");
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

const latin1Decoder = new TextDecoder("latin1");

function latin1(octets: Uint8Array): string {
  return latin1Decoder.decode(octets);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** `null` for what is no base64, or no UTF-8, which the challenge asks for (2.1). */
function decode(token: string): string | null {
  try {
    return utf8.decode(Uint8Array.from(atob(token), (char) => char.charCodeAt(0))).normalize("NFC");
  } catch {
    return null;
  }
}

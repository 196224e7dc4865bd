/**
 * Parses credentials of the Basic scheme (RFC 7617). Pure.
 * @module
 */

import type { OctetRange } from "../http/fields.ts";

/** A name and a password, in Unicode's normal form C. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The longest accepted value. It has space for a name of 255 bytes and a password of 1,024. */
const FIELD_BYTES_MAX = 2048;

/** The credentials in the value of Authorization; `null`: they are invalid, so that no user can have them. */
export function readCredentials({ bytes, first, end }: OctetRange): Credentials | null {
  if (end - first > FIELD_BYTES_MAX) return null;
  const [, token] = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(latin1(bytes.subarray(first, end))) ?? [];
  const text = token === undefined ? null : decode(token);
  // Names and passwords must not contain controls (2).
  if (text === null || /\p{Cc}/u.test(text)) return null;
  const colon = text.indexOf(":");
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

const latin1Decoder = new TextDecoder("latin1");

function latin1(octets: Uint8Array): string {
  return latin1Decoder.decode(octets);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** `null`: it is not base64, or not UTF-8, which the challenge requires (2.1). */
function decode(token: string): string | null {
  try {
    return utf8.decode(Uint8Array.from(atob(token), (char) => char.charCodeAt(0))).normalize("NFC");
  } catch {
    return null;
  }
}

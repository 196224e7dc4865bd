/**
 * Octets of HTTP: which octets are allowed where (RFC 9110, section 5.6; RFC 9112, section 2.2), and conversion to
 * text.
 * @module
 */

export const CR = 0x0d;
export const LF = 0x0a;
export const SP = 0x20;
export const HTAB = 0x09;
export const COLON = 0x3a;

/** A character of a token (RFC 9110, section 5.6.2), for regular expressions. */
export const TCHAR = "[!#$%&'*+.^_`|~0-9A-Za-z-]";

const TCHAR_ONLY = new RegExp(TCHAR);

const TOKEN = 1;
const FIELD_VALUE = 2;
const TARGET = 4;
const DIGIT = 8;

/** The classes of each octet, as bits. */
const CLASSES = new Uint8Array(256);
for (let octet = 0; octet < 256; octet++) CLASSES[octet] = classesOf(octet);

function classesOf(octet: number): number {
  const char = String.fromCharCode(octet);
  const isVisible = octet > 0x20 && octet < 0x7f;
  return (TCHAR_ONLY.test(char) ? TOKEN : 0) |
    (isVisible || octet === SP || octet === HTAB || octet >= 0x80 ? FIELD_VALUE : 0) | // obs-text included
    ((isVisible && char !== "#") || octet >= 0x80 ? TARGET : 0) | // A target has no fragment.
    (/[0-9]/.test(char) ? DIGIT : 0);
}

/** Whether `bytes[first .. end)` is a token (RFC 9110, section 5.6.2): at least one octet. */
export function isToken(bytes: Uint8Array, first: number, end: number): boolean {
  return end > first && allOf(TOKEN, bytes, first, end);
}

/** Whether `bytes[first .. end)` is a valid field value: no NUL, CR, LF or other control except tabs. */
export function isFieldValue(bytes: Uint8Array, first: number, end: number): boolean {
  return allOf(FIELD_VALUE, bytes, first, end);
}

/**
 * Whether `bytes[first .. end)` is acceptable as a request target: no blank, no control, no `#`. This is more than a
 * URI may contain, because browsers send `|` and `^` unencoded, and other clients send UTF-8.
 */
export function isTarget(bytes: Uint8Array, first: number, end: number): boolean {
  return end > first && allOf(TARGET, bytes, first, end);
}

export function isDigit(octet: number | undefined): boolean {
  return octet !== undefined && (CLASSES[octet]! & DIGIT) !== 0;
}

/** Whether the octet is allowed in a field value. */
export function isValueOctet(octet: number | undefined): boolean {
  return octet !== undefined && (CLASSES[octet]! & FIELD_VALUE) !== 0;
}

export function isTokenOctet(octet: number | undefined): boolean {
  return octet !== undefined && (CLASSES[octet]! & TOKEN) !== 0;
}

/** Whether `octets` are at `bytes[first]`. `folding` is set in each octet before comparing: 0x20 for lower case. */
export function isAt(bytes: Uint8Array, first: number, octets: Uint8Array, folding = 0): boolean {
  for (let at = 0; at < octets.length; at++) {
    if ((bytes[first + at]! | folding) !== octets[at]) return false;
  }
  return true;
}

function allOf(kind: number, bytes: Uint8Array, first: number, end: number): boolean {
  for (let at = first; at < end; at++) {
    if ((CLASSES[bytes[at]!]! & kind) === 0) return false;
  }
  return true;
}

/** Converts each octet to one character (ISO 8859-1), so that nothing is lost and nothing can fail. */
export function latin1(bytes: Uint8Array, first: number, end: number): string {
  let text = "";
  let at = first;
  // Eight at a time takes half as long as one by one. A `TextDecoder` takes longer for short texts.
  for (; at + 8 <= end; at += 8) {
    text += String.fromCharCode(
      bytes[at]!,
      bytes[at + 1]!,
      bytes[at + 2]!,
      bytes[at + 3]!,
      bytes[at + 4]!,
      bytes[at + 5]!,
      bytes[at + 6]!,
      bytes[at + 7]!,
    );
  }
  for (; at < end; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}

/** The reverse of `latin1`. Throws `RangeError` for characters over U+00FF, which are our own mistake. */
export function latin1Bytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0xff) throw new RangeError(`Not an octet: U+${code.toString(16)}`);
    bytes[at] = code;
  }
  return bytes;
}

/** Replaces all but visible ASCII with `\xNN`, so that no client controls a terminal. One character per octet. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/**
 * The members of a comma-separated list (RFC 9110, section 5.6.1), without blanks and without empty members.
 * For lists whose members contain no quoted strings.
 */
export function listMembers(value: string): string[] {
  return value.split(",").map(trimBlanks).filter((member) => member !== "");
}

/** Removes the optional white space of HTTP, blanks and tabs. `String.trim` removes more. */
export function trimBlanks(text: string): string {
  let first = 0;
  let end = text.length;
  while (first < end && isBlank(text.charCodeAt(first))) first++;
  while (end > first && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(first, end);
}

export function isBlank(octet: number | undefined): boolean {
  return octet === SP || octet === HTAB;
}

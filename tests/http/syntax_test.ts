/**
 * Octet classes (RFC 9110, sections 5.5 and 5.6; RFC 3986), each for all 256 octets, and conversion of bytes and text.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  isBlank,
  isDigit,
  isFieldValue,
  isTarget,
  isToken,
  isTokenOctet,
  latin1,
  latin1Bytes,
  listMembers,
  trimBlanks,
} from "../../src/http/syntax.ts";

const DIGITS = "0123456789";
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** The tchar of RFC 9110, section 5.6.2. */
const TCHAR = "!#$%&'*+-.^_`|~" + DIGITS + LETTERS;

/** The octets for which `belongs` is true. */
function octetsWhere(belongs: (octet: number) => boolean): number[] {
  return Array.from({ length: 256 }, (_, octet) => octet).filter(belongs);
}

function octetsOf(chars: string): number[] {
  return [...latin1Bytes(chars)].toSorted((a, b) => a - b);
}

Deno.test("isToken() accepts exactly the tchar of RFC 9110", () => {
  assertEquals(octetsWhere((octet) => isToken(Uint8Array.of(octet), 0, 1)), octetsOf(TCHAR));
});

Deno.test("isTokenOctet() accepts exactly the tchar of RFC 9110", () => {
  assertEquals(octetsWhere(isTokenOctet), octetsOf(TCHAR));
});

Deno.test("isFieldValue() accepts visible ASCII, blanks, tabs and obs-text, and no other control", () => {
  const allowed = octetsWhere((octet) => octet === 0x09 || (octet >= 0x20 && octet <= 0x7e) || octet >= 0x80);
  assertEquals(octetsWhere((octet) => isFieldValue(Uint8Array.of(octet), 0, 1)), allowed);
});

Deno.test("isTarget() accepts all octets except blanks, controls and #", () => {
  const allowed = octetsWhere((octet) => octet > 0x20 && octet !== 0x7f && octet !== 0x23);
  assertEquals(octetsWhere((octet) => isTarget(Uint8Array.of(octet), 0, 1)), allowed);
});

Deno.test("isDigit() accepts exactly 0 to 9", () => {
  assertEquals(octetsWhere(isDigit), octetsOf(DIGITS));
});

Deno.test("isBlank() accepts exactly space and tab", () => {
  assertEquals(octetsWhere(isBlank), [0x09, 0x20]);
});

Deno.test("isDigit(), isTokenOctet() and isBlank() are false for undefined", () => {
  assertEquals([isDigit(undefined), isTokenOctet(undefined), isBlank(undefined)], [false, false, false]);
});

Deno.test("isToken() and isTarget() require at least one octet, isFieldValue() none", () => {
  const nothing = new Uint8Array(0);
  assertEquals([isToken(nothing, 0, 0), isTarget(nothing, 0, 0), isFieldValue(nothing, 0, 0)], [false, false, true]);
});

Deno.test("isToken(), isTarget() and isFieldValue() use only the octets between the positions", () => {
  const bytes = latin1Bytes("\0GET\0");
  for (const judge of [isToken, isTarget, isFieldValue]) {
    assert(judge(bytes, 1, 4), `${judge.name} judges too much`);
    assert(!judge(bytes, 0, 4), `${judge.name} ignores the first octet`);
    assert(!judge(bytes, 1, 5), `${judge.name} ignores the last octet`);
  }
});

Deno.test("isToken() finds a bad octet in the middle", () => {
  assert(!isToken(latin1Bytes("GE T"), 0, 4));
});

Deno.test("latin1() and latin1Bytes() are each other's reverse for every octet", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, octet) => octet);
  const text = latin1(bytes, 0, 256);
  assertEquals([text.length, text.charCodeAt(0x80), text.charCodeAt(0xff)], [256, 0x80, 0xff]);
  assertEquals([...latin1Bytes(text)], [...bytes]);
});

Deno.test("latin1() uses only the octets between the positions", () => {
  assertEquals(latin1(latin1Bytes("abcdef"), 2, 4), "cd");
});

Deno.test("latin1Bytes() throws on a character that is not an octet", () => {
  assertThrows(() => latin1Bytes("a\u0100"), RangeError);
});

Deno.test("listMembers() removes blanks around members, and empty members (RFC 9110, 5.6.1)", () => {
  const cases: [string, string[]][] = [
    ["close", ["close"]],
    ["close,keep-alive", ["close", "keep-alive"]],
    [" close \t,\tkeep-alive ", ["close", "keep-alive"]],
    [",, close, ,keep-alive,,", ["close", "keep-alive"]],
    ["two words, one", ["two words", "one"]],
    ["", []],
    [" ,\t, ", []],
  ];
  for (const [value, members] of cases) assertEquals(listMembers(value), members, value);
});

Deno.test("trimBlanks() removes only spaces and tabs at both ends", () => {
  const cases: [string, string][] = [
    [" \t a b\t ", "a b"],
    ["a", "a"],
    ["", ""],
    [" \t ", ""],
    ["\xa0a\xa0", "\xa0a\xa0"], // A no-break space is obs-text.
    ["\va\f", "\va\f"],
    ["\r\na\r\n", "\r\na\r\n"],
  ];
  for (const [text, trimmed] of cases) assertEquals(trimBlanks(text), trimmed, JSON.stringify(text));
});

/**
 * The end of a request's content (RFC 9112, section 6): accepted fields, and refused ambiguous ones.
 */

import { assertEquals } from "@std/assert";
import { framing } from "../../src/http/h1/framing.ts";
import { isRefusal } from "../../src/http/status.ts";
import { headOf } from "./heads.ts";

const POST = "POST / HTTP/1.1";
const OLD_POST = "POST / HTTP/1.0";

/** The framing as a short text, or the status of the refusal. */
function framed(fieldLines: readonly string[], requestLine = POST): string | number {
  const outcome = framing(headOf(fieldLines, requestLine));
  if (isRefusal(outcome)) return outcome.status;
  return outcome.kind === "length" ? `length ${outcome.length}` : outcome.kind;
}

/** Checks the expected framing of each. */
function assertFramed(cases: readonly (readonly [fieldLines: readonly string[], expected: string | number])[]): void {
  for (const [fieldLines, expected] of cases) assertEquals(framed(fieldLines), expected, JSON.stringify(fieldLines));
}

Deno.test("framing() finds no content without Content-Length and Transfer-Encoding (RFC 9112, 6.3)", () => {
  for (const requestLine of ["GET / HTTP/1.1", POST, "PUT / HTTP/1.1", OLD_POST]) {
    assertEquals(framed(["Host: a", "Connection: close"], requestLine), "none", requestLine);
  }
});

Deno.test("framing() depends on the fields and not on the method", () => {
  assertEquals(framed(["Content-Length: 5"], "GET / HTTP/1.1"), "length 5");
  assertEquals(framed(["Transfer-Encoding: chunked"], "HEAD / HTTP/1.1"), "chunked");
});

Deno.test("framing() accepts Content-Length in HTTP/1.0, too", () => {
  assertEquals(framed(["Content-Length: 5"], OLD_POST), "length 5");
});

Deno.test("framing() reads Content-Length as decimal digits", () => {
  assertFramed([
    [["Content-Length: 5"], "length 5"],
    [["Content-Length: \t5 "], "length 5"],
    [["Content-Length: 010"], "length 10"],
    [["Content-Length: 9007199254740991"], "length 9007199254740991"],
  ]);
});

Deno.test("framing() treats a Content-Length of zero as no content", () => {
  assertFramed([[["Content-Length: 0"], "none"], [["Content-Length: 000"], "none"]]);
});

Deno.test("framing() refuses a Content-Length that is not only digits (RFC 9110, 8.6)", () => {
  const values = ["", "+5", "-5", "5.0", "5e1", "0x5", "5 5", "five", "5;", "'5'", "\xb25", "5\xa0", "Infinity", "NaN"];
  assertFramed(values.map((value) => [[`Content-Length: ${value}`], 400]));
});

Deno.test("framing() refuses Content-Length more than once, equal or not, in one line or several", () => {
  assertFramed([
    [["Content-Length: 5", "Content-Length: 6"], 400],
    [["Content-Length: 5", "Content-Length: 5"], 400],
    [["Content-Length: 0", "Content-Length: 0"], 400],
    [["Content-Length: 5", "Content-Length:"], 400],
    [["Content-Length: 5, 6"], 400],
    [["Content-Length: 5, 5"], 400],
    [["Content-Length: 5,"], 400],
  ]);
});

Deno.test("framing() refuses a Content-Length that is too large for an exact number with 413", () => {
  assertFramed([
    [["Content-Length: 9007199254740992"], 413],
    [["Content-Length: 9223372036854775807"], 413],
    [[`Content-Length: ${"0".repeat(30)}9223372036854775807`], 413],
  ]);
});

Deno.test("framing() refuses a Content-Length that overflows in other software with 400", () => {
  assertFramed([
    [["Content-Length: 9223372036854775808"], 400], // Negative in 64 bits.
    [["Content-Length: 18446744073709551621"], 400], // 5 in 64 bits.
    [[`Content-Length: ${"9".repeat(400)}`], 400],
  ]);
});

Deno.test("framing() accepts chunked in any case and with surrounding blanks (RFC 9112, 7)", () => {
  assertFramed([
    [["Transfer-Encoding: chunked"], "chunked"],
    [["Transfer-Encoding: CHUNKED"], "chunked"],
    [["transfer-encoding:\t Chunked \t"], "chunked"],
  ]);
});

Deno.test("framing() refuses Transfer-Encoding in HTTP/1.0 (RFC 9112, 6.1)", () => {
  assertEquals(framed(["Transfer-Encoding: chunked"], OLD_POST), 400);
  assertEquals(framed(["Transfer-Encoding: chunked", "Content-Length: 5"], OLD_POST), 400);
});

Deno.test("framing() refuses Transfer-Encoding together with Content-Length (RFC 9112, 6.1)", () => {
  assertFramed([
    [["Transfer-Encoding: chunked", "Content-Length: 5"], 400],
    [["Content-Length: 5", "Transfer-Encoding: chunked"], 400],
    [["Content-Length: 0", "Transfer-Encoding: chunked"], 400],
    [["Content-Length: nonsense", "Transfer-Encoding: chunked"], 400],
    [["Transfer-Encoding: gzip, chunked", "Content-Length: 5"], 400],
  ]);
});

Deno.test("framing() refuses with 400 if chunked is not last, because the end is unknown (RFC 9112, 6.3)", () => {
  const values = [
    "gzip",
    "identity",
    "chunked, gzip",
    "chunked, identity",
    "xchunked",
    "chunkedx",
    "chunked;a=b",
    "chunke d",
  ];
  assertFramed(values.map((value) => [[`Transfer-Encoding: ${value}`], 400]));
});

Deno.test("framing() refuses chunked twice (RFC 9112, 7)", () => {
  assertFramed([
    [["Transfer-Encoding: chunked, chunked"], 400],
    [["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], 400],
    [["Transfer-Encoding: chunked, gzip, chunked"], 400],
  ]);
});

Deno.test("framing() refuses unknown codings before chunked with 501 (RFC 9112, 6.1)", () => {
  assertFramed([
    [["Transfer-Encoding: gzip, chunked"], 501],
    [["Transfer-Encoding: gzip", "Transfer-Encoding: chunked"], 501],
    [["Transfer-Encoding: identity, chunked"], 501],
  ]);
});

Deno.test("framing() refuses an empty Transfer-Encoding", () => {
  const values = ["", ",", " , ", "chunked,", ", chunked"];
  assertFramed(values.map((value) => [[`Transfer-Encoding: ${value}`], 400]));
});

Deno.test("framing() reads every line of Transfer-Encoding, not only the last", () => {
  assertFramed([
    [["Transfer-Encoding: chunked", "Host: a", "Transfer-Encoding: gzip"], 400],
    [["Transfer-Encoding:", "Transfer-Encoding: chunked"], 400],
  ]);
});

/**
 * The host of a request (RFC 9110, section 7.2; RFC 9112, sections 3.2 and 3.2.2).
 */

import { assertEquals } from "@std/assert";
import { isRefusal } from "../../src/http/status.ts";
import { parseHost, parseTarget, requestHost } from "../../src/http/target.ts";
import { headOf } from "./heads.ts";

/** The host, or the status of the refusal. */
function hostOf(fieldLines: readonly string[], target = "/", version = "1.1", method = "GET"): string | number {
  const parsed = parseTarget(target, method);
  if (isRefusal(parsed)) return parsed.status;
  const host = requestHost(headOf(fieldLines, `${method} ${target} HTTP/${version}`), parsed);
  return isRefusal(host) ? host.status : host;
}

function hostValue(value: string): string | number {
  const host = parseHost(value);
  return isRefusal(host) ? host.status : host;
}

Deno.test("requestHost() refuses HTTP/1.1 without Host (RFC 9112, 3.2)", () => {
  assertEquals(hostOf([]), 400);
  assertEquals(hostOf(["X-Host: a"]), 400);
});

Deno.test("requestHost() refuses HTTP/1.1 without Host even if the target names one", () => {
  assertEquals(hostOf([], "http://example.org/"), 400);
});

Deno.test("requestHost() returns no particular host for HTTP/1.0 without Host", () => {
  assertEquals(hostOf([], "/", "1.0"), "");
});

Deno.test("requestHost() refuses Host more than once, equal or not (RFC 9112, 3.2)", () => {
  assertEquals(hostOf(["Host: a", "Host: b"]), 400);
  assertEquals(hostOf(["Host: a", "Host: a"]), 400);
  assertEquals(hostOf(["Host: a", "Host:"]), 400);
});

Deno.test("requestHost() refuses an invalid Host, also in HTTP/1.0", () => {
  assertEquals(hostOf(["Host: a b"]), 400);
  assertEquals(hostOf(["Host: a/b"], "/", "1.0"), 400);
});

Deno.test("requestHost() refuses an empty Host, except for absolute targets and HTTP/1.0 (RFC 9110, 4.2.1)", () => {
  assertEquals(hostOf(["Host:"]), 400);
  assertEquals(hostOf(["Host: "], "*", "1.1", "OPTIONS"), 400);
  assertEquals(hostOf(["Host:"], "http://a.example/"), "a.example");
  assertEquals(hostOf(["Host:"], "/", "1.0"), "");
});

Deno.test("requestHost() prefers the authority of an absolute target to Host (RFC 9112, 3.2.2)", () => {
  assertEquals(hostOf(["Host: b.example"], "http://A.example:80/x"), "a.example");
});

Deno.test("requestHost() refuses an invalid Host even with an absolute target", () => {
  assertEquals(hostOf(["Host: a b"], "http://a.example/"), 400);
});

Deno.test("requestHost() refuses an absolute target with a bad authority or user information (RFC 9110, 4.2.4)", () => {
  for (const authority of ["user@a.example", "user:secret@a.example", "a.example:x", "a:1:2", ":80", "[::1", "%zz"]) {
    assertEquals(hostOf(["Host: a.example"], `http://${authority}/`), 400, authority);
  }
});

Deno.test("requestHost() uses Host for OPTIONS *", () => {
  assertEquals(hostOf(["Host: a.example"], "*", "1.1", "OPTIONS"), "a.example");
});

Deno.test("requestHost() uses the target of CONNECT", () => {
  assertEquals(hostOf(["Host: b.example"], "a.example:443", "1.1", "CONNECT"), "a.example");
});

Deno.test("parseHost() removes the port, which may be empty", () => {
  const cases: [string, string][] = [
    ["example.org:80", "example.org"],
    ["example.org:", "example.org"],
    ["example.org:00080", "example.org"],
    ["[::1]:80", "[::1]"],
    ["192.0.2.1:8080", "192.0.2.1"],
  ];
  for (const [value, host] of cases) assertEquals(hostValue(value), host, value);
});

Deno.test("parseHost() returns lower case", () => {
  assertEquals(hostValue("EXAMPLE.Org"), "example.org");
  assertEquals(hostValue("[2001:DB8::1]"), "[2001:db8::1]");
});

Deno.test("parseHost() removes a trailing dot", () => {
  assertEquals(hostValue("example.org."), "example.org");
  assertEquals(hostValue("example.org.:80"), "example.org");
});

Deno.test("parseHost() accepts every name that RFC 3986 allows", () => {
  for (const value of ["localhost", "a-b.c_d", "xn--bcher-kva.example", "a~b", "a!$&'()*+,;=b", "%c3%a9", "1.2.3.4"]) {
    assertEquals(hostValue(value), value, value);
  }
});

Deno.test("parseHost() accepts IPv6 addresses only in brackets", () => {
  for (const value of ["[::1]", "[2001:db8::1]", "[::ffff:192.0.2.1]"]) assertEquals(hostValue(value), value);
  for (
    const value of [
      "::1",
      "2001:db8::1",
      "[]",
      "[::1",
      "::1]",
      "[::1]a",
      "[::1]80",
      "[g::]",
      "a[::1]",
      "[[::1]]",
      "[example.org]",
    ]
  ) {
    assertEquals(hostValue(value), 400, value);
  }
});

Deno.test("parseHost() refuses invalid hosts", () => {
  const values = [
    "a b",
    "a/b",
    "a\\b",
    "a?b",
    "a#b",
    "a@b",
    "user:pw@a",
    "a,b c",
    "http://a",
    "\xe9",
    "a\tb",
    '"a"',
    "<a>",
    "%",
    "%4",
    "%zz",
  ];
  for (const value of values) assertEquals(hostValue(value), 400, value);
});

Deno.test("parseHost() refuses ports that are not digits, and a port without a host", () => {
  for (const value of ["a:b", "a:-1", "a:80a", "a:8 0", "a:1:2", "a::", ":80", ":"]) {
    assertEquals(hostValue(value), 400, value);
  }
});

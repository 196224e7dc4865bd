/** The parameters: their defaults, and the words that each accepts and refuses. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  isInvalid,
  isParameterName,
  PARAMETER_NAMES,
  type ParameterName,
  PARAMETERS,
} from "../../src/config/parameters.ts";

function parse(name: ParameterName, word: string): unknown {
  return PARAMETERS[name].parse(word);
}

/** Parameters with a word and its value. */
const USABLE: readonly [ParameterName, string, unknown][] = [
  ["port", "0", 0],
  ["port", "80", 80],
  ["port", "65535", 65_535],
  ["port", "08080", 8080],
  ["address", "127.0.0.1", "127.0.0.1"],
  ["address", "0.0.0.0", "0.0.0.0"],
  ["address", "::", "::"],
  ["address", "::1", "::1"],
  ["address", "[::1]", "::1"],
  ["address", "2001:db8::7", "2001:db8::7"],
  ["address", "::ffff:192.0.2.7", "::ffff:192.0.2.7"],
  ["address", "*", "::"],
  ["address", "localhost", "127.0.0.1"],
  ["admin", "9090", "127.0.0.1:9090"],
  ["admin", "0", "127.0.0.1:0"],
  ["admin", "localhost:9090", "127.0.0.1:9090"],
  ["admin", "192.0.2.7:80", "192.0.2.7:80"],
  ["admin", "[::1]:9090", "[::1]:9090"],
  ["admin", "*:9090", "[::]:9090"],
  ["admin", "off", "off"],
  ["access-log", "off", "off"],
  ["access-log", "logs/a b.log", "logs/a b.log"],
  ["error-log", "C:\\logs\\e.log", "C:\\logs\\e.log"],
  ["timeout", "5", 5],
  ["timeout", "0", 0],
  ["timeout", "0.5", 0.5],
  ["timeout", ".25", 0.25],
  ["timeout", "1.", 1],
  ["timeout", "86400", 86_400],
  ["head-timeout", "0", 0],
  ["head-timeout", "2.5", 2.5],
  ["connections", "1", 1],
  ["connections", "1000000", 1_000_000],
  ["workers", "auto", "auto"],
  ["cache", "auto", "auto"],
  ["workers", "1", 1],
  ["workers", "256", 256],
  ["log", "combined", "combined"],
  ["log", "common", "common"],
  ["log", "json", "json"],
  ["log", "off", "off"],
  ["server-name", "sweepd", "sweepd"],
  ["server-name", "my server/1.0 (test)", "my server/1.0 (test)"],
];

for (const [name, word, value] of USABLE) {
  Deno.test(`${name} accepts "${word}" as ${JSON.stringify(value)}`, () => {
    assertEquals(parse(name, word), value);
  });
}

const UNUSABLE: readonly [ParameterName, readonly string[]][] = [
  ["port", ["", "-1", "65536", "99999", "1e3", "0x50", "80.5", "http", " 80", "80 ", "٨٠", "1000000000000"]],
  ["address", [
    "",
    "example.com",
    "256.0.0.1",
    "1.2.3",
    "127.1",
    "1.2.3.4.5",
    ":::",
    "::g",
    "fe80::1%eth0",
    "[::1",
    "::1]",
  ]],
  ["timeout", [
    "",
    "-1",
    "-0.5",
    "+1",
    "1e3",
    "0x10",
    ".",
    "5s",
    "1,5",
    "NaN",
    "Infinity",
    "86400.5",
    "99999999",
    " 5",
  ]],
  ["head-timeout", ["-1", "never"]],
  ["admin", ["", "on", "lab.example:9090", "::1:9090", "[::1]", "9090:", "65536", "127.0.0.1:-1", "1.2.3:9090"]],
  ["access-log", ["", "logs/", "a\nb", "a\x1bb"]],
  ["error-log", ["", "/"]],
  ["connections", ["", "0", "-1", "1000001", "1.5", "many"]],
  ["workers", ["", "0", "257", "-1", "Auto", "all"]],
  ["log", ["", "Combined", "none", "constructor"]],
  ["server-name", ["", " ", " sweepd", "sweepd ", "sweepd\r\nSet-Cookie: a=b", "naïve", "a\tb", "a\x7fb"]],
];

for (const [name, words] of UNUSABLE) {
  for (const word of words) {
    Deno.test(`${name} refuses ${JSON.stringify(word)}`, () => {
      const value = parse(name, word);
      assert(isInvalid(value), `taken as ${JSON.stringify(value)}`);
      assertStringIncludes(value.invalid, `"${word}"`);
    });
  }
}

Deno.test("PARAMETERS has the lab's defaults for the port, and a timeout of five seconds", () => {
  assertEquals([PARAMETERS.port.default, PARAMETERS.timeout.default], [8080, 5]);
});

for (const name of PARAMETER_NAMES) {
  Deno.test(`the default of ${name} is one that web.conf could name`, () => {
    const { default: value, summary } = PARAMETERS[name];
    assertEquals(parse(name, String(value)), value);
    assert(summary.length > 0);
  });
}

Deno.test("isParameterName() accepts the parameters, and no property of Object.prototype", () => {
  assert(PARAMETER_NAMES.every(isParameterName));
  assertEquals(["Timeout", "toString", "constructor", "__proto__", "", "default"].filter(isParameterName), []);
});

Deno.test("isInvalid() distinguishes a refusal from a value", () => {
  assertEquals([{ invalid: "why" }, 0, "", "auto", null, undefined, {}].map(isInvalid), [
    true,
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
});

Deno.test("a time shorter than a millisecond is refused, because rounded to 0 it would mean never", () => {
  assertEquals(isInvalid(PARAMETERS.timeout.parse(".0000001")), true);
  assertEquals(PARAMETERS.timeout.parse("0.001"), 0.001);
});

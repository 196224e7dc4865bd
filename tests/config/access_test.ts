/** The settings that say who is let in: what they take, and which mistakes keep a server from starting. */

import { assertEquals } from "@std/assert";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { parseConfig } from "../../src/config/parse.ts";

function complaints(text: string): string[] {
  return parseConfig(text, "f").diagnostics.map((diagnostic) => formatDiagnostic(diagnostic).replace(/^f:/, ""));
}

for (
  const [what, text, messages] of [
    ["an address that is none", "host a a\n  allow 10.0.0.0/8 10.0.0", [
      '2:20: error: allow: "10.0.0" is not an IP address or range; write one like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32; ' +
      "for example: allow 192.0.2.0/24 2001:db8::/32",
    ]],
    ["bits behind a prefix", "deny 10.0.0.1/8", [
      '1:6: error: deny: "10.0.0.1/8" has bits after its prefix; write 10.0.0.0/8, or 10.0.0.1 alone; for example: deny 192.0.2.66',
    ]],
    ["no words", "deny", [
      '1:1: error: "deny" takes words: deny CIDR...; for example: deny 192.0.2.66',
    ]],
    ["none among other words", "deny none 10.0.0.1", [
      '1:6: error: deny: "none" is not an IP address or range; write one like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32; ' +
      "for example: deny 192.0.2.66",
    ]],
    ["nearly the name of one", "host a a\nalow 10.0.0.1\nDenny 10.0.0.1\nAllow-From x\nauhtt x y\ndenie 10.0.0.1", [
      '2:1: error: unknown directive "alow"; did you mean "allow"?',
      '3:1: error: unknown directive "Denny"; did you mean "deny"?',
      '4:1: error: unknown directive "Allow-From"; did you mean "allow"?',
      '5:1: error: unknown directive "auhtt"; did you mean "auth"?',
      '6:1: error: unknown directive "denie"; did you mean "deny"?',
    ]],
    ["an origin with a path", "cors https://a.example/", [
      '1:6: error: cors: "https://a.example/" is not an origin, which is a scheme and a host; write: https://a.example; ' +
      "for example: cors https://app.example",
    ]],
    ["a host for an origin", "cors https://a.example b.example", [
      '1:24: error: cors: "b.example" is not an origin, which is a scheme and a host; write one like https://app.example; ' +
      "for example: cors https://app.example",
    ]],
    ["a wildcard in an origin", "cors https://*.a.example", [
      '1:6: error: cors: "https://*.a.example" has a wildcard, which no browser sends; write each origin, or * alone; ' +
      "for example: cors https://app.example",
    ]],
    ["an origin that hides itself", "cors null", [
      '1:6: error: cors: "null" is the origin of every page that hides its own, so it identifies none; for example: cors https://app.example',
    ]],
    ["all origins among others", "cors https://a.example *", [
      '1:24: error: cors: "*" must be the only word; for example: cors https://app.example',
    ]],
    ["addresses that stand there already", "host a a\nallow 10.0.0.0/8\nallow 10.1.0.0/16 10.2.0.1\nallow 11.0.0.1", [
      "3:1: warning: this line never takes effect, because line 2 comes first",
    ]],
  ] as const
) {
  Deno.test(`parseConfig() tells of access settings with ${what}`, () => assertEquals(complaints(text), [...messages]));
}

Deno.test("cors takes origins as browsers send them: in lower case and ASCII, without the port that is the scheme's own", () => {
  const words =
    "https://A.Example:443 http://b.example:80 http://b.example:81 https://b\u00fccher.example app://local http://[::1]:8080 https://a.example";
  const { config, diagnostics } = parseConfig(`cors ${words}`, "f");
  assertEquals(diagnostics, []);
  assertEquals(config.settings.cors.value, [
    "https://a.example",
    "http://b.example",
    "http://b.example:81",
    "https://xn--bcher-kva.example",
    "app://local",
    "http://[::1]:8080",
  ]);
});

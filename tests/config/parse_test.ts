/** Parsing of web.conf: the meaning of each directive, which line wins, and the diagnostics of invalid lines. */

import { assertEquals } from "@std/assert";
import type { Config } from "../../src/config/config.ts";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { parseConfig } from "../../src/config/parse.ts";

function parse(text: string): Config {
  return parseConfig(text, "web.conf").config;
}

/** The formatted diagnostics without the name of the file. */
function complaints(text: string): string[] {
  return parseConfig(text, "f").diagnostics.map((diagnostic) => formatDiagnostic(diagnostic).replace(/^f:/, ""));
}

function hosts(text: string): string[] {
  return parse(text).hosts.map(({ name, root }) => `${name} ${root}`);
}

function media(text: string): string[] {
  return parse(text).media.map(({ extension, type }) => `${extension} ${type}`);
}

Deno.test("parseConfig() returns the default configuration for an empty text, without diagnostics", () => {
  assertEquals([hosts(""), media(""), parse("").parameters.timeout.value, complaints("")], [[], [], 5, []]);
});

for (
  const [what, line, host] of [
    ["a relative root", "host localhost www", "localhost www"],
    ["a root above the folder", "host default ../..", "default ../.."],
    ["an absolute root", "host default /srv/www", "default /srv/www"],
    ["a root with a slash at its end", "host default www/", "default www/"],
    ["a root with blanks, in quotation marks", 'host default "my files"', "default my files"],
    ["a root that is named like a keyword", "host default default", "default default"],
    ["a host that is named like a keyword", "host host host", "host host"],
    ["a name in capitals, as host names have no case", "host WWW.Example.COM www", "www.example.com www"],
    ["a name with the root dot of the domain name system", "host www.example.com. www", "www.example.com www"],
    ["an IPv4 address", "host 127.0.0.1 www", "127.0.0.1 www"],
    ["an IPv6 address", "host [::1] www", "[::1] www"],
    ["a directive in capitals", "HOST default www", "default www"],
  ] as const
) {
  Deno.test(`host accepts ${what}`, () => {
    assertEquals([hosts(line), complaints(line)], [[host], []]);
  });
}

for (
  const [name, column] of [["localhost:8080", 6], ["http://localhost", 6], ["localhost/a", 6], ["a@b", 6], [
    ".",
    6,
  ]] as const
) {
  Deno.test(`host refuses the name ${name}`, () => {
    const line = `host ${name} www`;
    const message = `1:${column}: error: "${name}" is not a host name; write it without port, scheme or path`;
    assertEquals([hosts(line), complaints(line)], [[], [message]]);
  });
}

Deno.test("host refuses an empty root", () => {
  const line = 'host default ""';
  assertEquals(complaints(line), ['1:14: error: host "default" has an empty root; "." is this folder']);
  assertEquals(hosts(line), []);
});

Deno.test("host lines keep their order, default first or last", () => {
  const lines = "host a ra\nhost default rd\nhost b rb";
  assertEquals(hosts(lines), ["a ra", "default rd", "b rb"]);
});

Deno.test("the last host line for a name wins, with a warning at the earlier one", () => {
  const lines = "host a one\nhost b two\nhost A three";
  assertEquals(hosts(lines), ["b two", "a three"]);
  assertEquals(complaints(lines), ['3:6: warning: host "a" again; this line replaces line 1']);
});

for (
  const [what, line, entry] of [
    ["a type", "media txt text/plain", "txt text/plain"],
    ["an extension in capitals", "media TXT text/plain", "txt text/plain"],
    ["an extension with its dot", "media .txt text/plain", "txt text/plain"],
    ["the extension c++", "media c++ text/x-c", "c++ text/x-c"],
    ["the extension jfif-tbnl", "media jfif-tbnl image/jpeg", "jfif-tbnl image/jpeg"],
    ["an extension of digits", "media 7z application/x-7z-compressed", "7z application/x-7z-compressed"],
    ["an extension named like a property of every object", "media constructor text/plain", "constructor text/plain"],
    ["the extension __proto__", "media __proto__ text/plain", "__proto__ text/plain"],
    ["a type with a suffix", "media svg image/svg+xml", "svg image/svg+xml"],
    ["a parameter without blanks", "media txt text/plain;charset=utf-8", "txt text/plain;charset=utf-8"],
    ["a parameter in quotation marks", 'media txt "text/plain; charset=latin1"', "txt text/plain; charset=latin1"],
  ] as const
) {
  Deno.test(`media accepts ${what}`, () => {
    assertEquals([media(line), complaints(line)], [[entry], []]);
  });
}

for (const type of ["html", "text/", "/html", "text/html/x", "te(xt/html", "téxt/html"]) {
  Deno.test(`media refuses the type ${type}`, () => {
    const line = `media x ${type}`;
    const message = `1:9: error: "${type}" is not a media type; write one like text/plain`;
    assertEquals([media(line), complaints(line)], [[], [message]]);
  });
}

Deno.test("the number of media lines is not limited: 265 load", () => {
  const extensions = Array.from({ length: 265 }, (_, index) => `x${index.toString(36)}`);
  const lines = extensions.map((extension) => `media ${extension} application/x-${extension}\n`).join("");
  assertEquals([media(lines), complaints(lines)], [extensions.map((name) => `${name} application/x-${name}`), []]);
});

Deno.test("the last media line for an extension wins, with a warning at the earlier one", () => {
  const lines = "media txt text/a\nmedia .TXT text/b";
  assertEquals(media(lines), ["txt text/b"]);
  assertEquals(complaints(lines), ['2:7: warning: media "txt" again; this line replaces line 1']);
});

Deno.test("parameter sets a value, and its line is the origin", () => {
  const { timeout } = parse("\nparameter timeout 0.5").parameters;
  assertEquals(timeout, { value: 0.5, origin: { kind: "file", file: "web.conf", line: 2 } });
});

Deno.test("parameter accepts its name in capitals", () => {
  assertEquals([parse("Parameter Timeout 7").parameters.timeout.value, complaints("Parameter Timeout 7")], [7, []]);
});

Deno.test("parameter accepts 0 for an infinite timeout", () => {
  assertEquals(parse("parameter timeout 0").parameters.timeout.value, 0);
});

Deno.test("there may be any number of parameter lines", () => {
  const { parameters } = parse('parameter port 9000\nparameter log off\nparameter server-name "my server"');
  assertEquals([parameters.port.value, parameters.log.value, parameters["server-name"].value], [
    9000,
    "off",
    "my server",
  ]);
});

Deno.test("the last parameter line for a name wins, with a warning at the earlier one", () => {
  const lines = "parameter timeout 1\nparameter timeout 2";
  assertEquals(parse(lines).parameters.timeout.value, 2);
  assertEquals(complaints(lines), ['2:11: warning: parameter "timeout" again; this line replaces line 1']);
});

Deno.test("an invalid value is an error at its word, and the previous value stays", () => {
  const lines = "parameter timeout 3\nparameter timeout  -1";
  assertEquals(parse(lines).parameters.timeout.value, 3);
  assertEquals(complaints(lines), [
    '2:20: error: timeout: "-1" is not a time; use seconds from 0 to 86400, like 5 or 0.5',
  ]);
});

Deno.test("a port above 65535 is an error", () => {
  assertEquals(complaints("parameter port 99999"), ['1:16: error: port: "99999" is not a port; use 0 to 65535']);
});

Deno.test("an unknown parameter is a warning with the nearest known one", () => {
  assertEquals(complaints("parameter timeot 5"), [
    '1:11: warning: unknown parameter "timeot"; did you mean "timeout"?',
  ]);
});

Deno.test("a property of Object.prototype is an unknown parameter", () => {
  assertEquals(complaints("parameter constructor 5"), ['1:11: warning: unknown parameter "constructor"']);
});

Deno.test("an unknown directive is a warning with the nearest known one, and the other lines are used", () => {
  const lines = "host a one\n  hosts b two\nhost c three";
  assertEquals(hosts(lines), ["a one", "c three"]);
  assertEquals(complaints(lines), ['2:3: warning: unknown directive "hosts"; did you mean "host"?']);
});

Deno.test("a property of Object.prototype is an unknown directive", () => {
  assertEquals(complaints("constructor a b"), ['1:1: warning: unknown directive "constructor"']);
});

for (
  const [directive, usage] of [["host", "host NAME ROOT"], ["media", "media EXT TYPE"], [
    "parameter",
    "parameter NAME VALUE",
  ]] as const
) {
  Deno.test(`${directive} with fewer than two words is an error that shows its form`, () => {
    const message = `1:2: error: "${directive}" takes two words; write: ${usage}`;
    assertEquals(complaints(` ${directive}`), [message]);
    assertEquals(complaints(` ${directive} word`), [message]);
  });
}

Deno.test("an extra word is a warning at that word, and the line is used", () => {
  const line = "host default my files";
  assertEquals(hosts(line), ["default my"]);
  assertEquals(complaints(line), [
    '1:17: warning: "files" is ignored; put words that belong together in quotation marks',
  ]);
});

Deno.test("diagnostics are in the order of their positions, each with its file", () => {
  const { diagnostics } = parseConfig('hosts\nhost a "b\nparameter timeout x # "\nmedia a b c', "my.conf");
  assertEquals(diagnostics.map(({ file, line, column, severity }) => [file, line, column, severity]), [
    ["my.conf", 1, 1, "warning"],
    ["my.conf", 2, 8, "error"],
    ["my.conf", 3, 19, "error"],
    ["my.conf", 4, 9, "error"],
    ["my.conf", 4, 11, "warning"],
  ]);
});

Deno.test("origins name the file and the effective line", () => {
  const { hosts, media } = parse("media a text/a\nhost a one\n\nhost a two");
  assertEquals([hosts[0]?.origin, media[0]?.origin], [
    { kind: "file", file: "web.conf", line: 4 },
    { kind: "file", file: "web.conf", line: 1 },
  ]);
});

Deno.test("parseConfig() never throws", () => {
  const pieces = [
    "host",
    "media",
    "parameter",
    " ",
    "\t",
    '"',
    "#",
    "\n",
    "\r",
    "default",
    "timeout",
    "-1",
    "\uFEFF",
    "\0",
  ];
  for (let seed = 0; seed < 2000; seed++) {
    const text = Array.from(
      { length: seed % 23 },
      (_, at) => pieces[(seed * 31 + at * at * 7 + at * seed) % pieces.length],
    );
    parseConfig(text.join(""), "web.conf");
  }
});

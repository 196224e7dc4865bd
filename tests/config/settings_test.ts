/** The settings of hosts: what each takes, whom it holds for, and what is said of lines that cannot be used. */

import { assert, assertEquals } from "@std/assert";
import { type AnySetting, type Config, formatOrigin, linesOf, settingsFor } from "../../src/config/config.ts";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { lex } from "../../src/config/lexer.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { isInvalidWord, ruleOf, SETTING_NAMES } from "../../src/config/settings.ts";

function parse(text: string): Config {
  return parseConfig(text, "web.conf").config;
}

function complaints(text: string): string[] {
  return parseConfig(text, "f").diagnostics.map((diagnostic) => formatDiagnostic(diagnostic).replace(/^f:/, ""));
}

/** The value of each setting for each host, as `name index dotfiles`. */
function inEffect(text: string): string[] {
  const config = parse(text);
  return config.hosts.map((host) => {
    const { index, dotfiles } = settingsFor(config, host);
    return `${host.name} ${index.value} ${dotfiles.value}`;
  });
}

/** The redirects in effect for each host, in order, each with its line; `default` of a host that is not there. */
function redirectsInEffect(text: string): string[] {
  const config = parse(text);
  return config.hosts.map((host) => {
    const { lines } = settingsFor(config, host).redirect;
    return [host.name, ...lines.map(({ value: { from, to }, origin }) => `${from}>${to}@${formatOrigin(origin)}`)].join(
      " ",
    );
  });
}

for (
  const [what, text, hosts] of [
    ["below a host line belong to that host", "host a a\n  index x\nhost b b", ["a x false", "b index.html false"]],
    ["above the first host line hold for every host", "index x\ndotfiles on\nhost a a\nhost b b", [
      "a x true",
      "b x true",
    ]],
    ["of a host replace those for every host", "index x\nhost a a\nindex y\nhost b b", ["a y false", "b x false"]],
    ["need no indentation", "host a a\nindex x", ["a x false"]],
    ["may stand behind media and parameter lines", "host a a\nmedia md text/x\nparameter port 0\nindex x", [
      "a x false",
    ]],
    ["take their words in order", "host a a\n  index b a c", ["a b,a,c false"]],
    ["are written in any letter case", "host a a\n  INDEX x", ["a x false"]],
    ["belong to the last host line of a name", "host a a\nindex x\nhost a b", ["a index.html false"]],
    ["take quoted words", 'host a a\nindex "my page.html"', ["a my page.html false"]],
    ["take none for an empty list", "index x\nhost a a\nindex none", ["a  false"]],
  ] as const
) {
  Deno.test(`settings ${what}`, () => assertEquals(inEffect(text), [...hosts]));
}

for (
  const [what, text, messages] of [
    ["without words", "index", [
      '1:1: error: "index" takes words: index NAME...; for example: index index.html index.htm',
    ]],
    ["with a path for a name", "index a ../b", [
      '1:9: error: index: "../b" is not the name of a file; write it without a path; for example: index index.html index.htm',
    ]],
    ["with a name twice", "index a b a", [
      '1:11: error: index: "a" is repeated; for example: index index.html index.htm',
    ]],
    ["with none among other words", "index a none", [
      '1:9: error: index: "none" is not the name of a file; write it without a path; for example: index index.html index.htm',
    ]],
    ["that are neither on nor off", "dotfiles yes", [
      '1:10: error: dotfiles: "yes" is neither on nor off; for example: dotfiles on',
    ]],
    ["with a word too many", "dotfiles on off", [
      '1:13: error: dotfiles: "off" is one word too many; write on or off; for example: dotfiles on',
    ]],
    ["that nearly name one", "idnex a", ['1:1: warning: unknown directive "idnex"; did you mean "index"?']],
    ["twice for one host", "host a a\nindex x\nindex y", [
      '3:1: warning: setting "index" again; this line replaces line 2',
    ]],
  ] as const
) {
  Deno.test(`parseConfig() tells of settings ${what}`, () => assertEquals(complaints(text), [...messages]));
}

Deno.test("parseConfig() says nothing of a setting of a host that another host, or all hosts, have too", () => {
  assertEquals(complaints("index x\nhost a a\nindex y\nhost b b\nindex z"), []);
});

Deno.test("settings below a host line that cannot be used belong to no other host", () => {
  assertEquals(inEffect("host a a\nhost b:1 b\nindex x"), ["a index.html false"]);
});

for (
  const [what, text, hosts] of [
    ["add up in their order", "host a a\nredirect /1 /x\nredirect /2 /y", ["a /1>/x@web.conf:2 /2>/y@web.conf:3"]],
    ["of a host stand before those for every host", "redirect /1 /x\nhost a a\nredirect /2 /y\nhost b b", [
      "a /2>/y@web.conf:3 /1>/x@web.conf:1",
      "b /1>/x@web.conf:1",
    ]],
    [
      "of a host are all that holds where one says none",
      "redirect /1 /x\nhost a a\nredirect /2 /y\nredirect none\nhost b b",
      [
        "a /2>/y@web.conf:3",
        "b /1>/x@web.conf:1",
      ],
    ],
    ["are cleared by none alone", "redirect /1 /x\nhost a a\nredirect none", ["a"]],
    ["stand once where a host repeats one for every host", "redirect /1 /x\nhost a a\nredirect /1 /x", [
      "a /1>/x@web.conf:3",
    ]],
  ] as const
) {
  Deno.test(`lines of a setting that repeats ${what}`, () => assertEquals(redirectsInEffect(text), [...hosts]));
}

for (
  const [what, text, messages] of [
    ["behind one that takes all", "host a a\nredirect /** https://b.example/$1\nredirect /a /b", [
      "3:1: warning: this line never takes effect, because line 2 comes first",
    ]],
    ["behind one with the same pattern", "host a a\nredirect /a /b\nredirect /c /d\nredirect /a /e", [
      "4:1: warning: this line never takes effect, because line 2 comes first",
    ]],
    [
      "of another host than the one that takes all",
      "host a a\nredirect /** https://b.example/\nhost b b\nredirect /a /b",
      [],
    ],
    [
      "above the first host, where a host has one that takes all",
      "redirect /a /b\nhost a a\nredirect /** https://b.example/",
      [],
    ],
  ] as const
) {
  Deno.test(`parseConfig() judges a line ${what}`, () => assertEquals(complaints(text), [...messages]));
}

Deno.test("parseConfig() refuses more than a thousand lines of one setting", () => {
  const lines = (count: number) => Array.from({ length: count }, (_, index) => `redirect /${index} /x`).join("\n");
  assertEquals(complaints(lines(1000)), []);
  assertEquals(complaints(lines(1001)), ['1001:1: error: "redirect" has more than 1000 lines for one host']);
});

Deno.test("each setting's example is a line that web.conf takes, and its words are those of its value", () => {
  for (const name of SETTING_NAMES) {
    const { example, parse: parseWords, format } = ruleOf(name);
    assertEquals(complaints(example), [], name);
    const [directive, ...words] = lex(example).lines[0]!.words.map(({ text }) => text);
    assertEquals(directive, name);
    const value = parseWords(words);
    assert(!isInvalidWord(value));
    assertEquals(format(value), words);
  }
});

Deno.test("each setting's default is one that its words can say", () => {
  const { settings } = parse("");
  for (const name of SETTING_NAMES) {
    const text = linesOf(name, settings[name] as AnySetting).map(({ words }) => `${name} ${words.join(" ")}`).join(
      "\n",
    );
    assertEquals(complaints(text), [], text);
    const said = linesOf(name, parse(text).settings[name] as AnySetting).map(({ words }) => words);
    assertEquals(said, linesOf(name, settings[name] as AnySetting).map(({ words }) => words));
  }
});

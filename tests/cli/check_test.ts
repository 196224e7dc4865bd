/** The configuration in effect as a table that web.conf itself would take. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describeConfig } from "../../src/cli/check.ts";
import { type AnySetting, type Config, defaultConfig, linesOf, withParameter } from "../../src/config/config.ts";
import { PARAMETER_NAMES } from "../../src/config/parameters.ts";
import { SETTING_NAMES, type SettingName } from "../../src/config/settings.ts";
import { parseConfig } from "../../src/config/parse.ts";

function wordsOf(name: SettingName, setting: AnySetting | undefined): unknown {
  return setting === undefined ? undefined : linesOf(name, setting).map(({ words }) => words);
}

/** A configuration without the places where its values come from. */
function values({ settings, hosts, media, parameters }: Config): unknown {
  return {
    settings: SETTING_NAMES.map((name) => wordsOf(name, settings[name])),
    hosts: hosts.map((host) => [host.name, host.root, SETTING_NAMES.map((name) => wordsOf(name, host.settings[name]))]),
    media: media.map(({ extension, type }) => [extension, type]),
    parameters: PARAMETER_NAMES.map((name) => [name, parameters[name].value]),
  };
}

for (
  const [what, text] of [
    ["the defaults", ""],
    ["hosts and media types", "host a /srv/a\nhost default ../..\nmedia c++ text/x-c\nmedia jfif-tbnl image/jpeg"],
    [
      "every parameter",
      'parameter timeout 0.5\nparameter port 0\nparameter log off\nparameter server-name "my server"',
    ],
    ["words with blanks", 'host default "my files"\nmedia txt "text/plain; charset=latin1"'],
    ["settings of all hosts and of one", "index a b\ndotfiles on\nhost a a\n  index none\nhost b b\n  dotfiles off"],
    ["lines that add up", "redirect /a /b\nredirect /x/* /c 302\nhost a a\n  redirect /d -\n  redirect /e /f?x=1"],
    [
      "cleared lines",
      "redirect none\nredirect /a /b\nhost a a\n  redirect none\nhost b b\n  redirect none\n  redirect /c /d",
    ],
    ["settings with words that need quotation marks", 'index "#a" "b c"\nhost a a\n  index "d e" "#f"'],
    ["words with tabs", 'host default "my\tfiles"'],
    ["words that would begin a comment", 'host default "#1"\nmedia "#" text/plain\nparameter server-name "#"'],
    ["a root longer than the column is wide", `host default /${"long/".repeat(30)}\nhost b short`],
  ] as const
) {
  Deno.test(`describeConfig() writes ${what} so that web.conf would take it back`, () => {
    const { config } = parseConfig(text, "web.conf");
    const { config: again, diagnostics } = parseConfig(describeConfig(config), "web.conf");
    assertEquals([values(again), diagnostics], [values(config), []]);
  });
}

Deno.test("describeConfig() tells for each value where it comes from, in columns", () => {
  const { config } = parseConfig("host default www\nmedia md text/markdown\nparameter timeout 0.5", "web.conf");
  const lines = describeConfig(withParameter(config, "port", { value: 9000, origin: { kind: "flag", flag: "-p" } }))
    .split("\n");
  assertMatch(lines[0]!, /^index +index\.html +# default: names/);
  assertMatch(lines[1]!, /^listing +off +# default: list/);
  assertMatch(lines[2]!, /^error +none +# default: /);
  lines.splice(0, SETTING_NAMES.length);
  assertMatch(lines[0]!, /^host default +www +# web\.conf:1$/);
  assertMatch(lines[1]!, /^media md +text\/markdown +# web\.conf:2$/);
  assertMatch(lines[2]!, /^parameter port +9000 +# -p: TCP port to listen on/);
  assertMatch(lines[4]!, /^parameter timeout +0\.5 +# web\.conf:3: seconds/);
  const columns = lines.slice(0, -1).map((line) => line.indexOf("# "));
  assertEquals(new Set(columns).size, 1);
});

Deno.test("describeConfig() says what cache auto is on this machine, as a comment", () => {
  const shared = { workers: 2, freeBytes: 1024 ** 3 };
  const text = describeConfig(defaultConfig(), shared);
  assertStringIncludes(text, "\n# cache auto: 128 MiB of memory for each of 2 workers, because 1024 MiB are free\n");
  const fixed = withParameter(defaultConfig(), "cache", { value: 9, origin: { kind: "default" } });
  assertEquals(describeConfig(fixed, shared).includes("cache auto"), false);
});

Deno.test("describeConfig() shows every parameter with its meaning, one a line", () => {
  const text = describeConfig(defaultConfig());
  assertEquals(text.split("\n").length, SETTING_NAMES.length + PARAMETER_NAMES.length + 1);
  for (const name of PARAMETER_NAMES) assertStringIncludes(text, `parameter ${name} `);
});

/** Host names of web.conf: the form that a Host field can match, or why none can. */

import { assertEquals, assertMatch } from "@std/assert";
import { describeConfig } from "../../src/cli/check.ts";
import { readHostName } from "../../src/config/host_names.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { parseHost } from "../../src/http/target.ts";

for (
  const [word, name] of [
    ["localhost", "localhost"],
    ["Files.Lab.ORG.", "files.lab.org"],
    ["default", "default"],
    ["127.0.0.1", "127.0.0.1"],
    ["my_host", "my_host"],
    ["[::1]", "[::1]"],
    ["[::FFFF:1.2.3.4]", "[::ffff:1.2.3.4]"],
    ["*.lab.org", "*.lab.org"],
    ["*.LAB.org.", "*.lab.org"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["BÜCHER.example", "xn--bcher-kva.example"],
    ["*.bücher.example", "*.xn--bcher-kva.example"],
    ["日本.jp", "xn--wgv71a.jp"],
    ["ＬＡＢ.org", "lab.org"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
  ] as const
) {
  Deno.test(`readHostName() reads ${word} as ${name}, which a Host field can have`, () => {
    const host = readHostName(word);
    assertEquals(typeof host !== "string" && host.name, name);
    assertEquals(parseHost(name), name);
  });
}

for (
  const [word, reason] of [
    ["*", /for every other host write: host default ROOT$/],
    ["a*.lab.org", /\* stands for whole labels at the beginning, as in \*\.lab\.org$/],
    ["a.*.org", /whole labels at the beginning/],
    ["*.*.org", /whole labels at the beginning/],
    ["*lab.org", /whole labels at the beginning/],
    ["*.", /for every other host write/],
    [".lab.org", /for every host below write: \*\.lab\.org$/],
    ["a..b", /a part between two dots is empty$/],
    ["::1", /in brackets: \[::1\]$/],
    ["[::1", /not an IPv6 address in brackets/],
    ["[1:2]", /not an IPv6 address in brackets/],
    ["lab.org:8080", /without port, scheme or path$/],
    ["http://lab.org", /without port, scheme or path$/],
    ["lab.org/files", /without port, scheme or path$/],
    ["me@lab.org", /without port, scheme or path$/],
    ["my host", /without port, scheme or path$/],
    ["a<b", /without port, scheme or path$/],
    ["b%üc", /without port, scheme or path$/],
    ["", /without port, scheme or path$/],
    ["..", /without port, scheme or path$/],
    [`${"x".repeat(250)}.org`, /^"x{20}\.\.\." cannot match; it is longer than 253 characters$/],
  ] as const
) {
  Deno.test(`readHostName() refuses "${word.slice(0, 30)}" and says what to write`, () => {
    assertMatch(String(readHostName(word)), reason);
  });
}

Deno.test("a host name that cannot match is an error at its column", () => {
  const { diagnostics } = parseConfig("host default www\nhost  * www\n", "web.conf");
  assertEquals(diagnostics.map(({ severity, line, column }) => [severity, line, column]), [["error", 2, 7]]);
});

Deno.test("two names that mean the same host are the same host twice", () => {
  const { config, diagnostics } = parseConfig("host bücher.example a\nhost xn--bcher-kva.example b\n", "web.conf");
  assertEquals(config.hosts.map(({ name, root }) => [name, root]), [["xn--bcher-kva.example", "b"]]);
  assertMatch(diagnostics[0]!.message, /^host "xn--bcher-kva\.example" again; this line replaces line 1$/);
});

Deno.test("check shows a name as web.conf writes it, and in ASCII", () => {
  const { config } = parseConfig("host bücher.example www\n", "web.conf");
  assertMatch(describeConfig(config), /^host bücher\.example +www +# web\.conf:1: xn--bcher-kva\.example$/m);
});

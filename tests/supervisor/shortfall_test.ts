/** What is said, in one line, when more is asked for than the process was given. */

import { assertEquals } from "@std/assert";
import type { Build } from "../../src/config/build.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { explain, needsOf, needsOfConfig } from "../../src/supervisor/shortfall.ts";

const SCOPED: Build = {
  flavour: "scoped",
  config: "web.conf",
  grants: { read: ["web.conf", "www", "my photos"], net: ["[::]:8080", "0.0.0.0:8080"], sys: [] },
  roots: {},
};

Deno.test("needsOf() what the command line names: a folder and a configuration", () => {
  assertEquals(needsOf({ dir: null, config: null, overrides: [] }), []);
  assertEquals(needsOf({ dir: "www", config: "my.conf", overrides: [] }), [
    { name: "read", what: "www" },
    { name: "read", what: "my.conf" },
  ]);
});

Deno.test("needsOfConfig() each root once, and the address", () => {
  const { config } = parseConfig("host a www\nhost b www\nhost c /srv\nparameter port 9000", "web.conf");
  assertEquals(needsOfConfig({ config }), [
    { name: "read", what: "www" },
    { name: "read", what: "/srv" },
    { name: "net", what: "[::]:9000" },
  ]);
});

Deno.test("explain() of a scoped binary: what it was built with, what it may not, and how to build another", () => {
  assertEquals(
    explain([{ name: "read", what: "/srv" }, { name: "net", what: "[::]:9000" }], SCOPED),
    'this sweepd was built for web.conf: it reads web.conf, www, "my photos", and listens on [::]:8080, 0.0.0.0:8080; ' +
      "it may not read /srv or listen on [::]:9000; to build another, or one that takes any web.conf: " +
      "deno task compile --config FILE, or --portable",
  );
});

Deno.test("explain() of an embedded site: all that it reads is inside", () => {
  const embedded: Build = { ...SCOPED, flavour: "embedded", grants: { ...SCOPED.grants, read: [] } };
  assertEquals(
    explain([{ name: "read", what: "other.conf" }], embedded),
    "this sweepd was built with web.conf and its roots inside: it reads nothing else, and listens on [::]:8080, " +
      "0.0.0.0:8080; it may not read other.conf; to build another, or one that takes any web.conf: " +
      "deno task compile --config FILE --embed, or --portable",
  );
});

Deno.test("explain() of a process from source: the flags that it lacks", () => {
  assertEquals(
    explain([{ name: "read", what: "my photos" }, { name: "net", what: "[::]:9000" }], null),
    'this process was not permitted to read "my photos" or listen on [::]:9000; start it with ' +
      '"--allow-read=my photos" --allow-net=[::]:9000',
  );
});

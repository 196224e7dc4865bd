/** The message, in one line, if the process lacks permissions. */

import { assertEquals } from "@std/assert";
import type { Build } from "../../src/config/build.ts";
import { type Grant, permit } from "../../src/config/permissions.ts";
import { explainDenied, explainMissing } from "../../src/config/remedy.ts";

const grants = (...names: readonly string[]): Grant[] => names.map((what) => ({ what, origin: "web.conf:1" }));

const SCOPED: Build = {
  flavour: "scoped",
  config: "web.conf",
  permissions: permit({
    read: grants("web.conf", "www", "my photos"),
    net: grants("[::]:8080", "0.0.0.0:8080"),
  }),
  roots: {},
};

Deno.test("explainMissing() of a scoped binary names its permissions, the missing ones, and how to build another", () => {
  assertEquals(
    explainMissing(permit({ read: grants("/srv"), net: grants("[::]:9000") }), SCOPED),
    'this sweepd was built for web.conf: it reads web.conf, www, "my photos", and listens on [::]:8080, 0.0.0.0:8080; ' +
      "it may not read /srv or listen on [::]:9000; to build another, or one that takes any web.conf: " +
      "deno task compile --config FILE, or --portable",
  );
});

Deno.test("explainMissing() of an embedded site says that all its files are inside", () => {
  const embedded: Build = { ...SCOPED, flavour: "embedded", permissions: { ...SCOPED.permissions, read: [] } };
  assertEquals(
    explainMissing(permit({ read: grants("other.conf") }), embedded),
    "this sweepd was built with web.conf and its roots inside: it reads nothing else, and listens on [::]:8080, " +
      "0.0.0.0:8080; it may not read other.conf; to build another, or one that takes any web.conf: " +
      "deno task compile --config FILE --embed, or --portable",
  );
});

Deno.test("explainMissing() of a binary names no flag of the runtime, because a binary takes none", () => {
  const everything = permit({ read: "everything", write: grants("log"), net: "everything", env: grants("HOME") });
  for (const flavour of ["scoped", "portable", "embedded"] as const) {
    assertEquals(explainMissing(everything, { ...SCOPED, flavour }).includes("--allow"), false);
  }
});

Deno.test("explainMissing() of a process from source names a task with the permissions, and the missing flags", () => {
  assertEquals(
    explainMissing(permit({ read: grants("my photos"), net: grants("[::]:9000") }), null),
    'this process was not permitted to read "my photos" or listen on [::]:9000; deno task start has it, or give ' +
      'deno run "--allow-read=my photos" --allow-net=[::]:9000',
  );
});

Deno.test("explainDenied() names the task that may write", () => {
  assertEquals(
    explainDenied("write", "a.log", null),
    "this process was not permitted to write a.log; deno task logged has it, or give deno run --allow-write=a.log",
  );
});

Deno.test("explainMissing() stays one line with 10,000 roots, and gives a flag that can be typed", () => {
  const roots = grants(...Array.from({ length: 10_000 }, (_, number) => `root${number}`));
  assertEquals(
    explainMissing(permit({ read: roots }), null),
    "this process was not permitted to read root0 or read root1 or read root2 or 9997 more; deno task start has it, " +
      "or give deno run --allow-read",
  );
});

Deno.test("explainMissing() gives the flag without names if a name has a comma, because commas separate names", () => {
  assertEquals(
    explainDenied("read", "a,b", null),
    'this process was not permitted to read "a,b"; deno task start has it, or give deno run --allow-read',
  );
});

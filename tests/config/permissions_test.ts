/** Permissions as a value: its description, the runtime's flags for it, and the effect of these flags. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  allowFlags,
  describeGranted,
  describePermissions,
  type Grant,
  KINDS,
  permit,
  runtimePermissions,
  UnnameableError,
} from "../../src/config/permissions.ts";
import { permissionFlags } from "../../tools/compiler.ts";
import { withFiles } from "../tools/staged.ts";

const grants = (...names: readonly string[]): Grant[] => names.map((what) => ({ what, origin: "web.conf:1" }));

Deno.test("describeGranted() is everything, nothing, or each grant once", () => {
  assertEquals(describeGranted("read", "everything"), "everything");
  assertEquals(describeGranted("read", []), "nothing");
  assertEquals(describeGranted("read", grants("www", "my photos", "www", "a,b")), 'www, "my photos", "a,b"');
});

Deno.test("describeGranted() describes an address without a port as any port, and embedded files by their text", () => {
  assertEquals(
    describeGranted("net", grants("[::]", "[::1]:80", "0.0.0.0", "127.0.0.1:1")),
    "any port of [::], [::1]:80, any port of 0.0.0.0, 127.0.0.1:1",
  );
  assertEquals(describeGranted("read", [{ what: "/tmp/x", origin: "", shown: "what is inside" }]), "what is inside");
});

Deno.test("describePermissions() lists one grant per line with its origins, then the denied kinds", () => {
  const read = [...grants("www"), { what: "www", origin: "web.conf:2" }, { what: "/srv", origin: "web.conf:3" }];
  assertEquals(describePermissions(permit({ read, net: grants("[::]:80") })), [
    ["may read", "www (web.conf:1, web.conf:2)"],
    ["may read", "/srv (web.conf:3)"],
    ["may listen", "[::]:80 (web.conf:1)"],
    ["may write", "nothing"],
    [
      "nothing else",
      "no other network, no environment, no facts about this machine, no programs, no native code, no code from elsewhere",
    ],
  ]);
});

Deno.test("describePermissions() does not list a permitted kind as denied", () => {
  const rows = describePermissions(
    permit({ net: "everything", env: grants("HOME"), run: "everything", write: grants("a.log") }),
  );
  assertEquals(rows, [
    ["may read", "nothing"],
    ["may listen", "everything"],
    ["may write", "a.log (web.conf:1)"],
    ["may use", "env HOME (web.conf:1)"],
    ["may use", "run everything"],
    ["nothing else", "no facts about this machine, no native code, no code from elsewhere"],
  ]);
});

Deno.test("describePermissions() obeys a maximum number of lines, and gives the number of omitted ones", () => {
  const rows = describePermissions(permit({ read: grants(...Array.from({ length: 50 }, (_, n) => `r${n}`)) }), 2);
  assertEquals(rows.slice(0, 3).map(([, text]) => text), [
    "r0 (web.conf:1)",
    "r1 (web.conf:1)",
    "and 48 more; sweepd check lists them",
  ]);
});

Deno.test("runtimePermissions() names every kind, because a worker inherits those that are not named", () => {
  const value = runtimePermissions(permit({ read: grants("www"), net: "everything" }));
  assertEquals(Object.keys(value), [...KINDS]);
  assertEquals([value.read, value.net, value.write, value.env], [["www"], true, false, false]);
});

Deno.test("allowFlags() returns a flag for each permitted kind", () => {
  const permissions = permit({
    read: grants("web.conf", "my photos"),
    net: "everything",
    sys: grants("networkInterfaces"),
  });
  assertEquals(allowFlags(permissions), [
    "--allow-read=web.conf,my photos",
    "--allow-net",
    "--allow-sys=networkInterfaces",
  ]);
});

Deno.test("allowFlags() refuses paths that the runtime's flags cannot contain, and names them", () => {
  for (const root of ["a,b", " www", "www "]) {
    assertThrows(() => allowFlags(permit({ read: grants(root) })), UnnameableError, `"${root}"`);
  }
});

Deno.test("the flags permit the named paths, relative to the current folder, and nothing else", async () => {
  const files = { "web.conf": "x", "www/a": "x", "my photos/a": "x", "other/a": "x", "query.ts": QUERY };
  await withFiles(files, async (cwd) => {
    const absolute = `${cwd}/absolute`;
    await Deno.mkdir(absolute);
    const permissions = permit({
      read: grants("web.conf", "www", absolute, "my photos"),
      net: grants("[::]:8123", "0.0.0.0:8123"),
      sys: grants("networkInterfaces"),
    });
    const queries = [
      { name: "read", path: "web.conf" },
      { name: "read", path: "www/a" },
      { name: "read", path: `${absolute}/a` },
      { name: "read", path: "my photos/a" },
      { name: "net", host: "[::]:8123" },
      { name: "sys", kind: "networkInterfaces" },
      { name: "read", path: "other/a" },
      { name: "read", path: "www2" },
      { name: "read", path: ".." },
      { name: "read" },
      { name: "net", host: "[::]:8124" },
      { name: "net" },
      { name: "write", path: "www" },
      { name: "env" },
      { name: "run" },
      { name: "ffi" },
      { name: "import" },
      { name: "sys", kind: "hostname" },
    ];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", ...permissionFlags(permissions), "query.ts", JSON.stringify(queries)],
      cwd,
    }).output();
    const words = new TextDecoder().decode(stdout).trim();
    assert(words !== "", new TextDecoder().decode(stderr));
    assertEquals(JSON.parse(words).map((state: string) => state === "granted"), queries.map((_, index) => index < 6));
  });
});

const QUERY = `
console.log(JSON.stringify(JSON.parse(Deno.args[0]).map((query) => Deno.permissions.querySync(query).state)));
`;

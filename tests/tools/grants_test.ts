/** The permissions of a binary: exactly what web.conf implies, and flags that mean the same from any folder. */

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { Flavour } from "../../src/config/build.ts";
import { flagsFor, grantsFor, UnnameableError } from "../../tools/grants.ts";
import { planOf, withFiles } from "./staged.ts";

const HOSTS = 'host default www\nhost a.org /srv/a\nhost b.org "my photos"\n';

function grants(text: string, flavour: Flavour = "scoped", config = "web.conf", lan = true) {
  return grantsFor(planOf(text).config, { flavour, config, lan });
}

Deno.test("flagsFor() a web.conf with a relative root, an absolute one and one with blanks are exactly these", () => {
  assertEquals(flagsFor(grants(HOSTS + "parameter port 8123")), [
    "--no-prompt",
    "--deny-import",
    "--allow-read=web.conf,www,/srv/a,my photos",
    "--allow-net=[::]:8123,0.0.0.0:8123",
    "--allow-sys=networkInterfaces",
  ]);
});

Deno.test("grantsFor() names one address where web.conf does", () => {
  assertEquals(grants("host default www\nparameter address 127.0.0.1").net, ["127.0.0.1:8080"]);
  assertEquals(grants("host default www\nparameter address ::1").net, ["[::1]:8080"]);
});

Deno.test("grantsFor() port 0 any port of the address, because which it will be is not known", () => {
  assertEquals(grants("host default www\nparameter port 0").net, ["[::]", "0.0.0.0"]);
});

Deno.test("grantsFor() a root of several hosts is one grant", () => {
  assertEquals(grants("host a www\nhost b www").read, ["web.conf", "www"]);
});

Deno.test("grantsFor() without lan asks for no fact about the machine", () => {
  assertEquals(grants(HOSTS, "scoped", "web.conf", false).sys, []);
});

Deno.test("grantsFor() an embedded site reads nothing, and listens where web.conf says", () => {
  const embedded = grants(HOSTS, "embedded");
  assertEquals([embedded.read, embedded.net], [[], ["[::]:8080", "0.0.0.0:8080"]]);
  assertEquals(flagsFor(embedded).filter((flag) => flag.startsWith("--allow-read")), []);
});

Deno.test("grantsFor() a portable binary reads and listens as any web.conf may say, and still writes nothing", () => {
  assertEquals(flagsFor(grants(HOSTS, "portable")), [
    "--no-prompt",
    "--deny-import",
    "--allow-read",
    "--allow-net",
    "--allow-sys=networkInterfaces",
  ]);
});

Deno.test("flagsFor() refuses paths that the runtime's flags cannot name", () => {
  for (const root of ["a,b", " www", "www "]) {
    assertThrows(() => flagsFor(grants(`host default "${root}"`)), UnnameableError, "--portable");
  }
});

Deno.test("the flags permit what they name, from the folder that the program is started in, and nothing else", async () => {
  const files = { "web.conf": "x", "www/a": "x", "my photos/a": "x", "other/a": "x", "query.ts": QUERY };
  await withFiles(files, async (cwd) => {
    const absolute = `${cwd}/absolute`;
    await Deno.mkdir(absolute);
    const text = `host default www\nhost a.org "${absolute}"\nhost b.org "my photos"\nparameter port 8123\n`;
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
      args: ["run", "--no-config", ...flagsFor(grants(text)), "query.ts", JSON.stringify(queries)],
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

Deno.test("the error for a path that cannot be named says which", () => {
  const error = assertThrows(() => flagsFor(grants('host default "a,b"')), UnnameableError);
  assertStringIncludes(error.message, '"a,b"');
});

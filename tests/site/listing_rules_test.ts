/** A listing shows what the same client would get, and nothing else. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { RawClient, type RawResponse } from "../client.ts";
import { type TestSite, withSite } from "../site.ts";
import { ALICE, SECRETS } from "./guarded.ts";
import { BCRYPT_LINE } from "./passwords.ts";

const USERS = `${BCRYPT_LINE}\n`;
const AUTHORIZATION = `Authorization: ${ALICE}`;

const FILES = {
  "d/plain.txt": "plain",
  "d/.hidden": "hidden",
  "d/.dir/x.txt": "x",
  "d/sub/x.txt": "x",
  "d/staff/exam.txt": "exam",
  "d/secret.key": "key",
  "d/README.md": "the readme",
  ".well-known/security.txt": "security",
};

/** Sends GET to a host, and returns the response. */
type Get = (host: string, target: string, ...fields: readonly string[]) => Promise<RawResponse>;

async function withRules(
  conf: string,
  test: (get: Get, site: TestSite) => Promise<void>,
): Promise<void> {
  await withSite({ files: FILES, conf, secrets: SECRETS }, async (site) => {
    using client = await RawClient.connect(site.port);
    await test(async (host, target, ...fields) => {
      await client.send([`GET ${target} HTTP/1.1`, `Host: ${host}`, ...fields, "", ""].join("\r\n"));
      return await client.response();
    }, site);
  });
}

async function namesOf(get: Get, host: string, target: string, ...fields: readonly string[]): Promise<string[]> {
  const response = await get(host, target, "Accept: application/json", ...fields);
  assertEquals(response.status, 200, target);
  return JSON.parse(response.text).entries.map(({ name }: { name: string }) => name);
}

/** Every listed name is answered with 200, or with a listing. */
async function followAll(get: Get, host: string, target: string): Promise<void> {
  for (const name of await namesOf(get, host, target)) {
    const { status } = await get(host, target + encodeURIComponent(name));
    assertEquals([200, 301].includes(status), true, `${target}${name}: ${status}`);
  }
}

const TWO_HOSTS = "listing on\nhost a ROOT\nhost b ROOT\n  dotfiles on\n";

Deno.test("listing: links are listed where they lead to something that is served, with its size", () =>
  withRules(TWO_HOSTS, async (get, { root }) => {
    await Deno.symlink("/etc/passwd", `${root}/d/out`);
    await Deno.symlink("..", `${root}/d/up`);
    await Deno.symlink("../..", `${root}/d/above`);
    await Deno.symlink("plain.txt", `${root}/d/link.txt`);
    await Deno.symlink("sub", `${root}/d/linked`);
    await Deno.symlink(".hidden", `${root}/d/to-hidden`);
    await Deno.symlink(".dir", `${root}/d/to-hidden-dir`);
    await Deno.symlink("nowhere", `${root}/d/broken`);
    await Deno.symlink("loop", `${root}/d/loop`);
    const both = ["linked", "staff", "sub", "up", "link.txt", "plain.txt", "README.md", "secret.key"];
    assertEquals(await namesOf(get, "a", "/d/"), both);
    const dotted = await namesOf(get, "b", "/d/");
    assertEquals(dotted.filter((name) => !both.includes(name)), [".dir", "to-hidden-dir", ".hidden", "to-hidden"]);
    const { entries } = JSON.parse((await get("a", "/d/?format=json")).text);
    assertEquals(entries.find(({ name }: { name: string }) => name === "link.txt").size, 5);
    await followAll(get, "a", "/d/");
    await followAll(get, "b", "/d/");
  }));

Deno.test("listing: a hidden folder and one outside are 404, and .well-known is listed at the root", () =>
  withRules(TWO_HOSTS, async (get, { root }) => {
    await Deno.symlink("/etc", `${root}/etc`);
    assertEquals((await get("a", "/d/.dir/")).status, 404);
    assertEquals((await get("a", "/etc/")).status, 404);
    assertEquals(await namesOf(get, "a", "/"), [".well-known", "d"]);
    assertEquals(await namesOf(get, "b", "/d/.dir/"), ["x.txt"]);
  }));

Deno.test({
  name: "listing: devices and FIFOs are not listed, and not opened",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withRules(TWO_HOSTS, async (get, { root }) => {
      const { success } = await new Deno.Command("mkfifo", { args: [`${root}/sub-fifo`] }).output();
      assertEquals(success, true);
      await Deno.symlink("sub-fifo", `${root}/to-fifo`);
      await Deno.symlink("/dev/zero", `${root}/zero`);
      using socket = Deno.listen({ transport: "unix", path: `${root}/socket` });
      assertEquals(await namesOf(get, "a", "/"), [".well-known", "d"]);
      assertEquals(socket.addr.transport, "unix");
    }),
});

Deno.test("listing: a password file, a hard link of it and a link to it are not listed, by any host", async () => {
  const conf = "listing on\nhost a ROOT\n  auth Area ROOT/users.txt /d/staff/**\nhost b ROOT\n";
  await withSite({ files: { ...FILES, "users.txt": USERS }, conf }, async ({ port, root }) => {
    Deno.linkSync(`${root}/users.txt`, `${root}/copy.txt`);
    Deno.symlinkSync("users.txt", `${root}/link.txt`);
    using client = await RawClient.connect(port);
    for (const host of ["a", "b"]) {
      await client.send(`GET /?format=json HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      const { entries } = JSON.parse((await client.response()).text);
      assertEquals(entries.map(({ name }: { name: string }) => name), [".well-known", "d"]);
    }
  });
});

const GUARDED = `listing on
host a ROOT
  auth Staff SECRETS/staff /d/staff/**
  auth Keys SECRETS/lab *.key
host b ROOT
host c ROOT
  auth Lab SECRETS/staff
host d ROOT
  auth Readme SECRETS/staff README.md
`;

Deno.test("listing: what needs another password than the folder is not listed", () =>
  withRules(GUARDED, async (get) => {
    const all = ["staff", "sub", "plain.txt", "README.md", "secret.key"];
    assertEquals(await namesOf(get, "a", "/d/"), ["sub", "plain.txt", "README.md"]);
    assertEquals(await namesOf(get, "b", "/d/"), all);
    assertEquals((await get("c", "/d/")).status, 401);
    assertEquals(await namesOf(get, "c", "/d/", AUTHORIZATION), all);
    assertEquals((await get("a", "/d/staff/")).status, 401);
    assertEquals(await namesOf(get, "a", "/d/staff/", AUTHORIZATION), ["exam.txt"]);
    assertEquals((await get("a", "/D/STAFF/")).status, 401);
  }));

Deno.test("listing: a README that needs a password is not shown below a listing that needs none", () =>
  withRules(GUARDED, async (get) => {
    assertStringIncludes((await get("b", "/d/")).text, "the readme");
    const page = await get("d", "/d/");
    assertEquals([page.status, page.text.includes("the readme"), page.text.includes("README.md")], [200, false, false]);
  }));

Deno.test({
  name: "listing: names that are not UTF-8 are shown below the list, because the runtime cannot open them",
  ignore: Deno.build.os !== "linux", // Other systems have no such names.
  fn: () =>
    withRules(TWO_HOSTS, async (get, { root }) => {
      const script = `touch "$1"/$'caf\\xe9.txt' "$1"/$'\\xff<b>'`;
      const { success } = await new Deno.Command("bash", { args: ["-c", script, "bash", `${root}/d/sub`] }).output();
      assertEquals(success, true);
      assertEquals(await namesOf(get, "a", "/d/sub/"), ["x.txt"]);
      const text = new TextDecoder().decode((await get("a", "/d/sub/")).content);
      assertStringIncludes(text, "The server cannot open 2 names that are not UTF-8: ");
      assertStringIncludes(text, "<bdi>caf\ufffd.txt</bdi>");
      assertStringIncludes(text, "<bdi>\ufffd&#60;b&#62;</bdi>");
    }),
});

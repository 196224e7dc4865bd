/** Password files: where they are looked for, what is said of those that cannot be used, and of patterns that leave much open. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { describeChanges } from "../../src/config/changes.ts";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { loadConfig, type Loaded } from "../../src/config/load.ts";
import { findSource } from "../../src/config/source.ts";
import { workerTaskOf } from "../../src/process/worker_task.ts";
import { BCRYPT_LINE, SCRYPT_LINE } from "../site/passwords.ts";
import { TempFolder } from "../temp_folder.ts";

type Files = Readonly<Record<string, string>>;

/** web.conf and other files, as they are loaded; `$` stands for their folder. */
async function load(conf: string, files: Files = {}): Promise<Loaded> {
  using folder = new TempFolder();
  return await loadIn(folder, conf, { "www/index.html": "x", ...files });
}

async function loadIn(folder: TempFolder, conf: string, files: Files): Promise<Loaded> {
  for (const [path, text] of Object.entries({ ...files, "web.conf": conf })) folder.write(path, text);
  const options = { dir: null, config: null, overrides: [] };
  const source = await findSource(options, { standing: folder.path, current: folder.path });
  const loaded = await loadConfig(source, options);
  return JSON.parse(JSON.stringify(loaded).replaceAll(folder.path, "$"));
}

async function complaints(conf: string, files: Files = {}): Promise<string[]> {
  return (await load(conf, files)).diagnostics.map(formatDiagnostic);
}

const CONF = "host default www\n  auth Staff staff\n";

Deno.test("a password file is relative to the same folder as roots, and its users are with the configuration", async () => {
  const { config, diagnostics } = await load(CONF, { staff: `${BCRYPT_LINE}\n${SCRYPT_LINE}\n` });
  assertEquals(diagnostics, []);
  assertEquals(config.passwords.map(({ written, path, users }) => [written, path, users.map(({ name }) => name)]), [
    ["staff", "$/staff", ["alice", "bob"]],
  ]);
  assertEquals(config.passwords[0]!.places.map(({ path }) => path), ["$/staff", "$/staff.new"]);
});

Deno.test("a password file that holds for no host is not read", async () => {
  const { config, diagnostics } = await load("auth Staff missing\nhost default www\n  auth none\n");
  assertEquals([config.passwords, diagnostics], [[], []]);
});

Deno.test("a file that two hosts name is read once, and told of with both lines", async () => {
  const conf = "host default www\n  auth A staff\nhost b www\n  auth B staff\n";
  assertEquals((await load(conf, { staff: SCRYPT_LINE })).config.passwords.length, 1);
  const told = await complaints(conf);
  assertEquals(told.map((line) => line.slice(0, 23)), ["web.conf:2:1: error: au", "web.conf:4:1: error: au"]);
});

for (
  const [what, files, told] of [
    ["is missing", {}, [
      "web.conf:2:1: error: auth: cannot read staff ($/staff): there is no such file; to write it: sweepd passwd staff USER",
    ]],
    ["is a folder", { "staff/x": "" }, ["web.conf:2:1: error: auth: cannot read staff: $/staff is not a file"]],
    ["has an unsupported hash", { staff: `# x\n${SCRYPT_LINE}\ncarol:{SHA}EfatjsUqKYSrqv18O1FlA3hcIHI=\n` }, [
      'staff:3:7: error: the password of "carol" is hashed by SHA-1 without a salt, which can be guessed too fast; ' +
      "write it again with: sweepd passwd staff carol",
    ]],
    ["has a user twice", { staff: `${SCRYPT_LINE}\n${SCRYPT_LINE}\n` }, [
      'staff:2:1: error: "bob" is already in line 1',
    ]],
    ["is larger than any", { staff: `${"#".repeat(2 ** 20)}\n` }, [
      "web.conf:2:1: error: auth: cannot read staff ($/staff): it is larger than 1 MiB, the limit for a password file",
    ]],
    ["has nobody", { staff: "# nobody\n" }, [
      "web.conf:2:1: warning: staff has no user, so every request will be refused",
    ]],
  ] as const
) {
  Deno.test(`loadConfig() tells of a password file that ${what}`, async () => {
    assertEquals(await complaints(CONF, files as Files), [...told]);
  });
}

Deno.test("loadConfig() warns of a password file in a root, because an editor's copy of it would be served", async () => {
  const [told = ""] = await complaints("host default www\n  auth Staff www/staff\n", { "www/staff": SCRYPT_LINE });
  assertStringIncludes(told, 'web.conf:2:1: warning: www/staff is in the root of host "default"');
});

Deno.test("loadConfig() warns of a pattern that leaves open what is below, and of no other", async () => {
  const files = { staff: SCRYPT_LINE, "www/lab/deep/x": "", "www/page": "" };
  const conf = (pattern: string) => `host default www\n  auth Staff staff ${pattern}\n`;
  for (
    const [pattern, whole] of [
      ["/lab", "/lab/**"],
      ["/lab/", "/lab/**"],
      ["/lab/*", "/lab/**"],
      ["/missing/*", "/missing/**"],
      ["/", "/**"],
      ["/lab/**", null],
      ["/page", null],
      ["/lab/*.html", null],
      ["*.html", null],
      ["/missing", null],
    ] as const
  ) {
    const told = await complaints(conf(pattern), files);
    assertEquals(told.map((line) => /write: (.*)$/.exec(line)?.[1]), whole === null ? [] : [whole], pattern);
  }
});

Deno.test("a reload tells that passwords have changed, and of nobody by name", async () => {
  using folder = new TempFolder();
  const before = await loadIn(folder, CONF, { staff: BCRYPT_LINE, "www/index.html": "x" });
  const after = await loadIn(folder, CONF, { staff: `${BCRYPT_LINE}\n${SCRYPT_LINE}` });
  assertEquals(describeChanges(before.config, after.config), ["passwords of staff altered: 2 users"]);
  assertEquals(describeChanges(after.config, after.config), []);
});

Deno.test("a worker proves that it cannot read a password file", async () => {
  const { config } = await load(CONF, { staff: SCRYPT_LINE });
  const locks = [{ port: 80, addresses: [{ hostname: "127.0.0.1", port: 80 }] }];
  const { outside } = workerTaskOf(config, {
    locks,
    workers: 1,
    freeBytes: null,
    file: null,
    folder: "/",
    isGivable: () => true,
  });
  assertEquals(outside.includes("$/staff"), true);
});

/**
 * The effective configuration: which file is read, at the start and at a reload, what the command line changes,
 * and warnings about roots.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { loadConfig, type Loaded, type Options, reloadConfig } from "../../src/config/load.ts";
import { UnreadableConfigError } from "../../src/config/read.ts";
import { formatOrigin } from "../../src/config/config.ts";
import { findSource, type Source } from "../../src/config/source.ts";
import { TempFolder } from "../temp_folder.ts";

const NO_OPTIONS: Options = { dir: null, config: null, overrides: [] };

/** Files by path. A path that ends in a slash is a folder. `$` in a text stands for the folder of the test. */
type Files = Readonly<Record<string, string>>;

/** A temporary folder for a test, which is the current folder of the user. */
async function inFolder<T>(files: Files, use: (folder: string) => Promise<T>): Promise<T> {
  using folder = new TempFolder();
  for (const [path, text] of Object.entries(files)) {
    if (path.endsWith("/")) await Deno.mkdir(`${folder.path}/${path}`);
    else folder.write(path, text.replaceAll("$", folder.path));
  }
  return await use(folder.path);
}

function located(options: Partial<Options>, folder: string): Options {
  const place = (path: string | null | undefined) => path?.replace("$", folder) ?? null;
  return { ...NO_OPTIONS, ...options, dir: place(options.dir), config: place(options.config) };
}

function sourceIn(folder: string, options: Partial<Options> = {}): Promise<Source> {
  return findSource(located(options, folder), { standing: folder, current: folder });
}

/** The loaded configuration, with `$` for the folder. */
function load(files: Files, options: Partial<Options> = {}): Promise<Loaded> {
  return inFolder(files, async (folder) => {
    const loaded = await loadConfig(await sourceIn(folder, options), located(options, folder));
    return JSON.parse(JSON.stringify(loaded).replaceAll(folder, "$"));
  });
}

/** The configuration that is reloaded after `change`, or the error. */
function reload(
  files: Files,
  change: (folder: string) => void | Promise<void>,
  options: Partial<Options> = {},
): Promise<Loaded | string> {
  return inFolder(files, async (folder) => {
    const source = await sourceIn(folder, options);
    await loadConfig(source, located(options, folder));
    await change(folder);
    const loaded = await reloadConfig(source, located(options, folder)).catch((error) => error.message);
    return JSON.parse(JSON.stringify(loaded).replaceAll(folder, "$"));
  });
}

async function failure(files: Files, options: Partial<Options> = {}): Promise<string> {
  return await inFolder(files, async (folder) => {
    const load = async () => loadConfig(await sourceIn(folder, options), located(options, folder));
    return (await assertRejects(load, UnreadableConfigError)).message.replaceAll(folder, "$");
  });
}

/** The hosts, and all diagnostics and remarks as texts. */
function summary({ config, diagnostics, remarks }: Loaded): { hosts: string[]; complaints: string[] } {
  return {
    hosts: config.hosts.map(({ name, root }) => `${name} ${root}`),
    complaints: [...diagnostics.map(formatDiagnostic), ...remarks],
  };
}

async function complaints(files: Files, options: Partial<Options> = {}): Promise<string[]> {
  return summary(await load(files, options)).complaints;
}

Deno.test("loadConfig() reads web.conf in the current folder", async () => {
  const loaded = await load({ "web.conf": "host localhost www\nparameter timeout 3", "www/": "" });
  assertEquals(summary(loaded), { hosts: ["localhost $/www"], complaints: [] });
  assertEquals([loaded.source, loaded.file, loaded.folder], ["$/web.conf", "$/web.conf", "$"]);
  assertEquals(loaded.config.parameters.timeout, { value: 3, origin: { kind: "file", file: "web.conf", line: 2 } });
});

Deno.test("loadConfig() without a file serves the current folder to every host, and says so", async () => {
  const loaded = await load({});
  assertEquals(summary(loaded), { hosts: ["default $"], complaints: [] });
  assertEquals([loaded.source, loaded.file, loaded.stamp], ["none, serving $", null, null]);
  assertEquals(loaded.config.hosts[0]?.origin, { kind: "default" });
});

Deno.test("loadConfig() serves a folder on the command line, and ignores a web.conf that is not named", async () => {
  const loaded = await load({ "web.conf": "host a .\nparameter timeout 3", "www/": "" }, { dir: "$/www" });
  assertEquals([summary(loaded).hosts, loaded.source], [["default $/www"], "none, serving $/www"]);
  assertEquals(loaded.config.parameters.timeout.value, 5);
});

Deno.test("loadConfig() lists a folder on the command line, or without a file, unless a line says otherwise", async () => {
  const listingOf = async (...[files, options]: Parameters<typeof load>) => {
    const { settings: { listing } } = (await load(files, options)).config;
    return [listing.value, formatOrigin(listing.origin)];
  };
  assertEquals(await listingOf({ "www/": "" }, { dir: "$/www" }), [true, "command line"]);
  assertEquals(await listingOf({}), [true, "default"]);
  assertEquals(await listingOf({ "web.conf": "host a ." }), [false, "default"]);
  const off = { "my.conf": "listing off\nhost a .", "www/": "" };
  assertEquals(await listingOf(off, { dir: "$/www", config: "$/my.conf" }), [false, "my.conf:1"]);
  const silent = { "my.conf": "host a .\n  listing off", "www/": "" };
  assertEquals(await listingOf(silent, { dir: "$/www", config: "$/my.conf" }), [true, "command line"]);
});

Deno.test("loadConfig() counts no root as without an index that is listed", async () => {
  const files = { "web.conf": "host a a\n  listing on\nhost b b", "a/x": "", "b/x": "" };
  assertEquals((await load(files)).withoutIndex, ["b"]);
  assertEquals((await load({ "x": "" })).withoutIndex, []);
});

Deno.test("loadConfig() reads the file on the command line instead of web.conf", async () => {
  const loaded = await load({ "web.conf": "host a .", "my.conf": "host b ." }, { config: "$/my.conf" });
  assertEquals([summary(loaded).hosts, loaded.source], [["b $"], "$/my.conf"]);
  assertEquals(loaded.config.hosts[0]?.origin, { kind: "file", file: "my.conf", line: 1 });
});

Deno.test("loadConfig() replaces all hosts of a named file by a folder on the command line, and nothing else", async () => {
  const files = { "my.conf": "host a .\nhost default .\nmedia x text/x\nparameter timeout 3", "www/": "" };
  const { config, diagnostics } = await load(files, { dir: "$/www", config: "$/my.conf" });
  const origin = { kind: "flag", flag: "command line" } as const;
  assertEquals(config.hosts, [{ name: "default", root: "$/www", origin, settings: {} }]);
  assertEquals([config.media.length, config.parameters.timeout.value, diagnostics], [1, 3, []]);
});

Deno.test("loadConfig() lets flags override parameters of the file", async () => {
  const overrides = [{ name: "port", value: 9000, flag: "--port" }] as const;
  const { config } = await load({ "web.conf": "host a .\nparameter port 80\nparameter timeout 3" }, { overrides });
  assertEquals(config.parameters.port, { value: 9000, origin: { kind: "flag", flag: "--port" } });
  assertEquals(config.parameters.timeout.value, 3);
});

Deno.test("loadConfig() lets flags set parameters without a file", async () => {
  const { config } = await load({}, { overrides: [{ name: "address", value: "::1", flag: "--address" }] });
  assertEquals(config.parameters.address.value, "::1");
});

Deno.test("loadConfig() explains why a file cannot be used", async () => {
  assertEquals(await failure({}, { config: "$/my.conf" }), "cannot read my.conf: there is no such file");
  assertEquals(await failure({}, { config: "/no/my.conf" }), "cannot read /no/my.conf: there is no such file");
  assertEquals(await failure({ "conf/": "" }, { config: "$/conf" }), "cannot read conf: it is a folder");
  assertEquals(
    await failure({ "f": "" }, { config: "$/f/my.conf" }),
    "cannot read f/my.conf: a part of its path is a file, not a folder",
  );
});

Deno.test("loadConfig() reports a web.conf that exists but cannot be read, and serves nothing else", async () => {
  assertEquals(await failure({ "web.conf/": "" }), "cannot read web.conf: it is a folder");
  await inFolder({}, async (folder) => {
    await Deno.symlink("nowhere", `${folder}/web.conf`);
    const error = await assertRejects(() => sourceIn(folder), UnreadableConfigError);
    assertEquals(error.message, "cannot read web.conf: there is no such file");
  });
});

for (
  const [name, reason] of [
    ["PermissionDenied", "this user has no permission"],
    [
      "NotCapable",
      "this process was not permitted to read $/web.conf; deno task start has it, or give deno run --allow-read=$/web.conf",
    ],
  ] as const
) {
  Deno.test(`loadConfig() explains that it cannot read the file because of ${name}`, async () => {
    const open = Deno.open;
    // These tests may run as the superuser, who may read all files.
    Deno.open = () => Promise.reject(new Deno.errors[name]("text"));
    try {
      assertEquals(await failure({ "web.conf": "host a ." }), `cannot read web.conf: ${reason}`);
    } finally {
      Deno.open = open;
    }
  });
}

Deno.test("loadConfig() warns of a root that does not exist, at its line, with its absolute path, and keeps the host", async () => {
  assertEquals(summary(await load({ "web.conf": "# my hosts\nhost localhost gone" })), {
    hosts: ["localhost $/gone"],
    complaints: [
      'web.conf:2:1: warning: the root of host "localhost", $/gone, is not there; ' +
      "its requests will be answered with an error",
    ],
  });
});

Deno.test("loadConfig() suggests a root next to the file if it does not exist in the current folder", async () => {
  const files = { "conf/": "", "conf/www/": "", "conf/my.conf": "host a www\nhost b gone\nhost c $/conf/none" };
  const lost = "is not there; its requests will be answered with an error";
  assertEquals(await complaints(files, { config: "$/conf/my.conf" }), [
    'conf/my.conf:1:1: warning: the root of host "a", $/www, is not there, but $/conf/www is: ' +
    "start sweepd in $/conf, or write that path",
    `conf/my.conf:2:1: warning: the root of host "b", $/gone, ${lost}`,
    `conf/my.conf:3:1: warning: the root of host "c", $/conf/none, ${lost}`,
  ]);
});

Deno.test("loadConfig() warns of a root that is a file", async () => {
  assertEquals(await complaints({ "web.conf": "host localhost page", page: "text" }), [
    'web.conf:1:1: warning: the root of host "localhost", $/page, is not a folder; ' +
    "its requests will be answered with an error",
  ]);
});

Deno.test("loadConfig() warns at each line whose root does not exist, even if it is the same root", async () => {
  const files = { "web.conf": "host a gone\nhost b www\nhost c gone", "www/": "" };
  assertEquals((await load(files)).diagnostics.map(({ line }) => line), [1, 3]);
});

Deno.test("loadConfig() accepts a root that is a link to a folder", async () => {
  await inFolder({ "web.conf": "host a link", "www/": "" }, async (folder) => {
    await Deno.symlink("www", `${folder}/link`);
    assertEquals(summary(await loadConfig(await sourceIn(folder), NO_OPTIONS)).complaints, []);
  });
});

Deno.test("loadConfig() notes each host whose existing root has none of the host's index names", async () => {
  const conf =
    "host a www\nhost b bare\nhost c bare\nindex none\nhost d gone\nhost e bare\nindex x Index.html\nhost f www\nindex x";
  const loaded = await load({ "web.conf": conf, "www/": "", "bare/": "", "www/index.html": "", "bare/Index.html": "" });
  assertEquals(loaded.withoutIndex, ["b", "f"]);
});

Deno.test("loadConfig() throws if the command line names a path that is not a folder", async () => {
  assertEquals(await failure({ "web.conf": "host a ." }, { dir: "$/gone" }), "$/gone is not there");
  assertEquals(
    await failure({ "file": "" }, { dir: "$/file" }),
    "$/file is not a folder; to show this file, name its folder: $",
  );
});

Deno.test("loadConfig() throws if the file is too large", async () => {
  const message = "cannot read web.conf: it is larger than 1 MiB, the limit for a web.conf";
  assertEquals(await failure({ "web.conf": " ".repeat(1024 * 1024 + 1) }), message);
});

Deno.test("loadConfig() remarks on a file without a host line", async () => {
  assertEquals(summary(await load({ "web.conf": "parameter timeout 3" })), {
    hosts: [],
    complaints: ["no host line: every request will be answered with 400"],
  });
});

Deno.test("loadConfig() returns the diagnostics of the file", async () => {
  const { diagnostics } = await load({ "web.conf": "host a www\nparameter port 99999", "www/": "" });
  assertEquals(diagnostics.map(({ file, line, severity }) => [file, line, severity]), [["web.conf", 2, "error"]]);
});

Deno.test("loadConfig() resolves roots against the user's current folder, wherever the file is", async () => {
  const files = { "conf/": "", "conf/my.conf": "host a www", "www/": "" };
  assertEquals(summary(await load(files, { config: "$/conf/my.conf" })), { hosts: ["a $/www"], complaints: [] });
});

Deno.test("findSource() prefers the web.conf in the user's folder to that of the process, each with its roots", async () => {
  await inFolder({ "here/": "", "project/": "", "project/web.conf": "host a www" }, async (folder) => {
    const folders = { standing: `${folder}/here`, current: `${folder}/project` };
    const projects = await findSource(NO_OPTIONS, folders);
    assertEquals([projects.name, projects.folder], ["web.conf", `${folder}/project`]);
    await Deno.writeTextFile(`${folder}/here/web.conf`, "host b .");
    const own = await findSource(NO_OPTIONS, folders);
    assertEquals([own.kind === "file" && own.path, own.folder], [`${folder}/here/web.conf`, `${folder}/here`]);
    const named = await findSource({ dir: null, config: `${folder}/project/web.conf` }, folders);
    assertEquals([named.name, named.folder], [`${folder}/project/web.conf`, `${folder}/here`]);
  });
});

Deno.test("reloadConfig() reads the same file again", async () => {
  const loaded = await reload({ "web.conf": "host a ." }, async (folder) => {
    await Deno.writeTextFile(`${folder}/web.conf`, "host b .");
  });
  assertEquals(typeof loaded !== "string" && summary(loaded).hosts, ["b $"]);
});

const CHANGES: readonly [what: string, change: (path: string) => Promise<void>, reason: string][] = [
  ["is gone", (path) => Deno.remove(path), "cannot read web.conf: there is no such file"],
  ["was emptied", (path) => Deno.writeTextFile(path, ""), "web.conf has no host line"],
  ["has lost its hosts", (path) => Deno.writeTextFile(path, "parameter timeout 1\n"), "web.conf has no host line"],
  ["became a dangling link", async (path) => {
    await Deno.remove(path);
    await Deno.symlink("nowhere", path);
  }, "cannot read web.conf: there is no such file"],
  ["became a folder", async (path) => {
    await Deno.remove(path);
    await Deno.mkdir(path);
  }, "web.conf is not a file any more"],
];

for (const [what, change, reason] of CHANGES) {
  Deno.test(`reloadConfig() reports that the file ${what}, and serves nothing else`, async () => {
    assertEquals(await reload({ "web.conf": "host a ." }, (folder) => change(`${folder}/web.conf`)), reason);
  });
}

Deno.test("reloadConfig() accepts a file without hosts if a folder is served, but not an empty file", async () => {
  const options = { dir: "$", config: "$/my.conf" };
  const parameters = await reload({ "my.conf": "parameter timeout 1" }, () => {}, options);
  assertEquals(typeof parameters !== "string" && parameters.config.parameters.timeout.value, 1);
  const empty = (folder: string) => Deno.writeTextFile(`${folder}/my.conf`, "\n");
  assertEquals(await reload({ "my.conf": "parameter timeout 1" }, empty, options), "my.conf has no host line");
});

Deno.test("reloadConfig() reads no web.conf if the server was started without one", async () => {
  const add = (folder: string) => Deno.writeTextFile(`${folder}/web.conf`, "host a .");
  assertEquals(await reload({}, add), "this server was started without a web.conf");
});

Deno.test("reloadConfig() finds the file even if its folder has been renamed", async () => {
  const loaded = await inFolder({ "conf/": "", "here/": "", "conf/my.conf": "host a $/conf" }, async (folder) => {
    const options = { ...NO_OPTIONS, config: `${folder}/conf/my.conf` };
    const source = await findSource(options, { standing: `${folder}/here`, current: `${folder}/here` });
    await Deno.remove(`${folder}/here`);
    return await reloadConfig(source, options);
  });
  assertEquals(typeof loaded, "object");
});

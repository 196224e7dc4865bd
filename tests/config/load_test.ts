/**
 * The effective configuration: which file is read, what the command line changes, and warnings about roots.
 * Each test changes the current folder, so these tests must not run in parallel with others in one process.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { loadConfig, type Loaded, type Options, UnreadableConfigError } from "../../src/config/load.ts";
import { TempFolder } from "../temp_folder.ts";

const NO_OPTIONS: Options = { dir: null, config: null, overrides: [] };

/** Loads the configuration in a new folder that contains `files`. A path that ends in a slash is a folder. */
function load(files: Readonly<Record<string, string>>, options: Partial<Options> = {}): Loaded {
  return inFolder(files, () => loadConfig({ ...NO_OPTIONS, ...options }));
}

function inFolder<T>(files: Readonly<Record<string, string>>, call: () => T): T {
  const before = Deno.cwd();
  using folder = new TempFolder();
  Deno.chdir(folder.path);
  try {
    for (const [path, text] of Object.entries(files)) {
      if (path.endsWith("/")) Deno.mkdirSync(path);
      else folder.write(path, text);
    }
    return call();
  } finally {
    Deno.chdir(before);
  }
}

/** The hosts, and all diagnostics and remarks as texts. */
function summary({ config, diagnostics, remarks }: Loaded): { hosts: string[]; complaints: string[] } {
  return {
    hosts: config.hosts.map(({ name, root }) => `${name} ${root}`),
    complaints: [...diagnostics.map(formatDiagnostic), ...remarks],
  };
}

Deno.test("loadConfig() reads web.conf in the current folder", () => {
  const loaded = load({ "web.conf": "host localhost www\nparameter timeout 3", "www/": "" });
  assertEquals(summary(loaded), { hosts: ["localhost www"], complaints: [] });
  assertEquals([loaded.source, loaded.config.parameters.timeout], [
    "./web.conf",
    { value: 3, origin: { kind: "file", file: "web.conf", line: 2 } },
  ]);
});

Deno.test("loadConfig() without a file serves the current folder to every host, and says so", () => {
  const loaded = load({});
  assertEquals(summary(loaded), { hosts: ["default ."], complaints: [] });
  assertEquals(loaded.source, "none found, serving the current folder");
  assertEquals(loaded.config.hosts[0]?.origin, { kind: "default" });
});

Deno.test("loadConfig() without a file serves the folder on the command line, and says so", () => {
  const loaded = load({ "www/": "" }, { dir: "www" });
  assertEquals([summary(loaded).hosts, loaded.source], [["default www"], "none found, serving www"]);
});

Deno.test("loadConfig() reads the file on the command line instead of web.conf", () => {
  const files = { "web.conf": "host a .", "my.conf": "host b ." };
  const loaded = load(files, { config: "my.conf" });
  assertEquals([summary(loaded).hosts, loaded.source], [["b ."], "my.conf"]);
  assertEquals(loaded.config.hosts[0]?.origin, { kind: "file", file: "my.conf", line: 1 });
});

Deno.test("loadConfig() replaces all hosts of the file by a folder on the command line, and nothing else", () => {
  const files = { "web.conf": "host a .\nhost default .\nmedia x text/x\nparameter timeout 3", "www/": "" };
  const { config, diagnostics } = load(files, { dir: "www" });
  assertEquals(config.hosts, [{ name: "default", root: "www", origin: { kind: "flag", flag: "command line" } }]);
  assertEquals([config.media.length, config.parameters.timeout.value, diagnostics], [1, 3, []]);
});

Deno.test("loadConfig() lets flags override parameters of the file", () => {
  const overrides = [{ name: "port", value: 9000, flag: "--port" }] as const;
  const { config } = load({ "web.conf": "host a .\nparameter port 80\nparameter timeout 3" }, { overrides });
  assertEquals(config.parameters.port, { value: 9000, origin: { kind: "flag", flag: "--port" } });
  assertEquals(config.parameters.timeout.value, 3);
});

Deno.test("loadConfig() lets flags set parameters without a file", () => {
  const { config } = load({}, { overrides: [{ name: "address", value: "::1", flag: "--address" }] });
  assertEquals(config.parameters.address.value, "::1");
});

Deno.test("loadConfig() throws if the file on the command line does not exist", () => {
  const error = assertThrows(() => load({}, { config: "my.conf" }), UnreadableConfigError);
  assertEquals(error.message, "cannot read my.conf: there is no such file");
});

Deno.test("loadConfig() throws if the file on the command line is a folder", () => {
  const error = assertThrows(() => load({ "conf/": "" }, { config: "conf" }), UnreadableConfigError);
  assertEquals(error.message, "cannot read conf: it is a folder");
});

Deno.test("loadConfig() throws if web.conf exists but cannot be read", () => {
  const error = assertThrows(() => load({ "web.conf/": "" }), UnreadableConfigError);
  assertEquals(error.message, "cannot read ./web.conf: it is a folder");
});

for (
  const [name, reason] of [
    ["PermissionDenied", "its permissions forbid it to this user"],
    [
      "NotCapable",
      "this process was not permitted to read ./web.conf; deno task start has it, or give deno run --allow-read=./web.conf",
    ],
  ] as const
) {
  Deno.test(`loadConfig() explains that it cannot read the file because of ${name}`, () => {
    const openSync = Deno.openSync;
    Deno.openSync = () => {
      throw new Deno.errors[name]("text"); // These tests may run as the superuser, who may read all files.
    };
    try {
      const error = assertThrows(() => load({}), UnreadableConfigError);
      assertEquals(error.message, `cannot read ./web.conf: ${reason}`);
    } finally {
      Deno.openSync = openSync;
    }
  });
}

Deno.test("loadConfig() warns of a root that does not exist, at its line, and keeps the host", () => {
  assertEquals(summary(load({ "web.conf": "# my hosts\nhost localhost gone" })), {
    hosts: ["localhost gone"],
    complaints: [
      'web.conf:2:1: warning: the root of host "localhost", gone, is not there; its requests will be answered with an error',
    ],
  });
});

Deno.test("loadConfig() warns of a root that is a file", () => {
  assertEquals(summary(load({ "web.conf": "host localhost page", page: "text" })).complaints, [
    'web.conf:1:1: warning: the root of host "localhost", page, is not a folder; its requests will be answered with an error',
  ]);
});

Deno.test("loadConfig() warns at each line whose root does not exist, even if it is the same root", () => {
  assertEquals(
    load({ "web.conf": "host a gone\nhost b www\nhost c gone", "www/": "" }).diagnostics.map(({ line }) => line),
    [1, 3],
  );
});

Deno.test("loadConfig() accepts a root that is a link to a folder", () => {
  const loaded = inFolder({ "web.conf": "host a link", "www/": "" }, () => {
    Deno.symlinkSync("www", "link");
    return loadConfig(NO_OPTIONS);
  });
  assertEquals(summary(loaded).complaints, []);
});

Deno.test("loadConfig() throws if the folder on the command line does not exist", () => {
  const error = assertThrows(() => load({ "web.conf": "host a ." }, { dir: "gone" }), UnreadableConfigError);
  assertEquals(error.message, "gone is not there");
});

Deno.test("loadConfig() throws if the folder on the command line is a file", () => {
  const error = assertThrows(() => load({ "file": "" }, { dir: "file" }), UnreadableConfigError);
  assertEquals(error.message, "file is not a folder");
});

Deno.test("loadConfig() throws if the file is too large", () => {
  const error = assertThrows(() => load({ "web.conf": " ".repeat(1024 * 1024 + 1) }), UnreadableConfigError);
  assertEquals(error.message, "cannot read ./web.conf: it is larger than 1 MiB, which no web.conf is");
});

Deno.test("loadConfig() remarks on a file without a host line", () => {
  assertEquals(summary(load({ "web.conf": "parameter timeout 3" })), {
    hosts: [],
    complaints: ["no host line: every request will be answered with 400"],
  });
});

Deno.test("loadConfig() returns the diagnostics of the file", () => {
  const { diagnostics } = load({ "web.conf": "host a www\nparameter port 99999", "www/": "" });
  assertEquals(diagnostics.map(({ file, line, severity }) => [file, line, severity]), [["web.conf", 2, "error"]]);
});

Deno.test("loadConfig() resolves roots against the current folder, wherever the file is", () => {
  const files = { "conf/": "", "conf/my.conf": "host a www", "www/": "" };
  assertEquals(summary(load(files, { config: "conf/my.conf" })), { hosts: ["a www"], complaints: [] });
});

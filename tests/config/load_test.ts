/**
 * Which configuration is in effect: which file is found and read, what the command line changes, what is said of roots.
 * Each test runs in a folder of its own, as the current one; so these tests must not run beside others in one process.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { loadConfig, type Loaded, type Options, UnreadableConfigError } from "../../src/config/load.ts";
import { TempFolder } from "../temp_folder.ts";

const NO_OPTIONS: Options = { dir: null, config: null, overrides: [] };

/** Loads in a new folder that holds `files`; a path with a slash at its end makes a folder. */
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

/** Hosts, and all that is complained about, as a person reads it. */
function summary({ config, diagnostics, remarks }: Loaded): { hosts: string[]; complaints: string[] } {
  return {
    hosts: config.hosts.map(({ name, root }) => `${name} ${root}`),
    complaints: [...diagnostics.map(formatDiagnostic), ...remarks],
  };
}

Deno.test("loadConfig() takes web.conf of the current folder", () => {
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

Deno.test("loadConfig() without a file serves the folder that is named, and says so", () => {
  const loaded = load({ "www/": "" }, { dir: "www" });
  assertEquals([summary(loaded).hosts, loaded.source], [["default www"], "none found, serving www"]);
});

Deno.test("loadConfig() takes the file that is named rather than web.conf", () => {
  const files = { "web.conf": "host a .", "my.conf": "host b ." };
  const loaded = load(files, { config: "my.conf" });
  assertEquals([summary(loaded).hosts, loaded.source], [["b ."], "my.conf"]);
  assertEquals(loaded.config.hosts[0]?.origin, { kind: "file", file: "my.conf", line: 1 });
});

Deno.test("loadConfig() lets a named folder replace all hosts of the file, and nothing else", () => {
  const files = { "web.conf": "host a .\nhost default .\nmedia x text/x\nparameter timeout 3", "www/": "" };
  const { config, diagnostics } = load(files, { dir: "www" });
  assertEquals(config.hosts, [{ name: "default", root: "www", origin: { kind: "flag", flag: "command line" } }]);
  assertEquals([config.media.length, config.parameters.timeout.value, diagnostics], [1, 3, []]);
});

Deno.test("loadConfig() lets flags have the last word over parameters of the file", () => {
  const overrides = [{ name: "port", value: 9000, flag: "--port" }] as const;
  const { config } = load({ "web.conf": "host a .\nparameter port 80\nparameter timeout 3" }, { overrides });
  assertEquals(config.parameters.port, { value: 9000, origin: { kind: "flag", flag: "--port" } });
  assertEquals(config.parameters.timeout.value, 3);
});

Deno.test("loadConfig() lets flags set parameters where there is no file", () => {
  const { config } = load({}, { overrides: [{ name: "address", value: "::1", flag: "--address" }] });
  assertEquals(config.parameters.address.value, "::1");
});

Deno.test("loadConfig() throws when the file that is named is not there", () => {
  const error = assertThrows(() => load({}, { config: "my.conf" }), UnreadableConfigError);
  assertEquals(error.message, "cannot read my.conf: there is no such file");
});

Deno.test("loadConfig() throws when the file that is named is a folder", () => {
  const error = assertThrows(() => load({ "conf/": "" }, { config: "conf" }), UnreadableConfigError);
  assertEquals(error.message, "cannot read conf: it is a folder");
});

Deno.test("loadConfig() throws when web.conf is there and cannot be read, rather than serve something else", () => {
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
  Deno.test(`loadConfig() says in words that ${name} kept it from the file`, () => {
    const openSync = Deno.openSync;
    Deno.openSync = () => {
      throw new Deno.errors[name]("text"); // The superuser, who may run these tests, is denied nothing.
    };
    try {
      const error = assertThrows(() => load({}), UnreadableConfigError);
      assertEquals(error.message, `cannot read ./web.conf: ${reason}`);
    } finally {
      Deno.openSync = openSync;
    }
  });
}

Deno.test("loadConfig() warns of a root that is not there, at its line, and keeps the host", () => {
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

Deno.test("loadConfig() warns of each root that is not there, even when it is the same", () => {
  assertEquals(
    load({ "web.conf": "host a gone\nhost b www\nhost c gone", "www/": "" }).diagnostics.map(({ line }) => line),
    [1, 3],
  );
});

Deno.test("loadConfig() takes a root that is a link to a folder", () => {
  const loaded = inFolder({ "web.conf": "host a link", "www/": "" }, () => {
    Deno.symlinkSync("www", "link");
    return loadConfig(NO_OPTIONS);
  });
  assertEquals(summary(loaded).complaints, []);
});

Deno.test("loadConfig() throws when the command line names a folder that is not there", () => {
  const error = assertThrows(() => load({ "web.conf": "host a ." }, { dir: "gone" }), UnreadableConfigError);
  assertEquals(error.message, "gone is not there");
});

Deno.test("loadConfig() throws when the command line names a file as folder", () => {
  const error = assertThrows(() => load({ "file": "" }, { dir: "file" }), UnreadableConfigError);
  assertEquals(error.message, "file is not a folder");
});

Deno.test("loadConfig() throws when the file is larger than any web.conf", () => {
  const error = assertThrows(() => load({ "web.conf": " ".repeat(1024 * 1024 + 1) }), UnreadableConfigError);
  assertEquals(error.message, "cannot read ./web.conf: it is larger than 1 MiB, which no web.conf is");
});

Deno.test("loadConfig() remarks on a file without a host line", () => {
  assertEquals(summary(load({ "web.conf": "parameter timeout 3" })), {
    hosts: [],
    complaints: ["no host line: every request will be answered with 400"],
  });
});

Deno.test("loadConfig() passes on what is wrong with the file", () => {
  const { diagnostics } = load({ "web.conf": "host a www\nparameter port 99999", "www/": "" });
  assertEquals(diagnostics.map(({ file, line, severity }) => [file, line, severity]), [["web.conf", 2, "error"]]);
});

Deno.test("loadConfig() resolves roots against the current folder, wherever the file is", () => {
  const files = { "conf/": "", "conf/my.conf": "host a www", "www/": "" };
  assertEquals(summary(load(files, { config: "conf/my.conf" })), { hosts: ["a www"], complaints: [] });
});

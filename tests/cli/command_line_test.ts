/** Arguments to commands: every flag in every form, folders, and what is said of arguments that cannot be used. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Command, parseCommandLine, USAGE, wantsJson } from "../../src/cli/command_line.ts";
import type { Options } from "../../src/config/load.ts";

/** Arguments as they are typed; no quotation marks. */
function parse(line: string): Command {
  return parseCommandLine(line === "" ? [] : line.split(" "));
}

function optionsOf(line: string): Options {
  const command = parse(line);
  if (command.kind !== "serve" && command.kind !== "check") throw new Error(JSON.stringify(command));
  return command.options;
}

function messageOf(line: string): string {
  const command = parse(line);
  if (command.kind !== "wrong usage") throw new Error(JSON.stringify(command));
  return command.message;
}

/** How to serve without flags. */
const PLAIN = {
  debug: false,
  quiet: false,
  json: false,
  watch: false,
  liveReload: false,
  capture: null,
  qr: null,
  open: false,
  anyPort: false,
  live: true,
};

Deno.test("no arguments serve what web.conf names, with a banner and a log", () => {
  assertEquals(parse(""), {
    kind: "serve",
    options: { dir: null, config: null, overrides: [] },
    how: PLAIN,
  });
});

for (
  const [line, name, value] of [
    ["-p 9000", "port", 9000],
    ["-p9000", "port", 9000],
    ["--port 9000", "port", 9000],
    ["--port=9000", "port", 9000],
    ["-p 0", "port", 0],
    ["-a ::1", "address", "::1"],
    ["-a 127.0.0.1", "address", "127.0.0.1"],
    ["--address=127.0.0.1", "address", "127.0.0.1"],
    ["-w 2", "workers", 2],
    ["-w auto", "workers", "auto"],
    ["-p=9000", "port", 9000],
    ["-dp9000", "port", 9000],
    ["-dp 9000", "port", 9000],
    ["-p 1 -p 9000", "port", 9000],
    ["-a LOCALHOST", "address", "127.0.0.1"],
    ["-a [::1]", "address", "::1"],
    ["--workers 1", "workers", 1],
  ] as const
) {
  Deno.test(`${line} sets the parameter ${name}`, () => {
    assertEquals(optionsOf(line).overrides, [{ name, value, flag: `--${name}` }]);
  });
}

for (const line of ["-c my.conf", "--config my.conf", "--config=my.conf", "-cmy.conf"]) {
  Deno.test(`${line} names the configuration`, () => {
    assertEquals(optionsOf(line), { dir: null, config: "my.conf", overrides: [] });
  });
}

for (
  const [line, debug, quiet] of [
    ["-d", true, false],
    ["--debug", true, false],
    ["-q", false, true],
    ["--quiet", false, true],
    ["-dq", true, true],
    ["-d -q", true, true],
  ] as const
) {
  Deno.test(`${line} means debug ${debug}, quiet ${quiet}`, () => {
    const how = { ...PLAIN, debug, quiet };
    assertEquals(parse(line), { kind: "serve", options: { dir: null, config: null, overrides: [] }, how });
  });
}

Deno.test("--json, --watch, --live and --capture say how to serve", () => {
  const command = parse("-d --json --watch --live --capture a.capture");
  const how = { ...PLAIN, debug: true, json: true, watch: true, liveReload: true, capture: "a.capture" };
  assertEquals(command.kind === "serve" && command.how, how);
});

Deno.test("--permissions is a command of its own", () => {
  assertEquals(parse("--permissions -c my.conf").kind, "permissions");
});

Deno.test("replay takes a file and a configuration", () => {
  const command = parse("replay a.capture -c my.conf");
  assertEquals(command, {
    kind: "replay",
    file: "a.capture",
    options: { dir: null, config: "my.conf", overrides: [] },
    debug: false,
  });
  const debugged = parse("replay a.capture -d");
  assertEquals(debugged.kind === "replay" && debugged.debug, true);
  assertEquals(parse("replay").kind, "wrong usage");
});

for (
  const [line, dir] of [
    ["www", "www"],
    ["-p 9000 www", "www"],
    ["www -p 9000", "www"],
    ["-d www", "www"],
    ["/srv/my.site/", "/srv/my.site/"],
    ["../..", "../.."],
    ["8080", "8080"],
    ["007", "007"],
    ["1e3", "1e3"],
    ["-- -p", "-p"],
    ["-- --help", "--help"],
    ["./check", "./check"],
  ] as const
) {
  Deno.test(`${line} serves the folder ${dir}`, () => {
    const command = parse(line);
    assertEquals([command.kind, optionsOf(line).dir], ["serve", dir]);
  });
}

Deno.test("a folder's name may hold blanks", () => {
  const command = parseCommandLine(["my files"]);
  assertEquals(command.kind === "serve" && command.options.dir, "my files");
});

Deno.test("check is a command, with the folder and the flags of serving", () => {
  assertEquals(parse("check"), { kind: "check", options: { dir: null, config: null, overrides: [] } });
  assertEquals(parse("check www -c my.conf -p 9000"), {
    kind: "check",
    options: {
      dir: "www",
      config: "my.conf",
      overrides: [{ name: "port", value: 9000, flag: "--port" }],
      listen: { ports: [{ port: 9000 }], address: null, tls: false },
    },
  });
});

Deno.test("check is a command wherever its flags stand", () => {
  assertEquals(parse("-c my.conf check").kind, "check");
});

for (const line of ["-h", "--help", "-p 9000 --help", "www -h", "-p 99999 -h"]) {
  Deno.test(`${line} asks for help`, () => {
    assertEquals(parse(line), { kind: "help" });
  });
}

for (const line of ["-V", "--version"]) {
  Deno.test(`${line} asks for the version`, () => {
    assertEquals(parse(line), { kind: "version" });
  });
}

for (
  const [line, message] of [
    ["--prot 9000", 'unknown flag "--prot"; did you mean "--port"?'],
    ["--prot=9000", 'unknown flag "--prot"; did you mean "--port"?'],
    ["--verion", 'unknown flag "--verion"; did you mean "--version"?'],
    ["-x", 'unknown flag "-x"; see sweepd --help'],
    ["--listen-on-everything", 'unknown flag "--listen-on-everything"; see sweepd --help'],
    ["--toString", 'unknown flag "--toString"; see sweepd --help'],
    ["--no-debug", 'unknown flag "--no-debug"; see sweepd --help'],
    ["-x -h", 'unknown flag "-x"; see sweepd --help'],
    ["--port", "--port needs a value: --port PORT; see sweepd --help"],
    ["-p", "--port needs a value: --port PORT; see sweepd --help"],
    ["-p -d", "--port needs a value: --port PORT; see sweepd --help"],
    ["--config=", "--config needs a value: --config FILE; see sweepd --help"],
    ["--capture=", "--capture needs a value: --capture FILE; see sweepd --help"],
    ["--capture -d", "--capture needs a value: --capture FILE; see sweepd --help"],
    ["--debug=no", "--debug takes no value; see sweepd --help"],
    ["--debug=", "--debug takes no value; see sweepd --help"],
    ["-d5", "-d takes no value; see sweepd --help"],
    ["-d=5", "-d takes no value; see sweepd --help"],
    ["-dx", "-d takes no value; see sweepd --help"],
    ["--cors", 'unknown flag "--cors"; see sweepd --help'],
    ["--Port 80", 'unknown flag "--Port"; did you mean "--port"?'],
    ["--p.x=1", 'unknown flag "--p.x"; see sweepd --help'],
    ["---", 'unknown flag "---"; see sweepd --help'],
    ["check -q", "check takes no --quiet; see sweepd --help"],
    ["check --permissions", "check takes no --permissions; see sweepd --help"],
    ["replay a.capture -p 80", "replay takes no --port; see sweepd --help"],
    ["-p 99999", '--port: "99999" is not a port; use 0 to 65535; see sweepd --help'],
    ["-p http", '--port: "http" is not a port; use 0 to 65535; see sweepd --help'],
    ["-p 8080x", '--port: "8080x" is not a port; use 0 to 65535; see sweepd --help'],
    ["-w 0", '--workers: "0" is not a number of workers, or auto; use 1 to 256; see sweepd --help'],
    [
      "-a example.com",
      '--address: "example.com" is not an IP address; use one like 127.0.0.1 or ::; see sweepd --help',
    ],
    ["one two", '"two" is one word too many; see sweepd --help'],
    ["explian one", '"one" is one word too many; did you mean "explain"?'],
    ["check one two", '"two" is one word too many; see sweepd --help'],
  ] as const
) {
  Deno.test(`${line} is wrong usage, in words that help`, () => {
    assertEquals(messageOf(line), message);
  });
}

Deno.test("a port below zero is wrong usage", () => {
  assertEquals(parse("-p -1").kind, "wrong usage");
  assertStringIncludes(messageOf("--port=-1"), '"-1" is not a port');
});

Deno.test("USAGE names every flag in both forms, and check", () => {
  for (
    const [short, long] of ["pport", "aaddress", "cconfig", "wworkers", "ddebug", "qquiet", "hhelp", "Vversion"].map(
      (flag) => [flag.slice(0, 1), flag.slice(1)] as const,
    )
  ) {
    assertMatch(USAGE, new RegExp(`^  -${short}, --${long}\\b`, "m"));
    assertEquals(parse(`-${short} 1`), parse(`--${long} 1`));
  }
  assertStringIncludes(USAGE, "sweepd check");
});

Deno.test("USAGE fits a terminal of 80 columns", () => {
  assertEquals(USAGE.split("\n").filter((line) => line.length > 79), []);
});

Deno.test("a dash alone is a value, and a word", () => {
  assertEquals(optionsOf("-c -").config, "-");
  assertEquals(optionsOf("-c - check").config, "-");
  assertEquals(optionsOf("-").dir, "-");
  const command = parse("--capture -");
  assertEquals(command.kind === "serve" && command.how.capture, "-");
});

Deno.test("wantsJson() finds the flag where the rest is wrong usage, and not among the words", () => {
  assertEquals([["--json", "--nope"], ["-x", "--json"], ["--", "--json"], ["json"]].map(wantsJson), [
    true,
    true,
    false,
    false,
  ]);
});

for (
  const [line, change] of [
    [". --qr", { qr: true }],
    [". --no-qr", { qr: false }],
    ["--qr . --no-qr", { qr: false }],
    ["--open", { open: true }],
    ["--any-port", { anyPort: true }],
    ["--no-live", { live: false }],
  ] as const
) {
  Deno.test(`${line} changes how to serve`, () => {
    const command = parse(line);
    assertEquals(command.kind === "serve" && command.how, { ...PLAIN, ...change });
  });
}

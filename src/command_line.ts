/**
 * The command line: arguments to a command, and the usage text. Pure.
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { suggest } from "./config/diagnostic.ts";
import type { Options, Override } from "./config/load.ts";
import { isUnusable, PARAMETERS } from "./config/parameters.ts";

export type Command =
  | { readonly kind: "serve"; readonly options: Options; readonly how: Serving }
  | { readonly kind: "check"; readonly options: Options }
  | { readonly kind: "permissions"; readonly options: Options }
  | { readonly kind: "replay"; readonly options: Options; readonly file: string }
  | { readonly kind: "reload"; readonly pid: number }
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "wrong usage"; readonly message: string };

/** How to serve, apart from the configuration. */
export interface Serving {
  readonly debug: boolean;
  readonly quiet: boolean;
  /** Banner and messages as JSON. */
  readonly json: boolean;
  /** Reload when the configuration file changes. */
  readonly watch: boolean;
  /** Where to store what one connection receives and sends; `-`: standard output. */
  readonly capture: string | null;
}

export const USAGE = `Usage: sweepd [DIR] [-p PORT] [-a ADDRESS] [-c FILE] [-w WORKERS] [-d] [-q]
       sweepd check [DIR] [-c FILE]
       sweepd replay FILE [-c FILE]
       sweepd reload PID

Serves the folders that web.conf names; with DIR, that folder for every host.
Without -c it takes ./web.conf, else web.conf beside the executable, else it
serves the current folder.

  -p, --port PORT        listen on this TCP port (8080; 0: any free one)
  -a, --address ADDRESS  listen on this address (::, every address)
  -c, --config FILE      read this configuration
  -w, --workers WORKERS  threads that serve, or auto (auto)
  -d, --debug            tell of each connection: accept, read, sweep, close
  -q, --quiet            no banner and no access log
      --json             banner, messages and access log as JSON
      --watch            take the configuration anew when its file changes
      --capture FILE     store what the first connection says, for replay
      --permissions      show what this process may do
  -h, --help             show this
  -V, --version          show the version

check shows the configuration in effect, what it permits, and what is wrong
with it. replay feeds a captured connection to the server again and compares
its answers. reload has a running server take its configuration anew, as
kill -HUP does.
`;

const VALUE_FLAGS = { port: "p", address: "a", config: "c", workers: "w" } as const;
const LONG_VALUE_FLAGS = ["capture"];
const SWITCHES = { debug: "d", quiet: "q", help: "h", version: "V" } as const;
const LONG_SWITCHES = ["json", "watch", "permissions"];
const LONG_FLAGS = [...Object.keys(VALUE_FLAGS), ...LONG_VALUE_FLAGS, ...Object.keys(SWITCHES), ...LONG_SWITCHES].map((
  name,
) => `--${name}`);

/** The command that `args` name. Paths are taken as they are: nothing is looked up. */
export function parseCommandLine(args: readonly string[]): Command {
  const unknown = args.filter((argument) => /^--?_/.test(argument)); // The parser keeps that name for itself.
  if (unknown[0] !== undefined) return wrong(unknownFlag(unknown[0]));
  const parsed = parseArgs(args, {
    string: [...Object.keys(VALUE_FLAGS), ...LONG_VALUE_FLAGS, "_"],
    boolean: [...Object.keys(SWITCHES), ...LONG_SWITCHES],
    alias: { ...VALUE_FLAGS, ...SWITCHES },
    unknown: (argument, key) => key === undefined || void unknown.push(argument),
  });
  if (unknown[0] !== undefined) return wrong(unknownFlag(unknown[0]));
  if (parsed["help"] === true) return { kind: "help" };
  if (parsed["version"] === true) return { kind: "version" };
  const words = parsed._.map(String);
  const verb = VERBS.find((name) => name === words[0]) ?? null;
  const [operand = null, surplus] = verb === null ? words : words.slice(1);
  if (surplus !== undefined) return wrong(`"${surplus}" is one word too many`);
  if (verb === "reload") return readReload(operand);
  const options = readOptions(parsed, verb === "replay" ? null : operand);
  if ("kind" in options) return options;
  if (verb === "check") return { kind: "check", options };
  if (verb === "replay") {
    return operand === null ? wrong("replay needs a file") : { kind: "replay", options, file: operand };
  }
  if (parsed["permissions"] === true) return { kind: "permissions", options };
  return { kind: "serve", options, how: readServing(parsed) };
}

const VERBS = ["check", "replay", "reload"] as const;

function readReload(pid: string | null): Command {
  if (pid === null || !/^[1-9][0-9]{0,9}$/.test(pid)) {
    return wrong("reload needs the number of a process, which its banner tells");
  }
  return { kind: "reload", pid: Number(pid) };
}

function readServing(parsed: Readonly<Record<string, unknown>>): Serving {
  const isSet = (flag: string) => parsed[flag] === true;
  const capture = parsed["capture"];
  return {
    debug: isSet("debug"),
    quiet: isSet("quiet"),
    json: isSet("json"),
    watch: isSet("watch"),
    capture: typeof capture === "string" ? capture : null,
  };
}

function readOptions(parsed: Readonly<Record<string, unknown>>, dir: string | null): Options | Command {
  if (dir === "") return wrong('an empty folder name; "." is the current folder');
  if (parsed["capture"] === "") return wrong("--capture needs a value: --capture FILE");
  const overrides: Override[] = [];
  for (const flag of Object.keys(VALUE_FLAGS) as (keyof typeof VALUE_FLAGS)[]) {
    const word = parsed[flag];
    if (word === "") return wrong(`--${flag} needs a value: --${flag} ${flag.toUpperCase()}`);
    if (typeof word !== "string" || flag === "config") continue;
    const value = PARAMETERS[flag].parse(word);
    if (isUnusable(value)) return wrong(`--${flag}: ${value.unusable}`);
    overrides.push({ name: flag, value, flag: `--${flag}` });
  }
  const config = parsed["config"];
  return { dir, config: typeof config === "string" ? config : null, overrides };
}

function unknownFlag(argument: string): string {
  const word = argument.replace(/=.*$/s, "");
  return `unknown flag "${word}"${suggest(word.replace(/^-+/, "--"), LONG_FLAGS)}`;
}

function wrong(message: string): Command {
  return { kind: "wrong usage", message: message.endsWith("?") ? message : `${message}; see sweepd --help` };
}

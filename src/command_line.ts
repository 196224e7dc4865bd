/**
 * The command line: arguments to a command, and the usage text. Pure.
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { suggest } from "./config/diagnostic.ts";
import type { Options, Override } from "./config/load.ts";
import { isUnusable, PARAMETERS } from "./config/parameters.ts";

export type Command =
  | { readonly kind: "serve"; readonly options: Options; readonly debug: boolean; readonly quiet: boolean }
  | { readonly kind: "check"; readonly options: Options }
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "wrong usage"; readonly message: string };

export const USAGE = `Usage: sweepd [DIR] [-p PORT] [-a ADDRESS] [-c FILE] [-w WORKERS] [-d] [-q]
       sweepd check [DIR] [-c FILE]

Serves the folders that web.conf names; with DIR, that folder for every host.
Without -c it takes ./web.conf, else web.conf beside the executable, else it
serves the current folder.

  -p, --port PORT        listen on this TCP port (8080; 0: any free one)
  -a, --address ADDRESS  listen on this address (::, every address)
  -c, --config FILE      read this configuration
  -w, --workers WORKERS  threads that serve, or auto (auto)
  -d, --debug            tell of each connection: accept, read, sweep, close
  -q, --quiet            no banner and no access log
  -h, --help             show this
  -V, --version          show the version

check shows the configuration in effect and what is wrong with it.
`;

const VALUE_FLAGS = { port: "p", address: "a", config: "c", workers: "w" } as const;
const SWITCHES = { debug: "d", quiet: "q", help: "h", version: "V" } as const;
const LONG_FLAGS = [...Object.keys(VALUE_FLAGS), ...Object.keys(SWITCHES)].map((name) => `--${name}`);

/** The command that `args` name. Paths are taken as they are: nothing is looked up. */
export function parseCommandLine(args: readonly string[]): Command {
  const unknown = args.filter((argument) => /^--?_/.test(argument)); // The parser keeps that name for itself.
  if (unknown[0] !== undefined) return wrong(unknownFlag(unknown[0]));
  const parsed = parseArgs(args, {
    string: [...Object.keys(VALUE_FLAGS), "_"],
    boolean: Object.keys(SWITCHES),
    alias: { ...VALUE_FLAGS, ...SWITCHES },
    unknown: (argument, key) => key === undefined || void unknown.push(argument),
  });
  if (unknown[0] !== undefined) return wrong(unknownFlag(unknown[0]));
  if (parsed["help"] === true) return { kind: "help" };
  if (parsed["version"] === true) return { kind: "version" };
  const words = parsed._.map(String);
  const isCheck = words[0] === "check";
  const [dir = null, surplus] = isCheck ? words.slice(1) : words;
  if (surplus !== undefined) return wrong(`"${surplus}" is one folder too many; name one, or none`);
  if (dir === "") return wrong('an empty folder name; "." is the current folder');
  const options = readOptions(parsed, dir);
  if ("kind" in options) return options;
  if (isCheck) return { kind: "check", options };
  return { kind: "serve", options, debug: parsed["debug"] === true, quiet: parsed["quiet"] === true };
}

function readOptions(parsed: Readonly<Record<string, unknown>>, dir: string | null): Options | Command {
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

/**
 * The command line: arguments to a command. Pure.
 * @module
 */

import { parseArgs, type ParseOptions } from "@std/cli/parse-args";
import { suggest } from "./config/diagnostic.ts";
import type { Options, Override } from "./config/load.ts";
import { isUnusable, PARAMETERS } from "./config/parameters.ts";
import { FLAGS, usage, VERBS } from "./flags.ts";

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

export const USAGE = usage();

const VALUE_FLAGS = FLAGS.filter(({ value }) => value !== null).map(({ long }) => long);
const SWITCHES = FLAGS.filter(({ value }) => value === null).map(({ long }) => long);
const SHORT_FORMS = Object.fromEntries(FLAGS.flatMap(({ long, short }) => short === null ? [] : [[long, short]]));
const LONG_FORMS = FLAGS.map(({ long }) => `--${long}`);

/** Flags that set the parameter of their name. */
const PARAMETER_FLAGS = ["port", "address", "workers"] as const;

/** The command that `args` name. Paths are taken as they are: nothing is looked up. */
export function parseCommandLine(args: readonly string[]): Command {
  const unknown = args.filter((argument) => /^--?_/.test(argument)); // The parser keeps that name for itself.
  if (unknown[0] !== undefined) return wrong(unknownFlag(unknown[0]));
  const parsed = parseFlags(args, {
    string: [...VALUE_FLAGS, "_"],
    boolean: SWITCHES,
    alias: SHORT_FORMS,
    unknown: (argument, key) => key === undefined || void unknown.push(argument),
  });
  if (parsed === null) return wrong("these flags contradict each other");
  if (unknown[0] !== undefined) return wrong(unknownFlag(unknown[0]));
  if (parsed["help"] === true) return { kind: "help" };
  if (parsed["version"] === true) return { kind: "version" };
  const words = parsed._.map(String);
  const verb = VERBS.find(({ name }) => name === words[0])?.name ?? null;
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

/** `null` for arguments that the library cannot take apart: it throws, for instance when a flag is a value and a group. */
function parseFlags(args: readonly string[], options: ParseOptions): ReturnType<typeof parseArgs> | null {
  try {
    return parseArgs(args, options);
  } catch {
    return null; // What it says of it speaks of its own insides.
  }
}

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
  const empty = [...PARAMETER_FLAGS, "config"].find((flag) => parsed[flag] === "");
  if (empty !== undefined) return wrong(`--${empty} needs a value: --${empty} ${empty.toUpperCase()}`);
  for (const flag of PARAMETER_FLAGS) {
    const word = parsed[flag];
    if (typeof word !== "string") continue;
    const value = PARAMETERS[flag].parse(word);
    if (isUnusable(value)) return wrong(`--${flag}: ${value.unusable}`);
    overrides.push({ name: flag, value, flag: `--${flag}` });
  }
  const config = parsed["config"];
  return { dir, config: typeof config === "string" ? config : null, overrides };
}

function unknownFlag(argument: string): string {
  const word = argument.replace(/=.*$/s, "");
  return `unknown flag "${word}"${suggest(word.replace(/^-+/, "--"), LONG_FORMS)}`;
}

function wrong(message: string): Command {
  return { kind: "wrong usage", message: message.endsWith("?") ? message : `${message}; see sweepd --help` };
}

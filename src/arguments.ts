/**
 * Arguments taken apart: flags with their values, and words. Nothing is guessed and nothing is passed over.
 * Knows which flags there are; not what their values mean. Pure.
 * @module
 */

import { suggest } from "./config/diagnostic.ts";
import { type Flag, FLAGS } from "./flags.ts";

/** The name of a flag, without its dashes. */
export type FlagName = (typeof FLAGS)[number]["long"];

/** What was given. */
export interface Arguments {
  /** The last value of each flag that takes one; `true`: a switch. */
  readonly flags: ReadonlyMap<FlagName, string | true>;
  readonly words: readonly string[];
}

type NamedFlag = Flag & { readonly long: FlagName };

/**
 * Takes `--port 80`, `--port=80`, `-p 80`, `-p80` and `-dp80`; behind `--` everything is a word. A value that begins with a
 * dash stands behind `=`, but for `-` alone. What cannot be taken is a sentence that says why.
 */
export function readArguments(args: readonly string[]): Arguments | string {
  const flags = new Map<FlagName, string | true>();
  const words: string[] = [];
  const rest = args.values();
  for (const argument of rest) {
    if (argument === "--") return { flags, words: [...words, ...rest] };
    if (argument === "-" || !argument.startsWith("-")) words.push(argument);
    else {
      const complaint = readFlags(argument, flags, rest);
      if (complaint !== null) return complaint;
    }
  }
  return { flags, words };
}

/** Takes one argument that begins with a dash, and the next one where that is its value; `null`, or what is wrong with it. */
function readFlags(argument: string, flags: Map<FlagName, string | true>, rest: Iterator<string>): string | null {
  const given = argument.startsWith("--") ? splitLong(argument) : splitShort(argument);
  if (typeof given === "string") return given;
  for (const { flag, attached } of given) {
    const value = flag.value === null ? true : attached ?? nextValue(rest);
    if (value === "") return `--${flag.long} needs a value: --${flag.long} ${flag.value?.name}`;
    flags.set(flag.long, value);
  }
  return null;
}

/** Of `rest` the next one, unless that is a flag. */
function nextValue(rest: Iterator<string>): string {
  const { value = "" } = rest.next();
  return value === "-" || !value.startsWith("-") ? value : "";
}

/** A flag, and the value that stands in the same argument; `null`: none does. */
interface Given {
  readonly flag: NamedFlag;
  readonly attached: string | null;
}

function splitLong(argument: string): readonly Given[] | string {
  const [, name = "", attached = null] = /^--([^=]*)(?:=(.*))?$/s.exec(argument) ?? [];
  const flag: NamedFlag | undefined = FLAGS.find(({ long }) => long === name);
  if (flag === undefined) return unknownFlag(`--${name}`);
  return flag.value === null && attached !== null ? `--${name} takes no value` : [{ flag, attached }];
}

/** `-d`, `-dq`, `-p80`, `-dp80`. */
function splitShort(argument: string): readonly Given[] | string {
  const given: Given[] = [];
  for (let at = 1; at < argument.length; at++) {
    const letter = argument[at]!;
    const flag: NamedFlag | undefined = FLAGS.find(({ short }) => short === letter);
    if (flag === undefined) return at === 1 ? unknownFlag(argument) : `-${argument[at - 1]} takes no value`;
    if (flag.value === null) given.push({ flag, attached: null });
    else {
      const attached = argument.slice(at + 1).replace(/^=/, "");
      return [...given, { flag, attached: at + 1 === argument.length ? null : attached }];
    }
  }
  return given;
}

function unknownFlag(argument: string): string {
  const word = argument.replace(/=.*$/s, "");
  const name = word.replace(/^-+/, "");
  const near = suggest(name, FLAGS.map(({ long }) => long)).replace('"', '"--');
  return `unknown flag "${word}"${near}`;
}

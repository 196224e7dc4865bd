/**
 * Splits arguments into flags with their values, and words. Every argument that is not known is an error.
 * Knows the flags; not what their values mean. Pure.
 * @module
 */

import { parseArgs } from "node:util";
import { suggest } from "../config/diagnostic.ts";
import { type Flag, FLAGS } from "./flags.ts";

/** The name of a flag, without its dashes. */
export type FlagName = (typeof FLAGS)[number]["long"];

/** The parsed arguments. */
export interface Arguments {
  /** The last value of each flag with a value; `true` for a switch. */
  readonly flags: ReadonlyMap<FlagName, string | true>;
  /** All values of the flags that may come again, in order. */
  readonly repeated: ReadonlyMap<FlagName, readonly string[]>;
  readonly words: readonly string[];
}

const OPTIONS = Object.fromEntries(
  FLAGS.map(({ long, short, value }): [string, { type: "string" | "boolean"; short?: string }] => {
    const type = value === null ? "boolean" : "string";
    return [long, short === null ? { type } : { type, short }];
  }),
);

/**
 * Accepts `--port 80`, `--port=80`, `-p 80`, `-p80` and `-dp80`; after `--` everything is a word. A value that begins
 * with a dash must follow `=`, except `-` alone. Returns an explanation if an argument is wrong.
 */
export function readArguments(args: readonly string[]): Arguments | string {
  const flags = new Map<FlagName, string | true>();
  const repeated = new Map<FlagName, string[]>();
  const words: string[] = [];
  // The runtime's parser splits the arguments. It is not strict, so that mistakes have our messages.
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const flag: Flag | undefined = FLAGS.find(({ long }) => long === token.name);
    if (flag === undefined) return explainUnknown(token.rawName, args[token.index] ?? "");
    const complaint = flag.value === null ? surplusValue(token) : missingValue(token, flag.value.name);
    if (complaint !== null) return complaint;
    const name = flag.long as FlagName;
    const value = isShortForm(token) ? token.value.replace(/^=/, "") : token.value ?? true;
    flags.set(name, value);
    if (value !== true) repeated.set(name, [...repeated.get(name) ?? [], value]);
  }
  return { flags, repeated, words };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

/** `-p=80` is the same as `--port=80`. */
function isShortForm(token: OptionToken): token is OptionToken & { readonly value: string } {
  return token.value !== undefined && token.inlineValue === true && !token.rawName.startsWith("--");
}

function surplusValue({ name, value }: OptionToken): string | null {
  return value === undefined ? null : `--${name} takes no value`;
}

/** If a value is an argument of its own and begins with a dash, the user meant a flag. */
function missingValue({ name, value = "", inlineValue = false }: OptionToken, placeholder: string): string | null {
  const isFlag = !inlineValue && value.startsWith("-") && value !== "-";
  return value === "" || isFlag ? `--${name} needs a value: --${name} ${placeholder}` : null;
}

/** In `-d5` a switch has a value; `-5` is an unknown flag. */
function explainUnknown(rawName: string, argument: string): string {
  const at = /^-[^-]/.test(argument) ? argument.indexOf(rawName.slice(1), 1) : 0;
  return at > 1 ? `-${argument[at - 1]} takes no value` : unknownFlag(at === 1 ? argument : rawName);
}

function unknownFlag(argument: string): string {
  const word = argument.replace(/=.*$/s, "");
  const name = word.replace(/^-+/, "");
  const near = suggest(name, FLAGS.map(({ long }) => long)).replace('"', '"--');
  return `unknown flag "${word}"${near}`;
}

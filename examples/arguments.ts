/**
 * What the examples share of reading their command lines: flags, numbers within limits, and one way to be wrong.
 * @module
 */

import { parseArgs, type ParseOptions } from "@std/cli/parse-args";

/** Arguments that cannot be used. The message is for the person who gave them. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Flags by name, and the words that are none. */
export interface Arguments {
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, unknown>>;
}

/** Takes arguments apart. Throws `UsageError` for a flag that is not declared. */
export function readArguments(args: readonly string[], options: ParseOptions): Arguments {
  const { _: words, ...flags } = parseArgs(args, {
    ...options,
    string: [...options.string ?? [], "_"], // Words stay words, though they look like numbers.
    unknown: (argument, key) => {
      if (key !== undefined) throw new UsageError(`unknown flag ${argument}`);
    },
  });
  return { words: words.map(String), flags };
}

/** The value of a flag that is a whole number from `min` to `max`, or `otherwise` when it was not given. */
export function wholeNumber(value: unknown, otherwise: number, { min, max }: { min: number; max: number }): number {
  if (value === undefined) return otherwise;
  const number = /^[0-9]+$/.test(String(value)) ? Number(value) : NaN;
  if (number >= min && number <= max) return number;
  throw new UsageError(`${JSON.stringify(value)} is not a whole number from ${min} to ${max}`);
}

/** A TCP port; 0 is any free one. */
export function portNumber(value: unknown, otherwise: number, min: 0 | 1 = 0): number {
  return wholeNumber(value, otherwise, { min, max: 65_535 });
}

/** Runs a program; what is wrong with its arguments is said with its usage. Gives an exit code. */
export async function runProgram(usage: string, program: () => Promise<number>): Promise<number> {
  try {
    return await program();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n${usage}`);
    return 2;
  }
}

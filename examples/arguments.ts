/**
 * Command lines of the examples: flags, numbers within limits, and usage errors.
 * @module
 */

import { parseArgs, type ParseOptions } from "@std/cli/parse-args";

/** Invalid arguments. The message is meant for the user. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Flags by name, and the other words of a command line. */
export interface Arguments {
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, unknown>>;
}

/** Splits arguments into flags and words. Throws `UsageError` for a flag that is not declared. */
export function readArguments(args: readonly string[], options: ParseOptions): Arguments {
  const { _: words, ...flags } = parseArgs(args, {
    ...options,
    string: [...options.string ?? [], "_"], // parseArgs would turn words that look like numbers into numbers.
    unknown: (argument, key) => {
      if (key !== undefined) throw new UsageError(`unknown flag ${argument}`);
    },
  });
  return { words: words.map(String), flags };
}

/** The value of a flag as a whole number from `min` to `max`, or `otherwise` if the flag is absent. Throws `UsageError`. */
export function wholeNumber(value: unknown, otherwise: number, { min, max }: { min: number; max: number }): number {
  if (value === undefined) return otherwise;
  const number = /^[0-9]+$/.test(String(value)) ? Number(value) : NaN;
  if (number >= min && number <= max) return number;
  throw new UsageError(`${JSON.stringify(value)} is not a whole number from ${min} to ${max}`);
}

/** How much faster than by default the limits of time may be. */
export const HURRY = { min: 1, max: 100 };

/** A TCP port; 0 is any free one. */
export function portNumber(value: unknown, otherwise: number, min: 0 | 1 = 0): number {
  return wholeNumber(value, otherwise, { min, max: 65_535 });
}

/** Runs a program and returns its exit code. Prints the message of a `UsageError` and the usage, and returns 2. */
export async function runProgram(usage: string, program: () => Promise<number>): Promise<number> {
  try {
    return await program();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n${usage}`);
    return 2;
  }
}

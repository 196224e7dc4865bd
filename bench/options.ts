/**
 * Options of the benchmarks: a table of them gives the usage and reads the command line.
 * Knows words and numbers; not what is measured.
 * @module
 */

import { readArguments, runProgram, UsageError, wholeNumber } from "../examples/arguments.ts";
import { allowedCpus, type Cpus, cpusOf } from "./cpus.ts";

/** One option of a command line. */
export interface Option<Value> {
  /** The word behind it in the usage, or `null` if the option stands alone. */
  readonly word: string | null;
  /** For the usage, with the default. */
  readonly meaning: string;
  /** The value of what was written; `undefined` if the option is absent. Throws `UsageError`. */
  readonly read: (written: unknown) => Value;
}

/** Options by their names. */
export type Table = Readonly<Record<string, Option<unknown>>>;

/** The values of a table's options. */
export type Values<Options extends Table> = {
  readonly [Name in keyof Options]: Options[Name] extends Option<infer Value> ? Value : never;
};

/** A whole number from 1 to `max`. */
export function count(meaning: string, otherwise: number, max: number): Option<number> {
  const read = (written: unknown) => wholeNumber(written, otherwise, { min: 1, max });
  return { word: "N", meaning: `${meaning} (${otherwise})`, read };
}

/** Some of `known`, separated by commas; `null` if the option is absent, which means all of them. */
export function names(meaning: string, known: readonly string[]): Option<readonly string[] | null> {
  const read = (written: unknown) => {
    if (written === undefined) return null;
    const chosen = String(written).split(",");
    const unknown = chosen.find((name) => !known.includes(name));
    if (unknown !== undefined) throw new UsageError(`${JSON.stringify(unknown)} is none of ${known.join(", ")}`);
    return chosen;
  };
  return { word: "NAME,NAME", meaning: `${meaning} (all of ${known.join(", ")})`, read };
}

/** On or off. */
export function flag(meaning: string): Option<boolean> {
  return { word: null, meaning, read: (written) => written === true };
}

/** The CPUs of the server and of the load. */
export const CPUS: Option<Cpus> = {
  word: "N,N",
  meaning: "CPUs of the server and of the load (the first two that this process may use)",
  read: (written) => cpusOf(written === undefined ? null : String(written), allowedCpus()),
};

/** Runs a benchmark with the options of the command line. Returns its exit code, or 2 if the options are unusable. */
export function runBenchmark<Options extends Table>(
  name: string,
  table: Options,
  benchmark: (options: Values<Options>) => Promise<number>,
): Promise<number> {
  return runProgram(usageOf(name, table), () => benchmark(readOptions(table, Deno.args)));
}

/** The value of each option. Throws `UsageError` for what is not in the table, and for unusable values. */
export function readOptions<Options extends Table>(table: Options, args: readonly string[]): Values<Options> {
  const entries = Object.entries(table);
  const written = (isAlone: boolean) => entries.filter(([, { word }]) => (word === null) === isAlone);
  const { words, flags } = readArguments(args, {
    string: written(false).map(([name]) => name),
    boolean: written(true).map(([name]) => name),
  });
  if (words.length > 0) throw new UsageError(`${JSON.stringify(words[0])} is no option`);
  return Object.fromEntries(entries.map(([name, { read }]) => [name, read(flags[name])])) as Values<Options>;
}

/** The usage: one line, and a line for each option. */
export function usageOf(name: string, table: Table): string {
  const options = Object.entries(table).map(([option, { word, meaning }]) => ({
    written: word === null ? `--${option}` : `--${option} ${word}`,
    meaning,
  }));
  const width = Math.max(...options.map(({ written }) => written.length));
  const lines = options.map(({ written, meaning }) => `  ${written.padEnd(width)}   ${meaning}`);
  return [`usage: ${name}${options.map(({ written }) => ` [${written}]`).join("")}`, ...lines].join("\n");
}

/**
 * Types of the functions that we use from the standard library, because its npm form has none. The declarations are
 * ambient, so that sources import `@std/...`. With the JSR form in deno.json, this file is not needed.
 */

declare module "@std/assert" {
  export function assert(value: unknown, message?: string): asserts value;
  export function assertEquals<T>(actual: T, expected: T, message?: string): void;
  export function assertNotEquals<T>(actual: T, expected: T, message?: string): void;
  export function assertMatch(actual: string, expected: RegExp, message?: string): void;
  export function assertStringIncludes(actual: string, expected: string, message?: string): void;
  export function assertThrows<E extends Error>(
    call: () => unknown,
    // deno-lint-ignore no-explicit-any
    errorClass?: new (...args: any[]) => E,
    includes?: string,
    message?: string,
  ): E;
  export function assertRejects<E extends Error>(
    call: () => PromiseLike<unknown>,
    // deno-lint-ignore no-explicit-any
    errorClass?: new (...args: any[]) => E,
    includes?: string,
    message?: string,
  ): Promise<E>;
}

declare module "@std/async/deadline" {
  /** Resolves like `promise`, or rejects with `TimeoutError` after `ms` milliseconds. `promise` itself continues. */
  export function deadline<T>(promise: Promise<T>, ms: number, options?: { readonly signal?: AbortSignal }): Promise<T>;
}

declare module "@std/bytes/concat" {
  export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
}

declare module "@std/bytes/equals" {
  export function equals(one: Uint8Array, other: Uint8Array): boolean;
}

declare module "@std/cli/parse-args" {
  export interface ParseOptions {
    readonly boolean?: readonly string[];
    readonly string?: readonly string[];
    readonly alias?: Readonly<Record<string, string | readonly string[]>>;
    /** Called for each argument that is not declared; `false` leaves it out. `key` is set for flags. */
    readonly unknown?: (argument: string, key?: string, value?: unknown) => unknown;
    readonly stopEarly?: boolean;
  }
  export function parseArgs(
    args: readonly string[],
    options?: ParseOptions,
  ): { readonly _: readonly (string | number)[]; readonly [flag: string]: unknown };
}

declare module "@std/media-types" {
  /** The media type of a file extension, with or without its dot, in any case. */
  export function typeByExtension(extension: string): string | undefined;
}

declare module "@std/path/basename" {
  export function basename(path: string): string;
}

declare module "@std/path/constants" {
  export const SEPARATOR: "/" | "\\";
}

declare module "@std/path/dirname" {
  export function dirname(path: string): string;
}

declare module "@std/path/from-file-url" {
  export function fromFileUrl(url: string | URL): string;
}

declare module "@std/path/is-absolute" {
  export function isAbsolute(path: string): boolean;
}

declare module "@std/path/join" {
  export function join(...paths: string[]): string;
}

declare module "@std/path/normalize" {
  export function normalize(path: string): string;
}

declare module "@std/path/relative" {
  export function relative(from: string, to: string): string;
}

/** For what need not start soon: all of it, some thirty files. */
declare module "@std/path" {
  export * from "@std/path/basename";
  export * from "@std/path/constants";
  export * from "@std/path/dirname";
  export * from "@std/path/from-file-url";
  export * from "@std/path/is-absolute";
  export * from "@std/path/join";
  export * from "@std/path/normalize";
  export * from "@std/path/relative";
}

declare module "@std/text/levenshtein-distance" {
  /** The number of single-character edits that turn one into the other. */
  export function levenshteinDistance(from: string, to: string): number;
}

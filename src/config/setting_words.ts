/**
 * Parses the words of settings with one value. Pure.
 * @module
 */

import { isInvalid, parseFile } from "./parameters.ts";
import { pageSegments } from "../site/page.ts";

/** Words that a setting cannot use: the index of the first such word, and the reason. */
export interface InvalidWord {
  readonly kind: "invalid word";
  readonly index: number;
  readonly message: string;
}

/** Whether the words were invalid. */
export function isInvalidWord(value: unknown): value is InvalidWord {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "invalid word";
}

/** The word at `index` is invalid because of `message`. */
export function invalid(index: number, message: string): InvalidWord {
  return { kind: "invalid word", index, message };
}

/** File names without repetitions; `none`: no name. */
export function parseNames(words: readonly string[]): readonly string[] | InvalidWord {
  if (words.length === 1 && words[0] === "none") return [];
  const index = words.findIndex((word) => !isFileName(word));
  if (index >= 0) return invalid(index, `"${words[index]}" is not the name of a file; write it without a path`);
  const repeated = words.findIndex((word, at) => words.indexOf(word) < at);
  return repeated >= 0 ? invalid(repeated, `"${words[repeated]}" is repeated`) : words;
}

/** Whether the word is one segment of a path, so that it names a file in the folder itself. */
function isFileName(word: string): boolean {
  return word !== "" && word !== "." && word !== ".." && word !== "none" && !/[/\\\0]/.test(word);
}

/** `on` or `off`. */
export function parseSwitch(words: readonly string[]): boolean | InvalidWord {
  const [word, surplus] = words;
  if (surplus !== undefined) return invalid(1, `"${surplus}" is one word too many; write on or off`);
  if (word === "on" || word === "off") return word === "on";
  return invalid(0, `"${word}" is neither on nor off`);
}

export function formatSwitch(isOn: boolean): readonly string[] {
  return [isOn ? "on" : "off"];
}

/** The path of a page, or `none`. */
export function parseFallback(words: readonly string[]): string | null | InvalidWord {
  const [path = "", surplus] = words;
  if (surplus !== undefined) return invalid(1, `"${surplus}" is one word too many; write one path`);
  if (path === "none") return null;
  const segments = pageSegments(path);
  return typeof segments === "string" ? invalid(0, segments) : path;
}

/** The name of a character set (RFC 2978, section 2.3), or `off`. */
export function parseCharset(words: readonly string[]): string | null | InvalidWord {
  const [word = "", surplus] = words;
  if (surplus !== undefined) {
    return invalid(1, `"${surplus}" is one word too many; write the name of one charset, or off`);
  }
  if (word === "off") return null;
  const isName = /^[A-Za-z0-9!#$%&'+^_`{}~-]{1,40}$/.test(word);
  return isName ? word.toLowerCase() : invalid(0, `"${word}" is not the name of a charset`);
}

/** The path of a log file, `off` or `default`. */
export function parseLog(words: readonly string[]): string | InvalidWord {
  const [word = "", surplus] = words;
  if (surplus !== undefined) return invalid(1, `"${surplus}" is one word too many; put a path with blanks in quotes`);
  const file = parseFile(word);
  return isInvalid(file) ? invalid(0, file.invalid) : file;
}

/** The names of a certificate and of its key, or `none`. */
export function parseCertificate(
  words: readonly string[],
): { readonly cert: string; readonly key: string } | null | InvalidWord {
  const [cert = "", key, surplus] = words;
  if (cert === "none" && key === undefined) return null;
  if (key === undefined) return invalid(0, "it takes two files, the certificate and its key");
  if (surplus !== undefined) {
    return invalid(2, `"${surplus}" is one word too many; put words with blanks in quotation marks`);
  }
  if (cert === "" || key === "") return invalid(cert === "" ? 0 : 1, "the name of the file is empty");
  return { cert, key };
}

/** `redirect` or `off`. */
export function parseHttps(words: readonly string[]): boolean | InvalidWord {
  const [word = "", surplus] = words;
  if (surplus !== undefined) return invalid(1, `"${surplus}" is one word too many; write redirect or off`);
  const name = word.toLowerCase();
  return name === "redirect" || name === "off"
    ? name === "redirect"
    : invalid(0, `"${word}" is neither redirect nor off`);
}

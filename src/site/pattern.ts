/**
 * Patterns over decoded paths: `*` matches within a segment, `**` across segments, `{a,b}` is one of two or more texts. A pattern
 * without a slash is compared with the last segment. Pure; knows texts, not files or requests.
 *
 * Matching takes no backtracking: the time grows with the path and with the pattern, not with a power of either.
 * @module
 */

/** A pattern that can be compared with paths. */
export interface Pattern {
  readonly text: string;
  /** Whether it matches every path. */
  readonly takesAll: boolean;
  /** How many wildcards it has. */
  readonly wildcards: number;
  /** A path that it matches: each wildcard has matched an `x`. */
  readonly example: string;
  /** Whether it matches `path`, which begins with a slash. */
  matches(path: string): boolean;
  /**
   * What each wildcard has matched, in their order; `null`: the pattern does not match `path`. Of several ways to match, the first
   * alternatives that match count, then the longest text of the first wildcard, then that of the second, and so on. A
   * wildcard in another alternative has an empty text.
   */
  captures(path: string): readonly string[] | null;
}

/** Longer patterns are a mistake, and would take time to compare. */
const CHARS_MAX = 256;

/** More wildcards than that cannot be told apart by a person. */
const WILDCARDS_MAX = 9;

/** Texts that the alternatives of one pattern can stand for together. */
const ALTERNATIVES_MAX = 16;

/** Each text is compared by itself, which takes time for each of its wildcards: with these bounds at most a millisecond for the longest path. */
const WORK_MAX = 32;

/** The pattern that `text` stands for, or why it can match nothing. */
export function compilePattern(text: string): Pattern | string {
  const problem = invalidPatternReason(text);
  if (problem !== null) return problem;
  const tokens = tokenize(text);
  const wildcards = tokens.flat(2).filter((token) => typeof token !== "string").length;
  if (wildcards > WILDCARDS_MAX) return `"${text}" has more than ${WILDCARDS_MAX} wildcards`;
  const count = tokens.reduce((product, alternatives) => product * alternatives.length, 1);
  if (count > ALTERNATIVES_MAX) return `"${text}" stands for ${count} texts; at most ${ALTERNATIVES_MAX} are allowed`;
  if (count * wildcards > WORK_MAX) return `"${text}" has too many wildcards together with so many alternatives`;
  const sequences = expand(tokens).map(sequenceOf);
  if (text.includes("/") && !sequences.every(beginsLikePath)) return `"${text}" has a slash, so it must begin with one`;
  return new CompiledPattern(text, sequences, wildcards);
}

function invalidPatternReason(text: string): string | null {
  if (text === "") return "a pattern is empty; * matches everything";
  if (text.length > CHARS_MAX) return `a pattern has more than ${CHARS_MAX} characters`;
  const special = /[?[\]\\\0]/.exec(text);
  if (special !== null) {
    return `"${
      special[0]
    }" is no wildcard and in no path; * is for a part of a name, ** for any path, {a,b} for a or b`;
  }
  if (/%[0-9A-Fa-f]{2}/.test(text)) {
    return `"${text}" is compared with decoded paths; write the character itself, not %XX`;
  }
  if (/\*{3}/.test(text)) return `"${text}" has three stars; * stays within a name, ** does not`;
  if (/\/\/|\/\.\.?(?:\/|$)/.test(text)) {
    return `"${text}" can match no path: paths have no empty names, and no . or ..`;
  }
  return invalidBracesReason(text);
}

function invalidBracesReason(text: string): string | null {
  const rest = text.replace(/\{[^{}]*\}/g, "");
  if (rest.includes("{") || rest.includes("}")) {
    return `"${text}" has a brace without its other half, or one in another`;
  }
  const single = /\{[^{},]*\}/.exec(text);
  return single === null ? null : `"${single[0]}" is only one text; write two with a comma, like {a,b}`;
}

interface Wildcard {
  readonly isDeep: boolean;
  /** Its place among the wildcards of the pattern, from 0. */
  readonly number: number;
}

type Token = string | Wildcard;

/** The parts of a pattern, each with its alternatives: one, where it is not in braces. */
function tokenize(text: string): Token[][][] {
  let number = 0;
  const split = (part: string): Token[] =>
    (part.match(/\*+|[^*]+/g) ?? []).map((run) =>
      run.startsWith("*") ? { isDeep: run === "**", number: number++ } : run
    );
  return (text.match(/\{[^}]*\}|[^{]+/g) ?? []).map((part) =>
    part.startsWith("{") ? part.slice(1, -1).split(",").map(split) : [split(part)]
  );
}

/** Every text that the alternatives can stand for. */
function expand(parts: readonly (readonly Token[][])[]): Token[][] {
  return parts.reduce<Token[][]>(
    (texts, alternatives) => texts.flatMap((text) => alternatives.map((alternative) => [...text, ...alternative])),
    [[]],
  );
}

/** Literal texts with one wildcard between each two of them. The first literal stands at the beginning, the last at the end. */
interface Sequence {
  readonly literals: readonly string[];
  readonly wildcards: readonly Wildcard[];
  /**
   * For each wildcard how far the literals around it may overlap: `/a/` and `/b` share a slash where `**` is empty between them,
   * because in `/a/b` there is no segment between both.
   */
  readonly overlaps: readonly number[];
}

function sequenceOf(tokens: readonly Token[]): Sequence {
  const literals = [""];
  const wildcards: Wildcard[] = [];
  for (const token of tokens) {
    if (typeof token === "string") literals.push(literals.pop()! + token);
    else {
      wildcards.push(token);
      literals.push("");
    }
  }
  const overlaps = wildcards.map(({ isDeep }, index) => {
    const isWhole = isDeep && literals[index]!.endsWith("/") && literals[index + 1]!.startsWith("/");
    return isWhole ? 1 : 0;
  });
  return { literals, wildcards, overlaps };
}

function beginsLikePath({ literals: [first = ""], wildcards: [wildcard] }: Sequence): boolean {
  return first.startsWith("/") || (first === "" && wildcard?.isDeep === true);
}

class CompiledPattern implements Pattern {
  readonly takesAll: boolean;
  readonly example: string;
  readonly #isForPaths: boolean;
  readonly #sequences: readonly Sequence[];

  constructor(readonly text: string, sequences: readonly Sequence[], readonly wildcards: number) {
    this.#isForPaths = text.includes("/");
    this.#sequences = sequences;
    this.takesAll = takesAll(text);
    const example = sequences[0]!.literals.join("x");
    this.example = example.startsWith("/") ? example : `/${example}`;
  }

  matches(path: string): boolean {
    const text = this.#isForPaths ? path : lastSegment(path);
    return this.#sequences.some((sequence) => place(text, sequence) !== null);
  }

  captures(path: string): readonly string[] | null {
    const text = this.#isForPaths ? path : lastSegment(path);
    for (const sequence of this.#sequences) {
      const starts = place(text, sequence);
      if (starts !== null) return this.#between(text, sequence, starts);
    }
    return null;
  }

  #between(text: string, { literals, wildcards }: Sequence, starts: readonly number[]): string[] {
    const captures = new Array<string>(this.wildcards).fill("");
    for (const [index, { number }] of wildcards.entries()) {
      captures[number] = text.slice(starts[index]! + literals[index]!.length, starts[index + 1]);
    }
    return captures;
  }
}

/** Whether the pattern that `text` stands for matches every path. */
export function takesAll(text: string): boolean {
  return /^(?:\*|(?:\/?\*\*)+)$/.test(text);
}

/** The name of a file, or of the folder that `path` ends with. */
function lastSegment(path: string): string {
  const end = path.endsWith("/") ? path.length - 1 : path.length;
  return path.slice(path.lastIndexOf("/", end - 1) + 1, end);
}

/**
 * Where in `text` each literal stands; `null`: the text does not match. All stand as far to the right as they can, which no choice
 * of one can spoil for another. So they are placed from the right, and moved to the left, never back, where a slash
 * stands between two that only `*` separates.
 */
function place(text: string, { literals, wildcards, overlaps }: Sequence): number[] | null {
  const last = literals.length - 1;
  const final = text.length - literals[last]!.length;
  if (!text.startsWith(literals[0]!) || final < 0 || !text.endsWith(literals[last]!)) return null;
  if (last === 0) return final === 0 ? [0] : null;
  const starts = literals.map((_, index) => index === 0 ? 0 : final); // No literal stands further to the right than here.
  for (let index = last - 1; index >= 0;) {
    const literal = literals[index]!;
    const next = starts[index + 1]!;
    const endMax = next + overlaps[index]!;
    const start = index === 0 ? 0 : lastIndexOf(text, literal, Math.min(starts[index]!, endMax - literal.length));
    const end = start + literal.length;
    if (start < 0 || end > endMax) return null;
    starts[index] = start;
    const slash = wildcards[index]!.isDeep ? -1 : lastIndexOf(text, "/", next - 1);
    if (slash < end) {
      index--;
      continue;
    }
    // It stands before all others that are in the same segment.
    do {
      index++;
      if (index === last) return null; // The last literal stands at the end.
      starts[index] = Math.min(starts[index]!, slash);
    } while (!wildcards[index]!.isDeep && !literals[index]!.includes("/"));
  }
  return starts;
}

/** The same as the method, which takes a negative position for 0. */
function lastIndexOf(text: string, part: string, position: number): number {
  return position < 0 ? -1 : text.lastIndexOf(part, position);
}

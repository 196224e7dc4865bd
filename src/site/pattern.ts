/**
 * Patterns over decoded paths: `*` matches within a segment, `**` across segments, and `{a,b}` one of two or more
 * texts. A pattern without a slash is compared with the last segment. Pure: knows texts, not files or requests.
 *
 * Matching does not backtrack, so its time is linear in the path and in the pattern.
 * @module
 */

/** A compiled pattern. */
export interface Pattern {
  readonly text: string;
  /** Whether it matches every path. */
  readonly matchesAll: boolean;
  /** The number of wildcards. */
  readonly wildcards: number;
  /** A matching path, with an `x` for each wildcard. */
  readonly example: string;
  /** Whether it matches `path`, which begins with a slash. */
  matches(path: string): boolean;
  /**
   * The text of each wildcard, in order; `null`: the pattern does not match `path`. If there are several ways to match,
   * the first matching alternatives count, then the longest text of the first wildcard, then that of the second, and so
   * on. A wildcard in another alternative has an empty text.
   */
  captures(path: string): readonly string[] | null;
}

/** Longer patterns are probably a mistake, and comparing them would take time. */
const CHARS_MAX = 256;

/** A person could hardly count more wildcards. */
const WILDCARDS_MAX = 9;

/** Maximum of texts that result from the alternatives of one pattern. */
const ALTERNATIVES_MAX = 16;

/** Bounds the time for the longest path to a millisecond. Each text is compared separately, for each wildcard. */
const WORK_MAX = 32;

/** Compiles a pattern, or returns why it can match nothing. */
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
    return `"${special[0]}" is not a wildcard; * matches a part of a name, ** any path, {a,b} a or b`;
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
    return `"${text}" has an unmatched or a nested brace`;
  }
  const single = /\{[^{},]*\}/.exec(text);
  return single === null ? null : `"${single[0]}" is only one text; write two with a comma, like {a,b}`;
}

interface Wildcard {
  readonly isDeep: boolean;
  /** Its index among the wildcards of the pattern. */
  readonly number: number;
}

type Token = string | Wildcard;

/** The parts of a pattern, each with its alternatives. A part without braces has one. */
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

/** All texts that result from the alternatives. */
function expand(parts: readonly (readonly Token[][])[]): Token[][] {
  return parts.reduce<Token[][]>(
    (texts, alternatives) => texts.flatMap((text) => alternatives.map((alternative) => [...text, ...alternative])),
    [[]],
  );
}

/** Literal texts with one wildcard between each two. The first literal is at the beginning, the last at the end. */
interface Sequence {
  readonly literals: readonly string[];
  readonly wildcards: readonly Wildcard[];
  /**
   * How far the literals around each wildcard may overlap. `/a/` and `/b` share a slash if `**` between them is empty,
   * because `/a/b` has no segment between them.
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
  readonly matchesAll: boolean;
  readonly example: string;
  readonly #isForPaths: boolean;
  readonly #sequences: readonly Sequence[];

  constructor(readonly text: string, sequences: readonly Sequence[], readonly wildcards: number) {
    this.#isForPaths = text.includes("/");
    this.#sequences = sequences;
    this.matchesAll = matchesAll(text);
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

/** Whether the pattern matches every path. */
export function matchesAll(text: string): boolean {
  return /^(?:\*|(?:\/?\*\*)+)$/.test(text);
}

/** The last segment of `path`: a file or, before a final slash, a folder. */
function lastSegment(path: string): string {
  const end = path.endsWith("/") ? path.length - 1 : path.length;
  return path.slice(path.lastIndexOf("/", end - 1) + 1, end);
}

/**
 * The positions of the literals in `text`; `null`: the text does not match. Each literal is as far to the right as
 * possible, which never prevents a match of another. So they are placed from the right, and only moved to the left if
 * there is a slash between two that are separated by `*`.
 */
function place(text: string, { literals, wildcards, overlaps }: Sequence): number[] | null {
  const last = literals.length - 1;
  const final = text.length - literals[last]!.length;
  if (!text.startsWith(literals[0]!) || final < 0 || !text.endsWith(literals[last]!)) return null;
  if (last === 0) return final === 0 ? [0] : null;
  const starts = literals.map((_, index) => index === 0 ? 0 : final); // The rightmost possible positions.
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
    // Moves it before all others in the same segment.
    do {
      index++;
      if (index === last) return null; // The last literal must be at the end.
      starts[index] = Math.min(starts[index]!, slash);
    } while (!wildcards[index]!.isDeep && !literals[index]!.includes("/"));
  }
  return starts;
}

/** Like the method, but returns -1 for a negative position, which the method treats as 0. */
function lastIndexOf(text: string, part: string, position: number): number {
  return position < 0 ? -1 : text.lastIndexOf(part, position);
}

/**
 * What a conformance case is, and the words that cases are written in.
 * A case is data: octets to send, and what may come back, with the section of the RFC that says so.
 */

/** RFC 2119's word for the rule; `choice`: the RFC leaves it open, and `src/README.md` says what is done here. */
export type Level = "MUST" | "MUST NOT" | "SHOULD" | "SHOULD NOT" | "MAY" | "choice";

export const LEVELS: readonly Level[] = ["MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY", "choice"];

/** A segment to send, one octet a character; the end of our side; or waiting for the next of the answers. */
export type Step = string | typeof HALF_CLOSE | typeof AWAIT;

/** Sends the end of our side. */
export const HALF_CLOSE = { kind: "half-close" } as const;

/** Takes the next answer before it sends on. */
export const AWAIT = { kind: "await" } as const;

/** One response that must come. In texts the words of `expand()` stand for what is known only when the server runs. */
export interface Answer {
  readonly status: number | readonly number[];
  /** By name in any case: the very value, a pattern for it, or `null`: must not be there. */
  readonly fields?: Readonly<Record<string, string | RegExp | null>>;
  readonly content?: string | RegExp;
  /** Content as multipart/byteranges: each part's `first-last/length` and bytes, in this order. */
  readonly parts?: readonly (readonly [range: string, content: string])[];
  /** It answers a HEAD request, so it has no content. */
  readonly toHead?: boolean;
  /** May be left out, as an interim response may. */
  readonly optional?: boolean;
  /** Its fields are those of the first answer, Date and Connection aside. */
  readonly fieldsOfFirst?: boolean;
}

/**
 * What may come back. After the answers the connection `closes` as the last of them said, with no octet more; or it `ends`,
 * announced or not; or it `persists`: one more request on it gets one more answer, and nothing else comes.
 * `either`: it does what the last answer's Connection field says.
 */
export interface Expectation {
  readonly answers: readonly Answer[];
  readonly then: "closes" | "ends" | "persists" | "either";
}

/** What an answer may have that the invariants forbid: only where a topic or a case is about it. */
export type Allowance =
  | "chunked"
  | "content until close"
  | "foreign location"
  | "repeated field"
  | "other connection options";

/** One rule, tried once. */
export interface Case extends Expectation {
  readonly id: string;
  /** RFC and section, like `9112 6.3`. */
  readonly rfc: string;
  readonly level: Level;
  readonly about: string;
  /** Segments, or all in one. */
  readonly send: string | readonly Step[];
  readonly allows?: readonly Allowance[];
}

/** Cases of one subject, run against one server. */
export interface Topic {
  readonly name: string;
  readonly cases: readonly Case[];
  /** Further lines of web.conf. */
  readonly conf?: string;
  /** Of every case of it. */
  readonly allows?: readonly Allowance[];
}

/** Content of /letters.txt. */
export const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** When /letters.txt was modified: the example date of RFC 9110, section 5.6.7. */
export const MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT";

/** Content of /smuggled.txt: no answer to any case may have it. */
export const SMUGGLED_CONTENT = "smuggled";

/** A request that must never be answered. */
export const SMUGGLED = "GET /smuggled.txt HTTP/1.1\r\nHost: a\r\n\r\n";

/** A request with `line` as method and target, Host, and further field lines. */
export function request(line: string, ...fieldLines: readonly string[]): string {
  return `${line} HTTP/1.1\r\nHost: a\r\n${fieldLines.map((field) => `${field}\r\n`).join("")}\r\n`;
}

/** A request for /letters.txt. */
export function get(...fieldLines: readonly string[]): string {
  return request("GET /letters.txt", ...fieldLines);
}

export const LETTERS_ANSWER: Answer = { status: 200, content: LETTERS };

/** /letters.txt, and on with the next request. */
export const SERVED: Expectation = { answers: [LETTERS_ANSWER], then: "persists" };

/** An error of one of these statuses, then the end: whatever else was sent is not answered. */
export function refused(...statuses: readonly number[]): Expectation {
  return { answers: [{ status: statuses }], then: "closes" };
}

/** One answer, and on with the next request. */
export function answered(answer: Answer): Expectation {
  return { answers: [answer], then: "persists" };
}

/** One answer with one of these statuses; the connection may go on or end. */
export function either(...statuses: readonly number[]): Expectation {
  return { answers: [{ status: statuses }], then: "either" };
}

/**
 * The types of conformance cases, and helpers to write them.
 * A case is data: the octets to send, the permitted answers, and the section of the RFC with the rule.
 */

/** The level of the rule in RFC 2119. `choice`: the RFC permits several answers, and `src/README.md` names ours. */
export type Level = "MUST" | "MUST NOT" | "SHOULD" | "SHOULD NOT" | "MAY" | "choice";

export const LEVELS: readonly Level[] = ["MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY", "choice"];

/** A step of a case: a segment to send, one octet per character; closing our side; or waiting for the next answer. */
export type Step = string | typeof HALF_CLOSE | typeof AWAIT;

/** Closes our side of the connection. */
export const HALF_CLOSE = { kind: "half-close" } as const;

/** Waits for the next answer before the next step. */
export const AWAIT = { kind: "await" } as const;

/** An expected response. Texts may contain the placeholders of `expand()`. */
export interface Answer {
  readonly status: number | readonly number[];
  /** Expected fields by name, in any case: the exact value, a pattern, or `null` if the field must be absent. */
  readonly fields?: Readonly<Record<string, string | RegExp | null>>;
  readonly content?: string | RegExp;
  /** Expected multipart/byteranges content: `first-last/length` and bytes of each part, in order. */
  readonly parts?: readonly (readonly [range: string, content: string])[];
  /** The request is HEAD, so the response has no content. */
  readonly toHead?: boolean;
  /** The server may omit this response, for example an interim one. */
  readonly optional?: boolean;
  /** Its fields must equal those of the first answer, except Date and Connection. */
  readonly fieldsOfFirst?: boolean;
}

/**
 * The permitted answers, and the state of the connection after them. `closes`: the last answer has `Connection: close`, and
 * the connection ends without another octet. `ends`: the same, with or without this field. `persists`: one more request
 * gets one more answer, and no other octets. `either`: as the Connection field of the last answer says.
 */
export interface Expectation {
  readonly answers: readonly Answer[];
  readonly then: "closes" | "ends" | "persists" | "either";
}

/** Exceptions from the invariants, for topics and cases that test such answers. */
export type Allowance =
  | "chunked"
  | "content until close"
  | "foreign location"
  | "repeated field"
  | "other connection options";

/** A test of one rule. */
export interface Case extends Expectation {
  readonly id: string;
  /** Number of the RFC and section, for example `9112 6.3`. */
  readonly rfc: string;
  readonly level: Level;
  readonly about: string;
  /** The steps, or one segment. */
  readonly send: string | readonly Step[];
  readonly allows?: readonly Allowance[];
}

/** The cases of one subject. They run against the same server. */
export interface Topic {
  readonly name: string;
  readonly cases: readonly Case[];
  /** Additional lines of web.conf. */
  readonly conf?: string;
  /** Exceptions for all cases of the topic. */
  readonly allows?: readonly Allowance[];
}

/** Content of /letters.txt. */
export const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** The modification time of /letters.txt: the example date of RFC 9110, section 5.6.7. */
export const MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT";

/** Content of /smuggled.txt. No answer to any case may contain it. */
export const SMUGGLED_CONTENT = "smuggled";

/** A request that the server must never answer. */
export const SMUGGLED = "GET /smuggled.txt HTTP/1.1\r\nHost: a\r\n\r\n";

/** A request: `line` is its method and target. It has a Host field and additional field lines. */
export function request(line: string, ...fieldLines: readonly string[]): string {
  return `${line} HTTP/1.1\r\nHost: a\r\n${fieldLines.map((field) => `${field}\r\n`).join("")}\r\n`;
}

/** A request for /letters.txt. */
export function get(...fieldLines: readonly string[]): string {
  return request("GET /letters.txt", ...fieldLines);
}

export const LETTERS_ANSWER: Answer = { status: 200, content: LETTERS };

/** The answer is /letters.txt, and the connection persists. */
export const SERVED: Expectation = { answers: [LETTERS_ANSWER], then: "persists" };

/** The answer is an error with one of these statuses, then the connection ends. Later requests are not answered. */
export function refused(...statuses: readonly number[]): Expectation {
  return { answers: [{ status: statuses }], then: "closes" };
}

/** One answer, and the connection persists. */
export function answered(answer: Answer): Expectation {
  return { answers: [answer], then: "persists" };
}

/** One answer with one of these statuses. The connection may persist or end. */
export function either(...statuses: readonly number[]): Expectation {
  return { answers: [{ status: statuses }], then: "either" };
}

/**
 * Answers as a client receives them: status line, fields, framing of the content (RFC 9112, sections 4 to 6).
 * Pure rules over the lines of a head. A server's mistake is a value, a `Flaw`.
 * @module
 */

import type { BodyFraming } from "../h1/body.ts";
import type { Malformed } from "../h1/line_reader.ts";
import type { Field } from "../response.ts";
import { TCHAR, trimBlanks } from "../syntax.ts";

/** An answer that was received in full. */
export interface Answer {
  /** Distinguishes an answer from a flaw and from a refusal, which has a status and a reason too. */
  readonly kind: "answer";
  /** 200 to 599. */
  readonly status: number;
  /** The text after the status, for people. May be empty. */
  readonly reason: string;
  /** 0 or 1, of HTTP/1.x. */
  readonly minorVersion: number;
  /** Field lines in their order and letter case, one character an octet. */
  readonly fields: readonly Field[];
  /** How the answer marked the end of its content. */
  readonly framing: AnswerFraming["kind"];
  /** The content without chunk framing; empty if the client does not keep it. */
  readonly content: Uint8Array<ArrayBuffer>;
  /** Bytes of content, kept or not. */
  readonly contentBytes: number;
  /** Whether the connection accepts another request. */
  readonly persists: boolean;
}

/** A mistake of a server. `malformed`: wrong syntax. `too long`: beyond our limits. `short`: it ended too early. */
export interface Flaw {
  /** Distinguishes a flaw from other values. */
  readonly kind: "flaw";
  /** The kind of mistake, for a program. */
  readonly flaw: "malformed" | "too long" | "short";
  /** An explanation for a person. */
  readonly words: string;
}

/** Where the content of an answer ends. */
export type AnswerFraming = BodyFraming;

/** An answer's head. */
export type AnswerHead = Pick<Answer, "status" | "reason" | "minorVersion" | "fields">;

/** Makes a flaw. */
export function flaw(flaw: Flaw["flaw"], words: string): Flaw {
  return { kind: "flaw", flaw, words };
}

/** Whether a rule returned a flaw instead of its usual value. */
export function isFlaw(value: unknown): value is Flaw {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "flaw";
}

/** The flaw of an answer that cannot be read further. */
export function flawOf({ what, words }: Malformed): Flaw {
  return flaw(what === "syntax" ? "malformed" : what === "short" ? "short" : "too long", words);
}

const STATUS_LINE = /^HTTP\/1\.([0-9]) ([1-5][0-9][0-9]) ([\t\x20-\x7e\x80-\xff]*)$/;

/** Status, reason and version of a status line without its CR LF. */
export function parseStatusLine(line: string): Omit<AnswerHead, "fields"> | Flaw {
  const parts = STATUS_LINE.exec(line);
  if (parts === null) return flaw("malformed", `this is no status line of HTTP/1.x: ${quote(line)}`);
  return { status: Number(parts[2]), reason: parts[3]!, minorVersion: Math.min(Number(parts[1]), 1) };
}

const FIELD_LINE = new RegExp(`^(${TCHAR}+):([\\t\\x20-\\x7e\\x80-\\xff]*)$`);

/** Name and value of a field line without its CR LF. Folding and a blank before the colon are flaws. */
export function parseFieldLine(line: string): Field | Flaw {
  const parts = FIELD_LINE.exec(line);
  return parts === null
    ? flaw("malformed", `this is no field line: ${quote(line)}`)
    : [parts[1]!, trimBlanks(parts[2]!)];
}

/** The value of a field, several lines joined by commas (RFC 9110, section 5.3), or `null`. `name` is in lower case. */
export function fieldValue(fields: readonly Field[], name: string): string | null {
  const values = fields.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
  return values.length === 0 ? null : values.join(", ");
}

/** RFC 9112, section 6.3, in its order. A head that two recipients could read differently is a flaw. */
export function answerFraming(head: AnswerHead, isHeadRequest: boolean): AnswerFraming | Flaw {
  const coding = fieldValue(head.fields, "transfer-encoding");
  const length = fieldValue(head.fields, "content-length");
  const hasNever = head.status < 200 || head.status === 204;
  if (hasNever && (coding ?? length) !== null) return flaw("malformed", `a ${head.status} that announces content`);
  if (coding !== null && length !== null) return flaw("malformed", "both Transfer-Encoding and Content-Length");
  if (coding !== null && head.minorVersion === 0) return flaw("malformed", "Transfer-Encoding in HTTP/1.0");
  if (coding !== null && coding.toLowerCase() !== "chunked") {
    return flaw("malformed", `a transfer coding other than chunked: ${quote(coding)}`);
  }
  // Several equal values are a flaw too, because recipients differ.
  const isNumber = length === null || (/^[0-9]+$/.test(length) && Number.isSafeInteger(Number(length)));
  if (!isNumber) return flaw("malformed", `Content-Length is not one number: ${quote(length)}`);
  if (hasNever || isHeadRequest || head.status === 304) return { kind: "none" };
  if (coding !== null) return { kind: "chunked" };
  return length === null ? { kind: "until close" } : { kind: "length", length: Number(length) };
}

/** Whether the connection persists after this answer (RFC 9112, section 9.3). */
export function answerPersists({ fields, minorVersion }: AnswerHead, framing: AnswerFraming): boolean {
  if (framing.kind === "until close") return false;
  const options = (fieldValue(fields, "connection") ?? "").split(",").map((option) => trimBlanks(option).toLowerCase());
  if (options.includes("close")) return false;
  return minorVersion === 1 || options.includes("keep-alive");
}

const QUOTED_MAX = 60;

/** Quotes a server's text for a terminal. JSON escapes all other characters that could move the cursor. */
export function quote(text: string): string {
  const short = text.length > QUOTED_MAX ? text.slice(0, QUOTED_MAX) + "..." : text;
  return JSON.stringify(short).replaceAll(/[\x7f-\x9f]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}

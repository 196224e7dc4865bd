/**
 * A slow reference for the head of a request (RFC 9112, sections 2 to 5): regular expressions for lines, over the complete
 * text. It was written from the RFC and the limits, and not from the parser that it checks.
 */

import {
  EMPTY_LINES_MAX,
  FIELD_LINE_BYTES_MAX,
  FIELD_LINES_MAX,
  HEAD_BYTES_MAX,
  REQUEST_LINE_BYTES_MAX,
} from "../../../src/http/limits.ts";

/** A valid head. */
export interface HeadRead {
  readonly kind: "complete";
  /** Length in characters, including the empty lines before and after it. */
  readonly length: number;
  readonly method: string;
  readonly target: string;
  readonly minorVersion: 0 | 1;
  /** Names in lower case, and values without surrounding blanks, in the order of the lines. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

export type HeadReading = HeadRead | { readonly kind: "partial" } | {
  readonly kind: "refused";
  /** The permitted statuses. There are several if the head breaks several rules. */
  readonly statuses: readonly number[];
};

const TCHAR = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]";
const REQUEST_LINE = new RegExp(`^(${TCHAR}+) ([!-"$-~\\x80-\\xff]+) HTTP/([0-9])\\.([0-9])$`);
const FIELD_LINE = new RegExp(`^(${TCHAR}+):([\\t -~\\x80-\\xff]*)$`);

/** Reads the head at the start of `text`, which has one character per octet. */
export function readHead(text: string): HeadReading {
  const lines = text.split("\n");
  const unfinished = lines.pop()!;
  let length = 0;
  let emptyLines = 0;
  let request: RegExpExecArray | null = null;
  const fields: [string, string][] = [];
  for (const ended of lines) {
    length += ended.length + 1;
    const line = ended.slice(0, -1);
    const mistakes: number[] = [];
    if (!ended.endsWith("\r")) mistakes.push(400);
    if (length > HEAD_BYTES_MAX) mistakes.push(431);
    if (request === null) {
      if (ended === "\r") {
        if (++emptyLines > EMPTY_LINES_MAX) return { kind: "refused", statuses: [400] };
        continue;
      }
      if (line.length > REQUEST_LINE_BYTES_MAX) mistakes.push(overlong(line));
      request = REQUEST_LINE.exec(line);
      if (request === null) mistakes.push(400);
      if (/ HTTP\/[02-9]\.[0-9]$/.test(line)) mistakes.push(505); // The version may be checked first or last.
    } else if (ended === "\r" && mistakes.length === 0) {
      const [, method = "", target = "", , minor] = request;
      return { kind: "complete", length, method, target, minorVersion: minor === "0" ? 0 : 1, fields };
    } else {
      if (line.length > FIELD_LINE_BYTES_MAX || fields.length === FIELD_LINES_MAX) mistakes.push(431);
      const field = FIELD_LINE.exec(line);
      if (field === null) mistakes.push(400);
      fields.push([(field?.[1] ?? "").toLowerCase(), trim(field?.[2] ?? "")]);
    }
    if (mistakes.length > 0) return { kind: "refused", statuses: mistakes };
  }
  return readUnfinished(unfinished, length, request !== null);
}

/** If the line holds only a method up to the limit, the status is 501, because no server implements such a method. */
function overlong(line: string): number {
  return new RegExp(`^${TCHAR}{${REQUEST_LINE_BYTES_MAX}}`).test(line) ? 501 : 414;
}

/** Whether a continuation can make an incomplete line valid. */
function readUnfinished(unfinished: string, before: number, isField: boolean): HeadReading {
  const line = unfinished.replace(/\r$/, "");
  const mistakes: number[] = [];
  if (!isField && line !== "" && !new RegExp(`^${TCHAR}`).test(line)) mistakes.push(400);
  if (!isField && line.length > REQUEST_LINE_BYTES_MAX) mistakes.push(overlong(line));
  if (isField && line.length > FIELD_LINE_BYTES_MAX) mistakes.push(431);
  if (isField && before + unfinished.length > HEAD_BYTES_MAX) mistakes.push(431);
  return mistakes.length > 0 ? { kind: "refused", statuses: mistakes } : { kind: "partial" };
}

/** The value of a field, or `null`. The values of several lines are joined (RFC 9110, section 5.3). */
export function fieldValue({ fields }: HeadRead, name: string): string | null {
  const values = fields.filter(([other]) => other === name).map(([, value]) => value);
  return values.length === 0 ? null : values.join(", ");
}

/** Removes blanks and tabs at both ends. A regular expression would take hours for some texts. */
export function trim(text: string): string {
  let [first, end] = [0, text.length];
  while (first < end && " \t".includes(text[first]!)) first++;
  while (end > first && " \t".includes(text[end - 1]!)) end--;
  return text.slice(first, end);
}

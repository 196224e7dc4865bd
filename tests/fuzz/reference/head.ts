/**
 * The head of a request as RFC 9112, sections 2 to 5, has it, read slowly: lines by regular expressions over text that is
 * all there. Written from the RFC and the limits, without a look at the parser that it judges.
 */

import {
  EMPTY_LINES_MAX,
  FIELD_LINE_BYTES_MAX,
  FIELD_LINES_MAX,
  HEAD_BYTES_MAX,
  REQUEST_LINE_BYTES_MAX,
} from "../../../src/http/limits.ts";

/** A head as it was understood. */
export interface HeadRead {
  readonly kind: "complete";
  /** Characters that it takes, the empty lines before and behind it included. */
  readonly length: number;
  readonly method: string;
  readonly target: string;
  readonly minorVersion: 0 | 1;
  /** Names in lower case, values without blanks around them, in their order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

export type HeadReading = HeadRead | { readonly kind: "partial" } | {
  readonly kind: "refused";
  /** More than one where several rules are broken at once. */
  readonly statuses: readonly number[];
};

const TCHAR = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]";
const REQUEST_LINE = new RegExp(`^(${TCHAR}+) ([!-"$-~\\x80-\\xff]+) HTTP/([0-9])\\.([0-9])$`);
const FIELD_LINE = new RegExp(`^(${TCHAR}+):([\\t -~\\x80-\\xff]*)$`);

/** What `text`, one character an octet, begins with. */
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
      if (/ HTTP\/[02-9]\.[0-9]$/.test(line)) mistakes.push(505); // Said before or after the rest is looked at.
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

/** Nothing but a method, as far as the limit goes, is a method that nobody implements. */
function overlong(line: string): number {
  return new RegExp(`^${TCHAR}{${REQUEST_LINE_BYTES_MAX}}`).test(line) ? 501 : 414;
}

/** A line without its end: whether anything that may follow can make it good. */
function readUnfinished(unfinished: string, before: number, isField: boolean): HeadReading {
  const line = unfinished.replace(/\r$/, "");
  const mistakes: number[] = [];
  if (!isField && line !== "" && !new RegExp(`^${TCHAR}`).test(line)) mistakes.push(400);
  if (!isField && line.length > REQUEST_LINE_BYTES_MAX) mistakes.push(overlong(line));
  if (isField && line.length > FIELD_LINE_BYTES_MAX) mistakes.push(431);
  if (isField && before + unfinished.length > HEAD_BYTES_MAX) mistakes.push(431);
  return mistakes.length > 0 ? { kind: "refused", statuses: mistakes } : { kind: "partial" };
}

/** A field's value, several lines joined (RFC 9110, section 5.3), or `null`. */
export function fieldValue({ fields }: HeadRead, name: string): string | null {
  const values = fields.filter(([other]) => other === name).map(([, value]) => value);
  return values.length === 0 ? null : values.join(", ");
}

/** Without blanks and tabs at its ends. A regular expression would take hours for some texts. */
export function trim(text: string): string {
  let [first, end] = [0, text.length];
  while (first < end && " \t".includes(text[first]!)) first++;
  while (end > first && " \t".includes(text[end - 1]!)) end--;
  return text.slice(first, end);
}

/**
 * Messages to the user: formats a message as a line of text or as a line of JSON. Pure.
 * Knows the two formats; not where the lines are written. (The access log has formats of its own.)
 * @module
 */

import { type Diagnostic, formatDiagnostic } from "../config/diagnostic.ts";

export type Level = "info" | "warning" | "error";

/** The subject of a message, for programs. */
export type Topic =
  | "configuration"
  | "usage"
  | "start"
  | "listening"
  | "reload"
  | "certificate"
  | "worker"
  | "connection"
  | "problem"
  | "output"
  | "end";

/** One message. */
export interface Message {
  readonly level: Level;
  readonly event: Topic;
  /** One line, without LF; the stack of a mistake of ours may follow it. */
  readonly message: string;
  /** The position in web.conf, if there is one. */
  readonly place?: Pick<Diagnostic, "file" | "line" | "column">;
  /** Further members of the JSON object. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** How messages are written. */
export interface MessageForm {
  /** One JSON object a line. */
  readonly json: boolean;
  /** The time of the message, in milliseconds since 1970. */
  readonly wallMs: number;
}

/** Messages quote names of files and words of web.conf, which may have any length. */
const MESSAGE_CHARS_MAX = 4_000;

/** A message with its LF. It is always one line, except for a stack trace, and contains no control characters. */
export function formatMessage(message: Message, { json, wallMs }: MessageForm): string {
  return json ? jsonLine(valueOf(message, wallMs)) : `${textOf(message)}\n`;
}

/** Messages as text with the time at the begin of each line, except those of a stack. */
export function withTime(lines: string | Uint8Array, wallMs: number): string {
  const text = typeof lines === "string" ? lines : new TextDecoder().decode(lines);
  return text.replace(/^(?! {4}at |$)/gm, `${new Date(wallMs).toISOString()} `);
}

/** A diagnostic as a message. */
export function messageOf({ severity, message, file, line, column }: Diagnostic): Message {
  return { level: severity, event: "configuration", message, place: { file, line, column } };
}

/** A value as a line of JSON. Control characters beyond ASCII are escaped, because JSON does not escape them. */
export function jsonLine(value: Readonly<Record<string, unknown>>): string {
  const escape = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(/[\x7f-\x9f\u2028\u2029]/g, escape) + "\n";
}

function valueOf({ level, event, message, place, fields }: Message, wallMs: number): Record<string, unknown> {
  return {
    time: new Date(wallMs).toISOString(),
    level,
    event,
    message: message.slice(0, MESSAGE_CHARS_MAX),
    ...place,
    ...fields,
  };
}

function textOf({ level, message, place }: Message): string {
  if (place !== undefined) {
    return formatDiagnostic({ ...place, message, severity: level === "error" ? "error" : "warning" });
  }
  return `sweepd: ${level === "warning" ? "warning: " : ""}${harmless(message.slice(0, MESSAGE_CHARS_MAX))}`;
}

/** The message of an error may quote a client, who must not be able to forge a line. */
function harmless(text: string): string {
  return text.replace(/\n(?! {4}at )|[^\P{Cc}\n]/gu, "\uFFFD");
}

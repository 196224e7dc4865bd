/**
 * The output of `sweepd explain`: for people, and as JSON for programs. Pure.
 * @module
 */

import type { Grant } from "../config/permissions.ts";
import type { Alternative, Explanation } from "./explain.ts";
import { urlOf } from "./question.ts";

/** The data about one request. */
export interface Explained {
  readonly explanation: Explanation;
  /** The permission to read the root; `null`: no permission is needed, or there is no host. */
  readonly permission: Grant | null;
  readonly alternatives: readonly Alternative[];
}

const LABEL_COLUMNS = 12;

/** The decisions, the answer and the alternatives, one per line. */
export function describeExplained({ explanation, permission, alternatives }: Explained): string {
  const { question, versions, notes, frames, status, reason, fields, problems } = explanation;
  const rows = [
    row("version", versions.text, versions.line),
    ...notes.map(({ topic, text, line }) => row(topic, text, line)),
    ...problems.map((problem) => row("problem", problem)),
    permission === null
      ? row("permission", "none is needed")
      : row("permission", `a worker may read ${permission.what}`, permission.origin),
    ...frames.map((frame) => row("frame", frame)),
    row("answer", `${status === 0 ? "" : `${status} `}${reason}`.trim()),
    ...fields.map((field) => row("", field)),
    ...alternatives.map(({ what, question, status }) => row("instead", `${what}: ${status} (${urlOf(question)})`)),
  ];
  return `GET ${urlOf(question)}\n${rows.map((text) => `  ${harmless(text)}\n`).join("")}`;
}

function row(label: string, text: string, line: string | null = null): string {
  return `${label.padEnd(LABEL_COLUMNS)}${text}${line === null ? "" : ` (${line})`}`;
}

/** Replaces control characters in names of files, so that they cannot control the terminal. */
function harmless(text: string): string {
  return text.replace(/\p{Cc}/gu, "\uFFFD");
}

/** The output as one JSON object in one line. */
export function explainedJson({ explanation, permission, alternatives }: Explained): string {
  const { question, versions, notes, frames, status, reason, fields, problems } = explanation;
  const value = {
    url: urlOf(question),
    from: question.from,
    version: { text: versions.text, line: versions.line },
    notes,
    problems,
    permission: permission === null ? null : { read: permission.what, line: permission.origin },
    frames,
    answer: { status, reason, fields: fields.map(splitField) },
    instead: alternatives.map(({ what, question, status }) => ({ what, url: urlOf(question), status })),
  };
  return `${JSON.stringify(value)}\n`;
}

function splitField(line: string): { readonly name: string; readonly value: string } {
  const colon = line.indexOf(":", 1); // A pseudo-field begins with one.
  return { name: line.slice(0, colon), value: line.slice(colon + 1).trim() };
}

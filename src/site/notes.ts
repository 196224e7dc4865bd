/**
 * Notes about the decisions of the steps for one request, for `sweepd explain`. A server that answers clients takes no
 * notes, so a step only checks whether notes are wanted.
 * @module
 */

import type { Host } from "./host.ts";

/** The subjects of notes, in the order of the steps. */
export const TOPICS = [
  "certificate",
  "host",
  "path",
  "method",
  "cors",
  "address",
  "password",
  "redirect",
  "file",
  "page",
  "listing",
  "type",
  "coding",
  "validators",
  "condition",
  "range",
  "field",
] as const;

export type Topic = (typeof TOPICS)[number];

/** Receives a note. `line` is the line of web.conf that decided, as `web.conf:3`; `null`: none. */
export type TakeNote = (topic: Topic, text: string, line?: string | null) => void;

/** The lines of a host's settings, by name: one for each rule, in the order of the rules. */
export type HostLines = Readonly<Record<string, readonly string[]>>;

/** The line of a setting or of one of its rules; `null`: unknown. */
export function lineOf({ lines }: Host, setting: string, index = 0): string | null {
  return lines[setting]?.[index] ?? null;
}

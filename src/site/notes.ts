/**
 * Notes: what the steps say of their decisions on the way of one request, for `sweepd explain`. A server that answers clients takes
 * none, so that a step that has something to say only looks whether it is asked.
 * @module
 */

import type { Host } from "./host.ts";

/** What a note is about, in the order in which the steps come to it. */
export const TOPICS = [
  "host",
  "path",
  "method",
  "cors",
  "address",
  "password",
  "redirect",
  "file",
  "page",
  "type",
  "validators",
  "condition",
  "range",
  "field",
] as const;

export type Topic = (typeof TOPICS)[number];

/** Takes a note. `line` is the line of web.conf that decided, as `web.conf:3`; `null`: none did. */
export type TakeNote = (topic: Topic, text: string, line?: string | null) => void;

/** Where the lines of a host stand, by the names of its settings: one for each rule, in the order of the rules. */
export type HostLines = Readonly<Record<string, readonly string[]>>;

/** Where a setting of a host, or one of its rules, stands; `null`: nobody has said. */
export function lineOf({ lines }: Host, setting: string, index = 0): string | null {
  return lines[setting]?.[index] ?? null;
}

/**
 * The Priority field (RFC 9218): how urgent an answer is, and whether it is useful in parts. Pure.
 * @module
 */

import { latin1 } from "../syntax.ts";

/** The priority of a stream. */
export interface Priority {
  /** 0 to 7, smaller is more urgent. */
  readonly urgency: number;
  /** Whether the client can use a part of the answer, so that several answers should share the connection. */
  readonly isIncremental: boolean;
}

/** Of a stream whose client sends no priority. Answers of the same urgency take turns. */
export const NO_PRIORITY: Priority = { urgency: 3, isIncremental: true };

/** Of a client that sends the field without a member (4.1, 4.2). */
const DEFAULT_PRIORITY: Priority = { urgency: 3, isIncremental: false };

/** A field is a few octets long. Longer ones are ignored, because each is parsed. */
const FIELD_BYTES_MAX = 64;

/**
 * The priority in a field value, a dictionary of structured fields. Members that are unknown or out of range are ignored,
 * and so is a value that is none.
 */
export function parsePriority(bytes: Uint8Array, first: number, end: number): Priority {
  if (end - first > FIELD_BYTES_MAX) return DEFAULT_PRIORITY;
  let { urgency, isIncremental } = DEFAULT_PRIORITY;
  for (const member of latin1(bytes, first, end).split(",")) {
    const [, key, value] = MEMBER.exec(member) ?? [];
    if (key === "u" && value !== undefined && /^[0-7]$/.test(value)) urgency = Number(value);
    if (key === "i" && (value === undefined || value === "?1" || value === "?0")) isIncremental = value !== "?0";
  }
  return { urgency, isIncremental };
}

/** `key`, or `key=value`, with parameters that are ignored. */
const MEMBER = /^[ \t]*([a-z*][a-z0-9_.*-]*)(?:=([^; \t]+))?(?:;[^,]*)?[ \t]*$/;

/**
 * The names of the fields that this server knows, and the numbers that stand for them in a parsed head.
 * @module
 */

import { isAt, latin1Bytes } from "./syntax.ts";

/**
 * The fields that this server acts on or logs. Others are checked for syntax and passed over.
 * @internal
 */
export const FIELD_NAMES = [
  "accept",
  "access-control-request-headers",
  "access-control-request-method",
  "authorization",
  "connection",
  "content-length",
  "expect",
  "host",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "origin",
  "range",
  "referer",
  "transfer-encoding",
  "user-agent",
] as const;

/**
 * The name of a field that this server acts on or logs, in lower case.
 * @internal
 */
export type FieldName = (typeof FIELD_NAMES)[number];

const FIELD_SLOTS = new Map<FieldName, number>(FIELD_NAMES.map((name, slot) => [name, slot]));

/** The number that stands for the field, and the place of its bit. */
export function slotOf(name: FieldName): number {
  return FIELD_SLOTS.get(name)!;
}

/** Slots by the length of the name: one comparison a field line, seldom two. `null`: no such length. */
const SLOTS_BY_LENGTH: readonly (readonly { slot: number; octets: Uint8Array }[] | null)[] = Array.from(
  { length: 1 + Math.max(...FIELD_NAMES.map((name) => name.length)) },
  (_, length) => {
    const slots = FIELD_NAMES.map((name, slot) => ({ slot, octets: latin1Bytes(name) }));
    const candidates = slots.filter(({ octets }) => octets.length === length);
    return candidates.length > 0 ? candidates : null;
  },
);

const OTHER_FIELD = FIELD_NAMES.length;

/** A bit for each field that selects among answers: preconditions and ranges. */
export const SELECTING_FIELDS = bitsOf(FIELD_NAMES.filter((name) => name.startsWith("if-") || name === "range"));

/** A bit for each field that says where the content ends or what becomes of it. */
export const CONTENT_FIELDS = bitsOf(["content-length", "expect", "transfer-encoding"]);

function bitsOf(names: readonly FieldName[]): number {
  return names.reduce((bits, name) => bits | 1 << slotOf(name), 0);
}

/** The slot of the field whose name stands at `bytes[first .. first + length)`, in any letter case; one more than all for others. */
export function slotAt(bytes: Uint8Array, first: number, length: number): number {
  const candidates = SLOTS_BY_LENGTH[length];
  if (candidates === undefined || candidates === null) return OTHER_FIELD;
  for (const { slot, octets } of candidates) {
    if (isAt(bytes, first, octets, 0x20)) return slot; // Tokens only: folding cannot collide with "-".
  }
  return OTHER_FIELD;
}

/**
 * The names of the fields that the server uses, and their numbers in a parsed head.
 * @module
 */

import { isAt, latin1Bytes } from "./syntax.ts";

/**
 * The fields that the server acts on or logs. Others are only checked for syntax.
 * @internal
 */
export const FIELD_NAMES = [
  "accept",
  "accept-encoding",
  "access-control-request-headers",
  "access-control-request-method",
  "authorization",
  "connection",
  "content-length",
  "expect",
  "forwarded",
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
  "x-forwarded-for",
  "x-forwarded-proto",
] as const;

/**
 * The name of a field that the server acts on or logs, in lower case.
 * @internal
 */
export type FieldName = (typeof FIELD_NAMES)[number];

const FIELD_SLOTS = new Map<FieldName, number>(FIELD_NAMES.map((name, slot) => [name, slot]));

/** The number of the field, which is also the position of its bit. */
export function slotOf(name: FieldName): number {
  return FIELD_SLOTS.get(name)!;
}

/** Slots by the length of the name, so that a field line needs one comparison, seldom two. `null`: no such length. */
const SLOTS_BY_LENGTH: readonly (readonly { slot: number; octets: Uint8Array }[] | null)[] = Array.from(
  { length: 1 + Math.max(...FIELD_NAMES.map((name) => name.length)) },
  (_, length) => {
    const slots = FIELD_NAMES.map((name, slot) => ({ slot, octets: latin1Bytes(name) }));
    const candidates = slots.filter(({ octets }) => octets.length === length);
    return candidates.length > 0 ? candidates : null;
  },
);

const OTHER_FIELD = FIELD_NAMES.length;

/** The bits of the fields that select among answers: preconditions, ranges and codings. */
export const SELECTING_FIELDS = bitsOf([
  ...FIELD_NAMES.filter((name) => name.startsWith("if-")),
  "range",
  "accept-encoding",
]);

/** The bits of the preconditions. */
export const PRECONDITIONS = bitsOf(["if-match", "if-modified-since", "if-none-match", "if-unmodified-since"]);

/** The bits of the fields that determine where the content ends and whether it is sent. */
export const CONTENT_FIELDS = bitsOf(["content-length", "expect", "transfer-encoding"]);

function bitsOf(names: readonly FieldName[]): number {
  return names.reduce((bits, name) => bits | 1 << slotOf(name), 0);
}

/** The slot of the field whose name is at `bytes[first .. first + length)`, in any letter case. Others share one. */
export function slotAt(bytes: Uint8Array, first: number, length: number): number {
  const candidates = SLOTS_BY_LENGTH[length];
  if (candidates === undefined || candidates === null) return OTHER_FIELD;
  for (const { slot, octets } of candidates) {
    if (isAt(bytes, first, octets, 0x20)) return slot; // Only tokens get here, so folding cannot match "-" wrongly.
  }
  return OTHER_FIELD;
}

/**
 * Content codings (RFC 9110, sections 8.4 and 12.5.3): which ones a client accepts, and in which order. Pure: knows the
 * value of a field; not which codings a file has.
 * @module
 */

import { listMembers } from "../syntax.ts";

/** The codings that files are sent in. If a client prefers none, the first one that a file has is sent. */
export const CODINGS = ["br", "zstd", "gzip"] as const;

/** A content coding that this server sends. */
export type Coding = (typeof CODINGS)[number];

/** What a client accepts. */
export interface Acceptance {
  /** The codings to send in place of the content as it is, best first. */
  readonly codings: readonly Coding[];
  /** Whether the content may be sent as it is. */
  readonly isIdentityAccepted: boolean;
}

/** The acceptance of a client that says nothing: every coding would be right, but a simple client supports none. */
export const IDENTITY_ONLY: Acceptance = { codings: [], isIdentityAccepted: true };

/**
 * What the value of Accept-Encoding accepts. The weight decides, and the order of `CODINGS` between equal weights. The
 * content as it is, "identity", is preferred only to codings with a lower weight. Malformed members are ignored. Of a
 * repeated coding, the highest weight counts.
 */
export function acceptanceOf(value: string): Acceptance {
  const weights = weightsOf(value);
  const others = weights.get("*");
  const identity = weights.get("identity") ?? others ?? null;
  const weightFor = (coding: Coding) => weights.get(coding) ?? others ?? 0;
  const codings = CODINGS.filter((coding) => weightFor(coding) > 0 && weightFor(coding) >= (identity ?? 0));
  return {
    codings: codings.toSorted((one, other) => weightFor(other) - weightFor(one)), // The sort is stable.
    isIdentityAccepted: identity !== 0,
  };
}

/** A token or `*`, and perhaps a weight (sections 12.4.2 and 12.5.3). */
const MEMBER = /^([!#$%&'*+.^_`|~0-9a-z-]+)(?:[ \t]*;[ \t]*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?$/;

function weightsOf(value: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const member of listMembers(value.toLowerCase())) {
    const [, name = "", weight = "1"] = MEMBER.exec(member) ?? [];
    const coding = name === "x-gzip" ? "gzip" : name; // The old name for the same (section 8.4.1.3).
    weights.set(coding, Math.max(weights.get(coding) ?? 0, Number(weight)));
  }
  return weights;
}

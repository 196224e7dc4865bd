/**
 * Step: refuses peers by their addresses. Looks at no file, so that the answer does not reveal which files exist.
 * @module
 */

import type { Request } from "../http/request.ts";
import type { Response } from "../http/response.ts";
import { plainHost } from "../net/peer.ts";
import { refuse } from "./answers.ts";
import { type AddressRange, contains, parseAddress, parseRange } from "./cidr.ts";
import { lineOf } from "./notes.ts";
import type { Cause } from "./own_pages.ts";
import type { Visit } from "./steps.ts";

/** Maximum of cached verdicts. Parsing an address takes half as long as answering. */
const CACHED_MAX = 4096;

/** Whether a peer is admitted, and the rule that matches its address; `null`: none does. */
export interface AddressVerdict {
  readonly isAdmitted: boolean;
  readonly rule: { readonly setting: "allow" | "deny"; readonly index: number } | null;
}

/** Rules for addresses. A denied address is refused. If some are allowed, all others are refused. */
export class AddressRules {
  readonly #allowed: readonly AddressRange[];
  readonly #denied: readonly AddressRange[];
  /** Verdicts by address, as the runtime writes it. */
  readonly #verdicts = new Map<string, boolean>();

  /** Ranges in the syntax of `parseRange`. Throws `RangeError` if one is invalid. */
  constructor(allowed: readonly string[], denied: readonly string[]) {
    this.#allowed = allowed.map(rangeOf);
    this.#denied = denied.map(rangeOf);
  }

  /** Whether a peer is admitted. */
  admits(hostname: string): boolean {
    const known = this.#verdicts.get(hostname);
    if (known !== undefined) return known;
    if (this.#verdicts.size >= CACHED_MAX) this.#verdicts.clear();
    const verdict = this.judge(hostname).isAdmitted;
    this.#verdicts.set(hostname, verdict);
    return verdict;
  }

  /** Returns the verdict and the deciding rule. Other text than an address is refused, because no rule can match it. */
  judge(hostname: string): AddressVerdict {
    const address = parseAddress(hostname);
    if (address === null) return { isAdmitted: false, rule: null };
    const denied = this.#denied.findIndex((range) => contains(range, address));
    if (denied >= 0) return { isAdmitted: false, rule: { setting: "deny", index: denied } };
    const allowed = this.#allowed.findIndex((range) => contains(range, address));
    if (allowed >= 0) return { isAdmitted: true, rule: { setting: "allow", index: allowed } };
    return { isAdmitted: this.#allowed.length === 0, rule: null };
  }
}

function rangeOf(word: string): AddressRange {
  const range = parseRange(word);
  if (typeof range === "string") throw new RangeError(range);
  return range;
}

const NOT_ADMITTED: Cause = {
  status: 403,
  fields: [],
  words: "This server does not answer requests from your address.",
  isEverywhere: true,
};

/** Answers 403 to peers that are not admitted. */
export function refuseAddress(visit: Visit, request: Request): Response | null {
  const { peer } = request;
  const { addresses } = visit.host;
  visit.services.note?.("address", ...describeVerdict(visit, peer.hostname));
  return addresses === null || addresses.admits(peer.hostname) ? null : refuse(visit, request, NOT_ADMITTED);
}

function describeVerdict({ host }: Visit, peer: string): [text: string, line: string | null] {
  const { isAdmitted, rule } = host.addresses?.judge(peer) ?? { isAdmitted: true, rule: null };
  const text = `${plainHost(peer)} is ${isAdmitted ? "admitted" : rule === null ? "not allowed" : "denied"}`;
  return [text, rule === null ? null : lineOf(host, rule.setting, rule.index)];
}

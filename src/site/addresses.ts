/**
 * Step: refuses peers whose addresses are not let in. Looks at no file, so that the answer tells nothing of what there is.
 * @module
 */

import type { Request } from "../http/request.ts";
import type { Response } from "../http/response.ts";
import { plainHost } from "../net/peer.ts";
import { refuse } from "./answers.ts";
import { type AddressRange, holds, parseAddress, parseRange } from "./cidr.ts";
import { lineOf } from "./notes.ts";
import type { Visit } from "./steps.ts";

/** So many addresses are remembered with their verdicts, because reading one takes as long as half an answer. */
const REMEMBERED_MAX = 4096;

/** Whether a peer is let in, and the rule that holds its address; `null`: none does. */
export interface AddressVerdict {
  readonly isAdmitted: boolean;
  readonly rule: { readonly setting: "allow" | "deny"; readonly index: number } | null;
}

/** Which addresses are let in: none that is denied, and where some are allowed, only those. */
export class AddressRules {
  readonly #allowed: readonly AddressRange[];
  readonly #denied: readonly AddressRange[];
  /** By addresses as the runtime writes them. */
  readonly #verdicts = new Map<string, boolean>();

  /** Words as `parseRange` takes them. Throws `RangeError` where one is no range. */
  constructor(allowed: readonly string[], denied: readonly string[]) {
    this.#allowed = allowed.map(rangeOf);
    this.#denied = denied.map(rangeOf);
  }

  /** Whether a peer is let in. */
  admits(hostname: string): boolean {
    const known = this.#verdicts.get(hostname);
    if (known !== undefined) return known;
    if (this.#verdicts.size >= REMEMBERED_MAX) this.#verdicts.clear();
    const verdict = this.judge(hostname).isAdmitted;
    this.#verdicts.set(hostname, verdict);
    return verdict;
  }

  /** The same with the rule that decides. What is no address is not let in, because no rule can speak of it. */
  judge(hostname: string): AddressVerdict {
    const address = parseAddress(hostname);
    if (address === null) return { isAdmitted: false, rule: null };
    const denied = this.#denied.findIndex((range) => holds(range, address));
    if (denied >= 0) return { isAdmitted: false, rule: { setting: "deny", index: denied } };
    const allowed = this.#allowed.findIndex((range) => holds(range, address));
    if (allowed >= 0) return { isAdmitted: true, rule: { setting: "allow", index: allowed } };
    return { isAdmitted: this.#allowed.length === 0, rule: null };
  }
}

function rangeOf(word: string): AddressRange {
  const range = parseRange(word);
  if (typeof range === "string") throw new RangeError(range);
  return range;
}

/** Answers 403 to peers that are not let in. */
export function refuseAddress(visit: Visit, { peer }: Request): Response | null {
  const { addresses } = visit.host;
  visit.services.note?.("address", ...describeVerdict(visit, peer.hostname));
  return addresses === null || addresses.admits(peer.hostname) ? null : refuse(visit, 403);
}

function describeVerdict({ host }: Visit, peer: string): [text: string, line: string | null] {
  const { isAdmitted, rule } = host.addresses?.judge(peer) ?? { isAdmitted: true, rule: null };
  const text = `${plainHost(peer)} is ${isAdmitted ? "let in" : rule === null ? "none that is allowed" : "denied"}`;
  return [text, rule === null ? null : lineOf(host, rule.setting, rule.index)];
}

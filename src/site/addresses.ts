/**
 * Step: refuses peers whose addresses are not let in. Looks at no file, so that the answer tells nothing of what there is.
 * @module
 */

import type { Request } from "../http/request.ts";
import type { Response } from "../http/response.ts";
import { refuse } from "./answers.ts";
import { type AddressRange, holds, parseAddress, parseRange } from "./cidr.ts";
import type { Visit } from "./steps.ts";

/** So many addresses are remembered with their verdicts, because reading one takes as long as half an answer. */
const REMEMBERED_MAX = 4096;

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
    const verdict = this.#judge(hostname);
    this.#verdicts.set(hostname, verdict);
    return verdict;
  }

  /** What is no address is not let in: no rule can speak of it. */
  #judge(hostname: string): boolean {
    const address = parseAddress(hostname);
    if (address === null || this.#denied.some((range) => holds(range, address))) return false;
    return this.#allowed.length === 0 || this.#allowed.some((range) => holds(range, address));
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
  return addresses === null || addresses.admits(peer.hostname) ? null : refuse(visit, 403);
}

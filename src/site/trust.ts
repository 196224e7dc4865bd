/**
 * The proxies that are trusted: those whose PROXY headers and forwarding fields count.
 * @module
 */

import type { Fields } from "../http/fields.ts";
import type { Client } from "../http/request.ts";
import { AddressRules } from "./addresses.ts";
import { clientOf } from "./forwarded.ts";

/** Addresses and ranges of trusted proxies. */
export class Trust {
  readonly #rules: AddressRules | null;

  /** Ranges in the syntax of `parseRange`. Throws `RangeError` if one is invalid. */
  constructor(ranges: readonly string[]) {
    this.#rules = ranges.length === 0 ? null : new AddressRules(ranges, []);
  }

  /** Whether nobody is trusted. */
  get isEmpty(): boolean {
    return this.#rules === null;
  }

  /** Whether the proxy at this address is trusted. */
  readonly includes = (hostname: string): boolean => this.#rules?.admits(hostname) ?? false;

  /** The client of a request that came from `from`. */
  readonly clientOf = (fields: Fields, from: Client): Client => clientOf(fields, from, this.includes);
}

/**
 * The fields of a request for all of a representation, in no coding: without ranges and without the conditions of
 * caches. Knows fields; not responses.
 * @module
 */

import type { FieldName } from "../http/field_names.ts";
import type { Fields, OctetRange } from "../http/fields.ts";

/** Hidden names. If-Match and If-Unmodified-Since stay, because they say what must not be answered at all. */
const HIDDEN: ReadonlySet<string> = new Set([
  "accept-encoding",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "range",
]);

/** Fields as if the client had sent none of the hidden ones. */
export class WholeFields implements Fields {
  readonly #fields: Fields;

  constructor(fields: Fields) {
    this.#fields = fields;
  }

  /** Whether the client sent a hidden field. */
  get hidesAny(): boolean {
    return [...HIDDEN].some((name) => this.#fields.has(name as FieldName));
  }

  get isSelecting(): boolean {
    return this.isConditional;
  }

  get isConditional(): boolean {
    return this.has("if-match") || this.has("if-unmodified-since");
  }

  has(name: FieldName): boolean {
    return !HIDDEN.has(name) && this.#fields.has(name);
  }

  count(name: FieldName): number {
    return HIDDEN.has(name) ? 0 : this.#fields.count(name);
  }

  value(name: FieldName): string | null {
    return HIDDEN.has(name) ? null : this.#fields.value(name);
  }

  octets(name: FieldName): OctetRange | null {
    return HIDDEN.has(name) ? null : this.#fields.octets(name);
  }

  is(name: FieldName, octets: Uint8Array): boolean {
    return !HIDDEN.has(name) && this.#fields.is(name, octets);
  }
}

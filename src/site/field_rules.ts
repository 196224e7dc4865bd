/**
 * What a host adds to its answers: fields by the path of what is sent, and for how long it may be kept. Pure.
 * @module
 */

import { type Additions, isDescribing } from "../http/additions.ts";
import type { Field } from "../http/response.ts";
import { Alterations } from "./alterations.ts";
import { compilePattern, type Pattern } from "./pattern.ts";

/** A field for answers to paths that match. Of several rules for one name the first that matches counts. */
export interface HeaderRule {
  readonly pattern: string;
  readonly name: string;
  /** Empty: the field is not sent. */
  readonly value: string;
}

/** How long content may be kept: in seconds, or for a year (`immutable`); `off`: nothing is said. */
export type CachePolicy = number | "immutable" | "no-cache" | "no-store" | "off";

/** For paths that match; the first rule that matches counts. */
export interface CacheRule {
  readonly pattern: string;
  readonly policy: CachePolicy;
}

interface Matched<Value> {
  readonly pattern: Pattern;
  readonly value: Value;
}

/** The rules of one host. */
export class FieldRules {
  readonly #headers: readonly Matched<Field>[];
  readonly #caches: readonly Matched<string | null>[];
  /** For every path, where none makes a difference. */
  readonly #always: Additions | null;
  /** What the rules make of answers that are not a file's; `null`: that depends on the path. */
  readonly alterations: Alterations | null;

  readonly #further: readonly Field[];

  /** `further` fields stand in every answer. Throws `RangeError` where a pattern cannot be used. */
  constructor(headers: readonly HeaderRule[], caches: readonly CacheRule[], further: readonly Field[] = []) {
    this.#further = further;
    this.#headers = headers.map(({ pattern, name, value }) => ({ pattern: compiled(pattern), value: [name, value] }));
    this.#caches = caches.map(({ pattern, policy }) => ({ pattern: compiled(pattern), value: cacheControl(policy) }));
    const all = [...this.#headers, ...this.#caches.slice(0, 1)];
    this.#always = all.every(({ pattern }) => pattern.takesAll) ? this.#match("/") : null;
    this.alterations = this.#always === null ? null : new Alterations();
  }

  /** Whether answers have fields beyond those that say how long they may be kept. */
  get hasHeaders(): boolean {
    return this.#headers.length + this.#further.length > 0;
  }

  /** What is added to answers for `path`; `pathOf` gives it, where that makes a difference. */
  additionsFor(pathOf: () => string): Additions {
    return this.#always ?? this.#match(pathOf());
  }

  /** The places among the rules of those that count for `path`: for each name the first that matches. */
  headersFor(path: string): readonly number[] {
    const known = new Set<string>();
    return this.#headers.flatMap(({ pattern, value: [name] }, index) => {
      if (known.has(name.toLowerCase()) || !pattern.matches(path)) return [];
      known.add(name.toLowerCase());
      return [index];
    });
  }

  /** The field of a rule. */
  headerAt(index: number): Field {
    return this.#headers[index]!.value;
  }

  /** The place of the rule that says how long content for `path` may be kept; negative: none does. */
  cachingFor(path: string): number {
    return this.#caches.findIndex(({ pattern }) => pattern.matches(path));
  }

  #match(path: string): Additions {
    const fields = this.headersFor(path).map((index) => this.headerAt(index));
    return {
      describing: fields.filter(([name]) => isDescribing(name)),
      general: [...fields.filter(([name]) => !isDescribing(name)), ...this.#further],
      cacheControl: this.#caches[this.cachingFor(path)]?.value ?? null,
    };
  }
}

function compiled(text: string): Pattern {
  const pattern = compilePattern(text);
  if (typeof pattern === "string") throw new RangeError(pattern);
  return pattern;
}

const YEAR_SECONDS = 365 * 24 * 60 * 60;

function cacheControl(policy: CachePolicy): string | null {
  if (policy === "off") return null;
  if (policy === "immutable") return `max-age=${YEAR_SECONDS}, immutable`;
  return typeof policy === "number" ? `max-age=${policy}` : policy;
}

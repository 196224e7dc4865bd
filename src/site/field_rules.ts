/**
 * The fields that a host adds to its answers, by path, and how long caches may keep content. Pure.
 * @module
 */

import { type Additions, isDescribing } from "../http/additions.ts";
import type { Field } from "../http/response.ts";
import { Alterations } from "./alterations.ts";
import { compilePattern, type Pattern } from "./pattern.ts";

/** A field for answers to matching paths. The first matching rule for each name counts. */
export interface HeaderRule {
  readonly pattern: string;
  readonly name: string;
  /** Empty: the field is removed. */
  readonly value: string;
}

/** How long content may be cached: in seconds, or a year (`immutable`). `off`: no field is sent. */
export type CachePolicy = number | "immutable" | "no-cache" | "no-store" | "off";

/** The policy for matching paths. The first matching rule counts. */
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
  /** The additions for every path; `null`: they depend on the path. */
  readonly #always: Additions | null;
  /** Altered answers that are not files; `null`: the alteration depends on the path. */
  readonly alterations: Alterations | null;

  readonly #further: readonly Field[];

  /** `further` fields are added to every answer. Throws `RangeError` if a pattern is invalid. */
  constructor(headers: readonly HeaderRule[], caches: readonly CacheRule[], further: readonly Field[] = []) {
    this.#further = further;
    this.#headers = headers.map(({ pattern, name, value }) => ({ pattern: compiled(pattern), value: [name, value] }));
    this.#caches = caches.map(({ pattern, policy }) => ({ pattern: compiled(pattern), value: cacheControl(policy) }));
    const all = [...this.#headers, ...this.#caches.slice(0, 1)];
    this.#always = all.every(({ pattern }) => pattern.matchesAll) ? this.#match("/") : null;
    this.alterations = this.#always === null ? null : new Alterations();
  }

  /** Whether the rules add other fields than those about caching. */
  get hasHeaders(): boolean {
    return this.#headers.length + this.#further.length > 0;
  }

  /** The additions for `path`. `pathOf` returns it, and is called only if the additions depend on it. */
  additionsFor(pathOf: () => string): Additions {
    return this.#always ?? this.#match(pathOf());
  }

  /** The indexes of the rules for `path`: for each name the first one that matches. */
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

  /** The index of the caching rule for `path`; negative: there is none. */
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

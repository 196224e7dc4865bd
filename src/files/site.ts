/**
 * A site: which root answers for which host.
 * @module
 */

/** RFC 1035, section 2.3.4. A longer name is nobody's, and would take time to compare. */
const NAME_CHARS_MAX = 253;

/**
 * Roots by host name in lower case. `*.lab.org` answers for every name that ends so and has at least one label more; `default`
 * answers for every other name. An exact name goes before the longest wildcard, and that before `default`.
 */
export class Site {
  readonly #exact: ReadonlyMap<string, string>;
  /** By what stands behind the `*`. */
  readonly #wildcards: ReadonlyMap<string, string>;
  readonly #others: string | null;

  /** Host names without port, wildcards, `default`, and their folders. */
  constructor(hosts: Iterable<{ readonly name: string; readonly root: string }>) {
    const roots = Array.from(hosts, ({ name, root }) => [name.toLowerCase(), root] as const);
    this.#exact = new Map(roots.filter(([name]) => !name.startsWith("*.")));
    this.#wildcards = new Map(
      roots.filter(([name]) => name.startsWith("*.")).map(([name, root]) => [name.slice(1), root]),
    );
    this.#others = this.#exact.get("default") ?? null;
  }

  /** The root for a host name in lower case, or `null` when nobody answers for it. */
  rootFor(host: string): string | null {
    return this.#exact.get(host) ?? this.#wildcardFor(host) ?? this.#others;
  }

  #wildcardFor(host: string): string | undefined {
    if (this.#wildcards.size === 0 || host.length > NAME_CHARS_MAX) return undefined;
    for (let dot = host.indexOf(".", 1); dot > 0; dot = host.indexOf(".", dot + 1)) {
      const root = this.#wildcards.get(host.slice(dot));
      if (root !== undefined) return root; // The first one is the longest.
    }
    return undefined;
  }
}

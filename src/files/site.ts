/**
 * A site: which root answers for which host.
 * @module
 */

/** Roots by host name in lower case; `default` answers for every other name. */
export class Site {
  readonly #roots: ReadonlyMap<string, string>;

  /** Host names without port, `default` for every other one, and their folders. */
  constructor(hosts: Iterable<{ readonly name: string; readonly root: string }>) {
    this.#roots = new Map(Array.from(hosts, ({ name, root }) => [name.toLowerCase(), root]));
  }

  /** The root for a host name in lower case, or `null` when nobody answers for it. */
  rootFor(host: string): string | null {
    return this.#roots.get(host) ?? this.#roots.get("default") ?? null;
  }
}

/**
 * Hosts as values: what is served for each name, and how. A site finds the host of a request.
 * Knows names and settings; not files.
 * @module
 */

import type { DotFiles } from "../files/names.ts";
import { type Tree, type Variant, wantedBelow } from "../files/wanted.ts";
import { AddressRules } from "./addresses.ts";
import { Cors } from "./cors.ts";
import type { HostLines } from "./notes.ts";
import type { Origins } from "./origins.ts";
import { ErrorPages } from "./error_pages.ts";
import type { ErrorRule } from "./error_rule.ts";
import { BY_ACCEPT } from "./fallback.ts";
import { type CacheRule, FieldRules, type HeaderRule } from "./field_rules.ts";
import { Page, pageSegments } from "./page.ts";
import { compileGuard, type Guard, type GuardRule } from "./guard.ts";
import { compileRedirect, type Redirect, type RedirectRule } from "./redirect_rule.ts";
import { variantId } from "./variant_ids.ts";

/** A host that requests can be for, with its rules in a form that can be compared with paths. */
export interface Host extends Tree {
  /** In lower case; `default` stands for every name without a host of its own. */
  readonly name: string;
  /** The folder that is served. */
  readonly root: string;
  /** Names that are tried in a folder, in order. */
  readonly index: readonly string[];
  readonly dotFiles: DotFiles;
  /** What scripts of other origins may do; `null`: nothing. */
  readonly cors: Cors | null;
  /** Which peers are let in; `null`: all. */
  readonly addresses: AddressRules | null;
  readonly variant: Variant;
  /** `null`: the host has none. */
  readonly errorPages: ErrorPages | null;
  /** What answers where nothing is there; `null`: nothing does. */
  readonly fallback: Page | null;
  /** Whether pages have addresses without `.html`. */
  readonly cleanUrls: boolean;
  /** What needs a password. The first one that is for a path counts. */
  readonly guards: readonly Guard[];
  /** The first one that matches counts. */
  readonly redirects: readonly Redirect[];
  readonly fieldRules: FieldRules;
  /** Where all that stands in web.conf: for explanations. */
  readonly lines: HostLines;
}

/** A host as it is described: what is left out is as in `HOST_DEFAULTS`. */
export interface HostOptions extends Pick<Host, "name" | "root"> {
  readonly index?: readonly string[];
  readonly dotFiles?: DotFiles;
  readonly lines?: HostLines;
  readonly cors?: Origins;
  /** Addresses, and ranges of them, that are let in: others are not, if there are any. */
  readonly allow?: readonly string[];
  /** Addresses, and ranges of them, that are not let in. */
  readonly deny?: readonly string[];
  readonly errors?: readonly ErrorRule[];
  /** What needs a password, and whose. */
  readonly auth?: readonly GuardRule[];
  readonly redirects?: readonly RedirectRule[];
  /** Path of a page below the root. */
  readonly fallback?: string | null;
  readonly cleanUrls?: boolean;
  readonly headers?: readonly HeaderRule[];
  readonly caching?: readonly CacheRule[];
  /** Of text whose type does not say one; `null`: none is told. */
  readonly charset?: string | null;
}

/** What holds for a host that is told nothing else. */
export const HOST_DEFAULTS: Required<Omit<HostOptions, "name" | "root">> = {
  index: ["index.html"],
  dotFiles: "hidden",
  lines: {},
  cors: [],
  allow: [],
  deny: [],
  errors: [],
  auth: [],
  redirects: [],
  fallback: null,
  cleanUrls: false,
  headers: [],
  caching: [{ pattern: "*", policy: "no-cache" }],
  charset: "utf-8",
};

/** Throws `RangeError` where a rule cannot be used. */
function compileHost(options: HostOptions): Host {
  const described = { ...HOST_DEFAULTS, ...options };
  const { cors: origins, allow, deny, auth, headers, caching, charset } = described;
  const cors = origins.length === 0 ? null : new Cors(origins);
  const variant = { id: variantId([headers, caching, charset, cors?.fields]), charset };
  const fieldRules = new FieldRules(headers, caching, cors?.fields);
  const tree = { root: described.root, dotFiles: described.dotFiles, variant };
  return {
    ...tree,
    name: described.name.toLowerCase(),
    index: described.index,
    lines: described.lines,
    cors,
    addresses: allow.length + deny.length === 0 ? null : new AddressRules(allow, deny),
    errorPages: errorPagesOf(described, tree),
    guards: auth.map(compileGuard),
    redirects: described.redirects.map(compiledRedirect),
    fallback: fallbackOf(described, tree, fieldRules),
    cleanUrls: described.cleanUrls,
    fieldRules,
  };
}

/** A page with the status of an error is a resource of its own, with an answer of its own. */
function errorPagesOf({ name, errors }: Required<HostOptions>, tree: Required<Tree>): ErrorPages | null {
  if (errors.length === 0) return null;
  return new ErrorPages(errors, (path, status) => {
    const variant = { ...tree.variant, id: `${tree.variant.id} ${status}` };
    return new Page(name, wantedBelow({ ...tree, variant }, segmentsOf(path)));
  });
}

/** As what is sent for its own path, but that it depends on what the client accepts. */
function fallbackOf({ name, fallback }: Required<HostOptions>, tree: Required<Tree>, rules: FieldRules): Page | null {
  if (fallback === null) return null;
  const variant = { ...tree.variant, id: `${tree.variant.id} fallback` };
  const additions = rules.additionsFor(() => fallback);
  const general = [...additions.general, BY_ACCEPT];
  return new Page(name, wantedBelow({ ...tree, variant }, segmentsOf(fallback), { ...additions, general }));
}

function segmentsOf(path: string): readonly string[] {
  const segments = pageSegments(path);
  if (typeof segments === "string") throw new RangeError(segments);
  return segments;
}

function compiledRedirect(rule: RedirectRule): Redirect {
  const redirect = compileRedirect(rule);
  if ("kind" in redirect) throw new RangeError(redirect.message);
  return redirect;
}

/** RFC 1035, section 2.3.4. A longer name is nobody's, and would take time to compare. */
const NAME_CHARS_MAX = 253;

/**
 * Hosts by name in lower case. `*.lab.org` answers for every name that ends so and has at least one label more; `default`
 * answers for every other name. An exact name goes before the longest wildcard, and that before `default`.
 */
export class Site {
  readonly #exact: ReadonlyMap<string, Host>;
  /** By what stands behind the `*`. */
  readonly #wildcards: ReadonlyMap<string, Host>;
  readonly #default: Host | null;

  /** Names are without port. The last of two hosts of one name counts. Throws `RangeError` where a rule cannot be used. */
  constructor(options: Iterable<HostOptions>) {
    const hosts = Array.from(options, compileHost);
    const isWildcard = ({ name }: Host) => name.startsWith("*.");
    this.#exact = new Map(hosts.filter((host) => !isWildcard(host)).map((host) => [host.name, host]));
    this.#wildcards = new Map(hosts.filter(isWildcard).map((host) => [host.name.slice(1), host]));
    this.#default = this.#exact.get("default") ?? null;
  }

  /** The host for a name in lower case, or `null` when none answers for it. */
  hostFor(name: string): Host | null {
    return this.#exact.get(name) ?? this.#wildcardFor(name) ?? this.#default;
  }

  #wildcardFor(name: string): Host | undefined {
    if (this.#wildcards.size === 0 || name.length > NAME_CHARS_MAX) return undefined;
    for (let dot = name.indexOf(".", 1); dot > 0; dot = name.indexOf(".", dot + 1)) {
      const host = this.#wildcards.get(name.slice(dot));
      if (host !== undefined) return host; // The first one is the longest.
    }
    return undefined;
  }
}

/**
 * Hosts as values, and the host for a request.
 * Knows names and settings; not files.
 * @module
 */

import type { DotFiles } from "../files/names.ts";
import { filePathBelow, type Tree, type Variant } from "../files/file_path.ts";
import { NO_ADDITIONS } from "../http/additions.ts";
import { AddressRules } from "./addresses.ts";
import { Cors } from "./cors.ts";
import type { HostLines } from "./notes.ts";
import type { Origins } from "./origins.ts";
import { ErrorPages } from "./error_pages.ts";
import type { ErrorRule } from "./error_rule.ts";
import { BY_ACCEPT } from "./fallback.ts";
import { type CacheRule, FieldRules, type HeaderRule } from "./field_rules.ts";
import { Page, pageSegments } from "./page.ts";
import { compileGuard, type Guard, type GuardRule, openSiblings } from "./guard.ts";
import { compileRedirect, type Redirect, type RedirectRule } from "./redirect_rule.ts";
import { PlainAnswers } from "./transport_security.ts";
import { variantId } from "./variant_ids.ts";

/** A host, with its rules in a form that can be compared with paths. */
export interface Host extends Tree {
  /** The name in lower case. `default` is the host for all other names. */
  readonly name: string;
  /** The folder that is served. */
  readonly root: string;
  /** Names of index files, in order. */
  readonly index: readonly string[];
  /** Whether a folder without an index is answered with a list of its files. */
  readonly listing: boolean;
  readonly dotFiles: DotFiles;
  /** The permissions of other origins; `null`: none. */
  readonly cors: Cors | null;
  /** Rules for the addresses of peers; `null`: all are admitted. */
  readonly addresses: AddressRules | null;
  readonly variant: Variant;
  /** `null`: the host has none. */
  readonly errorPages: ErrorPages | null;
  /** The page that is sent if there is no file; `null`: none. */
  readonly fallback: Page | null;
  /** Whether addresses of pages have no `.html`. */
  readonly cleanUrls: boolean;
  /** Guards. The first matching one counts. */
  readonly guards: readonly Guard[];
  /** Redirects. The first matching one counts. */
  readonly redirects: readonly Redirect[];
  /** Takes a field from answers to plain requests; `null`: no answer has it. */
  readonly plainAnswers: PlainAnswers | null;
  /** The port of the listener for TLS to which plain requests are redirected; `null`: they are not. */
  readonly httpsPort: number | null;
  readonly fieldRules: FieldRules;
  /** The lines of web.conf with these settings, for explanations. */
  readonly lines: HostLines;
}

/** The description of a host. Missing settings are those of `HOST_DEFAULTS`. */
export interface HostOptions extends Pick<Host, "name" | "root"> {
  readonly index?: readonly string[];
  readonly listing?: boolean;
  readonly dotFiles?: DotFiles;
  readonly lines?: HostLines;
  readonly cors?: Origins;
  /** Addresses and ranges that are admitted. If there are any, all others are refused. */
  readonly allow?: readonly string[];
  /** Addresses and ranges that are refused. */
  readonly deny?: readonly string[];
  readonly errors?: readonly ErrorRule[];
  /** Paths that need a password. */
  readonly auth?: readonly GuardRule[];
  readonly redirects?: readonly RedirectRule[];
  /** Path of the page below the root. */
  readonly fallback?: string | null;
  readonly cleanUrls?: boolean;
  readonly httpsPort?: number | null;
  readonly headers?: readonly HeaderRule[];
  readonly caching?: readonly CacheRule[];
  /** The charset of text whose media type contains none; `null`: none is sent. */
  readonly charset?: string | null;
  /** Whether content codings are used. */
  readonly compress?: boolean;
}

/** The settings of a host without further settings. */
export const HOST_DEFAULTS: Required<Omit<HostOptions, "name" | "root">> = {
  index: ["index.html"],
  listing: false,
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
  httpsPort: null,
  headers: [],
  caching: [{ pattern: "*", policy: "no-cache" }],
  charset: "utf-8",
  compress: true,
};

/** Throws `RangeError` if a rule is invalid. */
function compileHost(options: HostOptions): Host {
  const described = { ...HOST_DEFAULTS, ...options };
  const { cors: origins, allow, deny, auth, headers, caching, charset, compress } = described;
  const cors = origins.length === 0 ? null : new Cors(origins);
  const variant = { id: variantId([headers, caching, charset, compress, cors?.fields]), charset, compress };
  const fieldRules = new FieldRules(headers, caching, cors?.fields);
  const tree = { root: described.root, dotFiles: described.dotFiles, variant };
  const guards = auth.map(compileGuard);
  return {
    ...tree,
    name: described.name.toLowerCase(),
    index: described.index,
    listing: described.listing,
    lines: described.lines,
    cors,
    addresses: allow.length + deny.length === 0 ? null : new AddressRules(allow, deny),
    errorPages: errorPagesOf(described, tree, guards),
    guards,
    redirects: described.redirects.map(compiledRedirect),
    fallback: fallbackOf(described, tree, fieldRules, guards),
    cleanUrls: described.cleanUrls,
    httpsPort: described.httpsPort,
    plainAnswers: PlainAnswers.of(headers),
    fieldRules,
  };
}

/** The error pages. A page with the status of an error is a resource of its own, with its own answers. */
function errorPagesOf(
  { name, errors }: Required<HostOptions>,
  tree: Required<Tree>,
  guards: readonly Guard[],
): ErrorPages | null {
  if (errors.length === 0) return null;
  return new ErrorPages(errors, (path, status) => {
    const variant = { ...tree.variant, id: `${tree.variant.id} ${status}` };
    const segments = segmentsOf(path);
    const siblings = openSiblings(guards, segments);
    return new Page(name, filePathBelow({ ...tree, variant }, segments, NO_ADDITIONS, siblings));
  });
}

/** The fallback page. It has the fields for its own path, and depends on Accept. */
function fallbackOf(
  { name, fallback }: Required<HostOptions>,
  tree: Required<Tree>,
  rules: FieldRules,
  guards: readonly Guard[],
): Page | null {
  if (fallback === null) return null;
  const variant = { ...tree.variant, id: `${tree.variant.id} fallback` };
  const additions = rules.additionsFor(() => fallback);
  const general = [...additions.general, BY_ACCEPT];
  const segments = segmentsOf(fallback);
  const siblings = openSiblings(guards, segments);
  return new Page(name, filePathBelow({ ...tree, variant }, segments, { ...additions, general }, siblings));
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

/** RFC 1035, section 2.3.4. A longer name does not exist, and comparing it would take time. */
const NAME_CHARS_MAX = 253;

/**
 * Hosts by name in lower case. `*.lab.org` matches every name with this end and at least one more label. `default`
 * matches every other name. An exact name has priority over the longest wildcard, and that over `default`.
 */
export class Site {
  readonly #exact: ReadonlyMap<string, Host>;
  /** Wildcard hosts by the text after the `*`. */
  readonly #wildcards: ReadonlyMap<string, Host>;
  readonly #default: Host | null;

  /** Names have no port. If two hosts have one name, the last one counts. Throws `RangeError` if a rule is invalid. */
  constructor(options: Iterable<HostOptions>) {
    const hosts = Array.from(options, compileHost);
    const isWildcard = ({ name }: Host) => name.startsWith("*.");
    this.#exact = new Map(hosts.filter((host) => !isWildcard(host)).map((host) => [host.name, host]));
    this.#wildcards = new Map(hosts.filter(isWildcard).map((host) => [host.name.slice(1), host]));
    this.#default = this.#exact.get("default") ?? null;
  }

  /** The host for a name in lower case; `null`: there is none. */
  hostFor(name: string): Host | null {
    return this.#exact.get(name) ?? this.#wildcardFor(name) ?? this.#default;
  }

  #wildcardFor(name: string): Host | undefined {
    if (this.#wildcards.size === 0 || name.length > NAME_CHARS_MAX) return undefined;
    for (let dot = name.indexOf(".", 1); dot > 0; dot = name.indexOf(".", dot + 1)) {
      const host = this.#wildcards.get(name.slice(dot));
      if (host !== undefined) return host; // The longest wildcard is tried first.
    }
    return undefined;
  }
}

/**
 * What is asked for beyond what the process was given, in one line: which permissions it has, and how to get others.
 * @module
 */

import type { Build, Granted } from "../config/build.ts";
import { readBuild } from "../config/build.ts";
import type { Loaded, Options } from "../config/load.ts";
import { hostAndPort } from "../net/peer.ts";

/** Something that serving takes. */
export interface Need {
  readonly name: "read" | "net";
  /** A path, or `host:port`. */
  readonly what: string;
}

/** What the command line names, before it is looked for. */
export function needsOf({ dir, config }: Options): Need[] {
  return [dir, config].filter((path) => path !== null).map((path) => ({ name: "read", what: path }));
}

/** What a configuration takes: its roots, and its address. */
export function needsOfConfig({ config: { hosts, parameters } }: Pick<Loaded, "config">): Need[] {
  const roots = [...new Set(hosts.map(({ root }) => root))];
  const address = hostAndPort(parameters.address.value, parameters.port.value);
  return [...roots.map((what): Need => ({ name: "read", what })), { name: "net", what: address }];
}

/** The needs that this process cannot meet, explained; `null`: there are none. */
export function shortfall(needs: readonly Need[]): string | null {
  const unmet = needs.filter((need) => Deno.permissions.querySync(descriptorOf(need)).state !== "granted");
  return unmet.length === 0 ? null : explain(unmet, readBuild());
}

function descriptorOf({ name, what }: Need): Deno.PermissionDescriptor {
  return name === "read" ? { name, path: what } : { name, host: what };
}

/** Pure. `build` is `null` where the process runs from source. */
export function explain(unmet: readonly Need[], build: Build | null): string {
  const may = unmet.map(({ name, what }) => `${name === "read" ? "read" : "listen on"} ${quote(what)}`).join(" or ");
  if (build === null) {
    const flags = unmet.map(({ name, what }) => quote(`--allow-${name}=${what}`)).join(" ");
    return `this process was not permitted to ${may}; start it with ${flags}`;
  }
  const { flavour, config, grants } = build;
  const made = flavour === "embedded"
    ? `built with ${config} and its roots inside: it reads nothing else`
    : `built for ${config}: it reads ${list(grants.read)}`;
  const remedy = `deno task compile --config FILE${flavour === "embedded" ? " --embed" : ""}`;
  return `this sweepd was ${made}, and listens on ${list(grants.net)}; it may not ${may}; ` +
    `to build another, or one that takes any web.conf: ${remedy}, or --portable`;
}

function list(granted: Granted): string {
  if (granted === "everything") return "anything";
  return granted.map(quote).join(", ") || "nothing";
}

/** For a line that is copied into a shell: blanks are rare, and other characters rarer. */
function quote(word: string): string {
  return /[\s"'$&;<>|\\]/.test(word) ? `"${word}"` : word;
}

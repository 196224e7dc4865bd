/**
 * Messages about missing permissions, with advice, in one line. A binary has the permissions that it was built with,
 * and no flags for others; from source, the runtime's flags decide. Pure.
 * @module
 */

import type { Build } from "./build.ts";
import {
  allowFlags,
  describeGranted,
  type Grant,
  type Kind,
  KINDS,
  nameOf,
  type Permissions,
  permit,
} from "./permissions.ts";

/** What each kind permits, before the name of a grant. */
const VERBS: Readonly<Record<Kind, string>> = {
  read: "read",
  write: "write",
  net: "listen on",
  env: "read the environment variable",
  sys: "ask this machine for",
  run: "run",
  ffi: "load",
  import: "import from",
};

/** Limit of the list, because a message is one line. */
const LISTED_MAX = 4;

/** The message about `missing`. `build`: the options of this binary; `null`: it runs from source. */
export function explainMissing(missing: Permissions, build: Build | null): string {
  const acts = KINDS.flatMap((kind) => namesOf(kind, missing).map((name) => `${VERBS[kind]} ${name}`));
  const may = listed(acts, " or ");
  if (build === null) return `this process was not permitted to ${may}; ${remedyFromSource(missing)}`;
  const remedy = isInTask({ ...missing, write: [] }) ? remedyOfBuild(build, missing) : "no build of sweepd may";
  return `this sweepd was ${describeBuild(build)}; it may not ${may}; ${remedy}`;
}

/** The message about one permission. */
export function explainDenied(kind: Kind, what: string, build: Build | null): string {
  return explainMissing(permit({ [kind]: [{ what, origin: "" }] }), build);
}

function namesOf(kind: Kind, { [kind]: granted }: Permissions): string[] {
  if (granted === "everything") return ["anything"];
  return [...new Set(granted.map((grant: Grant) => nameOf(kind, grant)))];
}

function listed(items: readonly string[], glue: string): string {
  if (items.length <= LISTED_MAX) return items.join(glue);
  return `${items.slice(0, LISTED_MAX - 1).join(glue)}${glue}${items.length - LISTED_MAX + 1} more`;
}

function describeBuild({ flavour, config, permissions }: Build): string {
  const listens = `listens on ${listedNames("net", permissions)}`;
  if (flavour === "embedded") return `built with ${config} and its roots inside: it reads nothing else, and ${listens}`;
  return `built for ${config}: it reads ${listedNames("read", permissions)}, and ${listens}`;
}

function listedNames(kind: Kind, permissions: Permissions): string {
  const granted = permissions[kind];
  if (granted === "everything") return "anything";
  return listed(namesOf(kind, permissions), ", ") || describeGranted(kind, granted);
}

/** A portable binary may write only into /var/log/sweepd, and the log files that its web.conf named at the build. */
function remedyOfBuild({ flavour }: Build, missing: Permissions): string {
  const same = `deno task compile --config FILE${flavour === "embedded" ? " --embed" : ""}`;
  if (missing.write.length > 0) return `to build one that may: ${same}`;
  return `to build another, or one that takes any web.conf: ${same}, or --portable`;
}

/** Whether serving uses these kinds. `deno task start` has all of them, and a binary can be built with each. */
function isInTask(missing: Permissions): boolean {
  return KINDS.every((kind) => missing[kind].length === 0 || ["read", "net", "sys"].includes(kind));
}

function remedyFromSource(missing: Permissions): string {
  const flags = KINDS.flatMap((kind) => flagsOf(kind, missing)).map((flag) => nameOf("read", { what: flag })).join(" ");
  if (isInTask(missing)) return `deno task start has it, or give deno run ${flags}`;
  return isInTask({ ...missing, write: [] })
    ? `deno task logged has it, or give deno run ${flags}`
    : `give deno run ${flags}`;
}

/** Flags for `missing`. For all of a kind if a name cannot be written in a flag, or if there are too many. */
function flagsOf(kind: Kind, missing: Permissions): string[] {
  const names = namesOf(kind, missing);
  if (names.length === 0) return [];
  if (names.length > LISTED_MAX || names.some((name) => name.includes(","))) return [`--allow-${kind}`];
  return allowFlags(permit({ [kind]: missing[kind] }));
}

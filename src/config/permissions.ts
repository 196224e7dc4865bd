/**
 * Permissions as one value: for each kind of the runtime the grants, each with the origin of its line. The banner,
 * `check`, `--permissions`, the flags of a binary, the workers' permissions, the sandbox check and all messages use it,
 * so that they have the same words. Pure; knows no configuration.
 * @module
 */

/** The kinds of permission, in the runtime's order. */
export const KINDS = ["read", "write", "net", "env", "sys", "run", "ffi", "import"] as const;

export type Kind = (typeof KINDS)[number];

/** One permission. */
export interface Grant {
  /** In the runtime's form: a path, `host:port`, `host` for all ports, or a word such as `networkInterfaces`. */
  readonly what: string;
  /** The line of web.conf or the flag that requires it. */
  readonly origin: string;
  /** The text for the user instead of `what`, if that is a path that does not exist. */
  readonly shown?: string;
}

/** The permissions of one kind: all, or exactly these. An empty list: none. */
export type Granted = "everything" | readonly Grant[];

export type Permissions = Readonly<Record<Kind, Granted>>;

/** These permissions, and none of the other kinds. */
export function permit(some: Partial<Permissions>): Permissions {
  return { read: [], write: [], net: [], env: [], sys: [], run: [], ffi: [], import: [], ...some };
}

/** Whether nothing at all is permitted. */
export function isNothing(permissions: Permissions): boolean {
  return KINDS.every((kind) => permissions[kind].length === 0);
}

/** A grant as text. If it contains blanks, which is rare, it is quoted, so that it can be copied into a shell. */
export function nameOf(kind: Kind, { what, shown }: Pick<Grant, "what" | "shown">): string {
  if (shown !== undefined) return shown;
  if (kind === "net" && !/:\d+$/.test(what)) return `any port of ${what}`;
  return /[\s"'$&;<>|\\,()]/.test(what) || what === "" ? `"${what}"` : what;
}

/** The grants of one kind as text: `everything`, `nothing`, or a list without repetitions. */
export function describeGranted(kind: Kind, granted: Granted): string {
  if (granted === "everything") return granted;
  return [...new Set(granted.map((grant) => nameOf(kind, grant)))].join(", ") || "nothing";
}

/** The runtime's flags for exactly these permissions. Throws `UnnameableError`. */
export function allowFlags(permissions: Permissions): string[] {
  return KINDS.flatMap((kind) => flagOf(kind, permissions[kind]));
}

/** A grant that the runtime's flags cannot express. */
export class UnnameableError extends Error {
  override name = "UnnameableError";
}

function flagOf(kind: Kind, granted: Granted): string[] {
  if (granted === "everything") return [`--allow-${kind}`];
  const names = granted.map(({ what }) => what);
  const bad = names.find((what) => what.includes(",") || what !== what.trim());
  if (bad !== undefined) {
    const problem = bad.includes(",") ? "a comma separates paths in permissions" : "permissions lose outer blanks";
    throw new UnnameableError(`"${bad}" cannot be granted: ${problem}`);
  }
  return names.length === 0 ? [] : [`--allow-${kind}=${[...new Set(names)].join(",")}`];
}

/** The permissions for a worker. Contains every kind, because a missing kind would be inherited. */
export function runtimePermissions(permissions: Permissions): Deno.PermissionOptionsObject {
  const all = KINDS.map((kind) => {
    const granted = permissions[kind];
    return [kind, granted === "everything" ? true : granted.length > 0 && granted.map(({ what }) => what)];
  });
  return Object.fromEntries(all);
}

/** A line for the user. */
export type Row = readonly [label: string, text: string];

/** The permissions of a thread, one per line with its origin, at most `linesMax` of a kind, then what is denied. */
export function describePermissions(permissions: Permissions, linesMax = Infinity): Row[] {
  const linesOf = (kind: Kind) => bounded(grantLines(kind, permissions[kind]), linesMax);
  const rows = ALWAYS_SHOWN.flatMap(([kind, label]) => linesOf(kind).map((text): Row => [label, text]));
  const others = KINDS.filter((kind) => Object.hasOwn(DENIED, kind) && permissions[kind].length > 0);
  const more = others.flatMap((kind) => linesOf(kind).map((text): Row => ["may use", `${kind} ${text}`]));
  return [...rows, ...more, ["nothing else", describeDenied(permissions)]];
}

function bounded(lines: readonly string[], max: number): readonly string[] {
  if (lines.length <= max) return lines;
  return [...lines.slice(0, max), `and ${lines.length - max} more; sweepd check lists them`];
}

const ALWAYS_SHOWN = [["read", "may read"], ["net", "may listen"], ["write", "may write"]] as const;

/** The text for kinds without permissions. */
const DENIED: Partial<Record<Kind, string>> = {
  env: "no environment",
  sys: "no facts about this machine",
  run: "no programs",
  ffi: "no native code",
  import: "no code from elsewhere",
};

function grantLines(kind: Kind, granted: Granted): string[] {
  if (granted === "everything") return [granted];
  if (granted.length === 0) return ["nothing"];
  const lines = new Map<string, string[]>();
  for (const grant of granted) {
    const name = nameOf(kind, grant);
    lines.set(name, [...lines.get(name) ?? [], grant.origin]);
  }
  return Array.from(lines, ([name, origins]) => `${name} (${[...new Set(origins)].join(", ")})`);
}

function describeDenied(permissions: Permissions): string {
  const network = permissions.net === "everything" ? [] : ["no other network"];
  const kinds = KINDS.flatMap((kind) => permissions[kind].length === 0 ? DENIED[kind] ?? [] : []);
  return [...network, ...kinds].join(", ") || "everything is permitted";
}

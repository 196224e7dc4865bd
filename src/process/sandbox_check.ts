/**
 * Tests in a worker that its permissions are not too wide: of each kind it tries something that must be denied. Runs
 * before the worker listens.
 * @module
 */

import { type Kind, KINDS, type Permissions } from "../config/permissions.ts";
import { hostAndPort } from "../net/peer.ts";

/** Something that must be denied: its description, the permission, and the attempt. */
interface Attempt {
  readonly what: string;
  readonly permission: Deno.PermissionDescriptor;
  readonly run: () => void;
}

/**
 * The attempts that were not denied, as text; none: the permissions are not too wide. `outside`: paths that the
 * permissions do not include.
 */
export function checkSandbox(permissions: Permissions, outside: readonly string[]): string[] {
  const kinds = KINDS.filter((kind) => permissions[kind] !== "everything");
  return kinds.flatMap((kind) => attemptsOf(kind, permissions, outside)).flatMap((attempt) =>
    problemWith(attempt) ?? []
  );
}

function attemptsOf(kind: Kind, permissions: Permissions, outside: readonly string[]): Attempt[] {
  switch (kind) {
    case "read":
      return outside.map((path) => ({
        what: `read ${path}`,
        permission: { name: kind, path },
        run: () => Deno.openSync(path).close(),
      }));
    case "write": {
      const path = placeToWrite(permissions);
      const run = () => Deno.openSync(path, { write: true, read: false }).close(); // Without `create`, no file is made.
      return [{ what: "write", permission: { name: kind, path }, run }];
    }
    case "net": {
      const hostname = hostOf(permissions);
      const run = () => Deno.listen({ hostname, port: 0 }).close(); // Any free port, which no permission includes.
      return [{ what: "listen on another port", permission: { name: kind, host: hostAndPort(hostname, 0) }, run }];
    }
    case "env":
      return [{ what: "read the environment", permission: { name: kind }, run: () => void Deno.env.get("PATH") }];
    case "sys":
      return [{
        what: "ask for facts about this machine",
        permission: { name: kind },
        run: () => void Deno.hostname(),
      }];
    case "run":
      return [{
        what: "run a program",
        permission: { name: kind },
        run: () => void new Deno.Command(`/${NOTHING}`).outputSync(),
      }];
    case "ffi":
      return [{ what: "load native code", permission: { name: kind }, run: () => void Deno.dlopen(`/${NOTHING}`, {}) }];
    case "import":
      return [{ what: "import code from elsewhere", permission: { name: kind }, run: askToImport }];
  }
}

/** A name that does not exist, so that an attempt has no effect even if it is not denied. */
const NOTHING = ".sweepd-sandbox-check";

/** A place to try to write to: a readable folder, because a wrong permission to write is most likely there. */
function placeToWrite({ read, write }: Permissions): string {
  const folder = read === "everything" || write.length > 0 ? undefined : read[0]?.what;
  return `${folder ?? ""}/${NOTHING}`;
}

function hostOf({ net }: Permissions): string {
  const address = net === "everything" ? undefined : net[0]?.what;
  return address?.replace(/:\d+$/, "").replace(/^\[|\]$/g, "") ?? "127.0.0.1";
}

/** Asks the runtime instead of importing, because an import that is not denied would use the network. */
function askToImport(): void {
  if (!isPermitted({ name: "import" })) throw new Deno.errors.NotCapable();
}

/**
 * Any other error than `NotCapable` means that the runtime did not deny the attempt, because it checks permissions
 * first. Only if it could not check, for example a relative path without a current folder, the result is unknown.
 */
function problemWith({ what, permission, run }: Attempt): string | null {
  try {
    run();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return null;
    const reason = error instanceof Error ? error.message : String(error);
    if (!isPermitted(permission)) return `it may be able to ${what}: ${reason}`;
  }
  return `it could ${what}`;
}

function isPermitted(permission: Deno.PermissionDescriptor): boolean {
  try {
    return Deno.permissions.querySync(permission).state === "granted";
  } catch {
    return false; // The runtime cannot check this.
  }
}

/**
 * The proof that a worker may do what its permissions say and nothing else: of each kind it tries something that it must not be
 * able to do, and tells what was not denied. Run inside the worker, before it listens.
 * @module
 */

import { type Kind, KINDS, type Permissions } from "../config/permissions.ts";
import { hostAndPort } from "../net/peer.ts";

/** Something that must be denied: in words, by the runtime's name, and the attempt. */
interface Attempt {
  readonly what: string;
  readonly permission: Deno.PermissionDescriptor;
  readonly run: () => void;
}

/**
 * What is wrong with the proof, in words; none: a worker with these permissions can do no more. `outside`: paths that they do not
 * cover.
 */
export function prove(permissions: Permissions, outside: readonly string[]): string[] {
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
      const run = () => Deno.openSync(path, { write: true, read: false }).close(); // Without `create` nothing is made.
      return [{ what: "write", permission: { name: kind, path }, run }];
    }
    case "net": {
      const hostname = hostOf(permissions);
      const run = () => Deno.listen({ hostname, port: 0 }).close(); // Any free port: one that no permission names.
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

/** A name that nothing has, so that an attempt does nothing even where it is not denied. */
const NOTHING = ".sweepd-proof";

/** Where it may read, it is most likely that it may write. */
function placeToWrite({ read, write }: Permissions): string {
  const folder = read === "everything" || write.length > 0 ? undefined : read[0]?.what;
  return `${folder ?? ""}/${NOTHING}`;
}

function hostOf({ net }: Permissions): string {
  const address = net === "everything" ? undefined : net[0]?.what;
  return address?.replace(/:\d+$/, "").replace(/^\[|\]$/g, "") ?? "127.0.0.1";
}

/** An import that is not denied would ask the network; the runtime's own word is enough. */
function askToImport(): void {
  if (!isPermitted({ name: "import" })) throw new Deno.errors.NotCapable();
}

/**
 * "No such file" is no denial, as the runtime asks for permission before it asks the system. But it is no proof of the opposite
 * where the runtime could not ask: without a working folder it does not know what a relative path names.
 */
function problemWith({ what, permission, run }: Attempt): string | null {
  try {
    run();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return null;
    const reason = error instanceof Error ? error.message : String(error);
    if (!isPermitted(permission)) return `whether a worker could ${what} cannot be told: ${reason}`;
  }
  return `a worker could ${what}, and must not`;
}

function isPermitted(permission: Deno.PermissionDescriptor): boolean {
  try {
    return Deno.permissions.querySync(permission).state === "granted";
  } catch {
    return false; // The runtime cannot tell either.
  }
}

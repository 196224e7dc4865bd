/**
 * The proof of a worker's scope: it tries what it must not be able to do, and tells what was not denied.
 * Run inside the worker, before it listens.
 * @module
 */

/** Something that must be denied: what it would be, in words, and the attempt. */
export interface Attempt {
  readonly what: string;
  readonly run: () => void;
}

/** What a worker is to be denied, from what it is allowed. */
export interface ProofOptions {
  /** Files or folders outside every root. */
  readonly outside: readonly string[];
  /** A folder that may be read, to try to write into; `null`: there is none. */
  readonly root: string | null;
  /** The address that may be listened on. */
  readonly hostname: string;
}

/** The attempts whose outcome was anything but a denial by the runtime, in words. None: the scope is proved. */
export function prove(options: ProofOptions): string[] {
  return attemptsFor(options).filter((attempt) => !isDenied(attempt)).map(({ what }) => what);
}

function attemptsFor({ outside, root, hostname }: ProofOptions): Attempt[] {
  return [
    ...outside.map((path) => ({ what: `read ${path}`, run: () => Deno.openSync(path).close() })),
    // Port 0 would be any free one: a port that the scope cannot name.
    { what: "listen on another port", run: () => Deno.listen({ hostname, port: 0 }).close() },
    { what: "read the environment", run: () => void Deno.env.get("PATH") },
    // Without `create` nothing is made even where it is not denied.
    { what: "write", run: () => Deno.openSync(`${root ?? "."}/.sweepd-proof`, { write: true, read: false }).close() },
  ];
}

/** "No such file" is no denial: the runtime asks for permission before it asks the system. */
function isDenied({ run }: Attempt): boolean {
  try {
    run();
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotCapable;
  }
}

/**
 * Errors of system calls as the runtime throws them: of the runtime's class where there is one, always with a code.
 */

const MESSAGES = {
  EACCES: "Permission denied (os error 13)",
  ECONNABORTED: "Software caused connection abort (os error 103)",
  ECONNRESET: "Connection reset by peer (os error 104)",
  EHOSTUNREACH: "No route to host (os error 113)",
  EIO: "Input/output error (os error 5)",
  EISDIR: "Is a directory (os error 21)",
  ELOOP: "Too many levels of symbolic links (os error 40)",
  EMFILE: "Too many open files (os error 24)",
  ENOENT: "No such file or directory (os error 2)",
  ENOTCONN: "Transport endpoint is not connected (os error 107)",
  ENOTDIR: "Not a directory (os error 20)",
  EPIPE: "Broken pipe (os error 32)",
  ETIMEDOUT: "Connection timed out (os error 110)",
} as const;

export type Code = keyof typeof MESSAGES;

const CLASSES: Partial<Record<Code, new (message: string) => Error>> = {
  EACCES: Deno.errors.PermissionDenied,
  ECONNABORTED: Deno.errors.ConnectionAborted,
  ECONNRESET: Deno.errors.ConnectionReset,
  EISDIR: Deno.errors.IsADirectory,
  ELOOP: Deno.errors.FilesystemLoop,
  ENOENT: Deno.errors.NotFound,
  ENOTCONN: Deno.errors.NotConnected,
  ENOTDIR: Deno.errors.NotADirectory,
  EPIPE: Deno.errors.BrokenPipe,
  ETIMEDOUT: Deno.errors.TimedOut,
};

export function systemError(code: Code): Error {
  const { [code]: Class = Error } = CLASSES;
  return Object.assign(new Class(MESSAGES[code]), { code });
}

/** The runtime's error if this end was closed before the operation, or during it. */
export function closedError(when: "before" | "meanwhile"): Error {
  return when === "before"
    ? new Deno.errors.BadResource("Bad resource ID")
    : new Deno.errors.Interrupted("operation canceled");
}

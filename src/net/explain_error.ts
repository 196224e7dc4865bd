/**
 * Errors of the operating system in words: what happened, and what a person can do about it.
 * Knows codes and classes of errors; not what the program was about to do.
 * @module
 */

/** By the system's own names. Each says what happened, then what to do. */
const EXPLANATIONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there; start the server, or check the address and the port",
  ECONNRESET: "the other end reset the connection; its log may say why",
  ECONNABORTED: "the connection was given up before it was used; try again",
  EPIPE: "the other end has closed the connection and takes nothing more; connect again",
  ENOTCONN: "the connection is over; connect again",
  ETIMEDOUT: "the other end does not answer; check that the machine is up and that no firewall is in the way",
  ENETUNREACH: "no route leads to that network; check the address and this machine's network",
  EHOSTUNREACH: "no route leads to that machine; check the address, and that the machine is up",
  ENETDOWN: "this machine's network is down; bring it up and try again",
  EADDRINUSE: "another program has this port; end that one, or choose another port",
  EADDRNOTAVAIL: "this machine has no such address, or no free port left; check the address, or wait a minute",
  EACCES: "this user may not; ports below 1024 are for root, so choose a higher one",
  EPERM: "the system does not permit it; a firewall or a sandbox may be in the way",
  EMFILE: "this process has too many files and connections open; close some, or raise its limit (ulimit -n)",
  ENFILE: "the system has too many files and connections open; close some programs",
  ENOBUFS: "the system is out of memory for connections; close some, then try again",
  ENOMEM: "the system is out of memory; end some programs, then try again",
  EINVAL: "the system does not take this address; one that begins with fe80 needs its interface behind a %",
  NotCapable: "this process was not permitted to use the network; run it with --allow-net",
  Interrupted: "the connection was closed here while it was in use; nothing needs doing",
  UnknownHost: "no machine goes by that name; check the spelling, and the name server",
  AbortError: "it was given up from here; nothing needs doing",
  TimeoutError: "it took longer than it was given; try again, or allow more time",
};

/** Errors that a program can make without a code of the system. */
const CODES: Readonly<Record<string, string>> = {
  ConnectionRefused: "ECONNREFUSED",
  ConnectionReset: "ECONNRESET",
  ConnectionAborted: "ECONNABORTED",
  BrokenPipe: "EPIPE",
  NotConnected: "ENOTCONN",
  TimedOut: "ETIMEDOUT",
  NetworkUnreachable: "ENETUNREACH",
  AddrInUse: "EADDRINUSE",
  AddrNotAvailable: "EADDRNOTAVAIL",
  PermissionDenied: "EACCES",
  BadResource: "Interrupted",
};

/**
 * What `error` means and what to do about it: one line, without a full stop, to stand behind "cannot connect: ".
 * Of an error that is not the system's, the message; of something else that was thrown, its text. Never throws.
 */
export function explainError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const explanation = EXPLANATIONS[systemName(error)];
  return explanation ?? (error.message || error.name);
}

/**
 * The name by which the system knows an error: its code (`ECONNREFUSED`), whether it was set or follows from the class;
 * `UnknownHost` for a name that cannot be resolved; else the name of the class.
 */
export function systemName(error: Error): string {
  if ("code" in error && typeof error.code === "string") return error.code;
  // The resolver's errors have no code: only their text tells them.
  if (/^failed to lookup address|^No such host is known/.test(error.message)) return "UnknownHost";
  return CODES[error.name] ?? error.name;
}

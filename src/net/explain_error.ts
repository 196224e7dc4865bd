/**
 * Explains errors of the operating system: what happened, and what a person can do about it.
 * Knows codes and classes of errors; not what the program was doing.
 * @module
 */

/** The explanations by the system's names of errors. Each says what happened, then what to do. */
const EXPLANATIONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there; start the server, or check the address and the port",
  ECONNRESET: "the other end reset the connection; its log may say why",
  ECONNABORTED: "the connection was given up before it was used; try again",
  EPIPE: "the other end has closed the connection and accepts nothing more; connect again",
  ENOTCONN: "the connection is over; connect again",
  ETIMEDOUT: "the other end does not answer; check that the machine is up and that no firewall is in the way",
  ENETUNREACH: "no route leads to that network; check the address and this machine's network",
  EHOSTUNREACH: "no route leads to that machine; check the address, and that the machine is up",
  ENETDOWN: "this machine's network is down; bring it up and try again",
  EADDRINUSE: "another program has this port; end that one, or choose another port",
  EADDRNOTAVAIL: "this machine has no such address, or no free port left; check the address, or wait a minute",
  EACCES: "permission denied; ports below 1024 need root, so choose a higher one",
  EPERM: "the system does not permit it; a firewall or a sandbox may be in the way",
  EMFILE: "this process has too many files and connections open; close some, or raise its limit (ulimit -n)",
  ENFILE: "the system has too many files and connections open; close some programs",
  ENOBUFS: "the system is out of memory for connections; close some, then try again",
  ENOMEM: "the system is out of memory; end some programs, then try again",
  EINVAL: "the system does not accept this address; one that begins with fe80 needs its interface after a %",
  NotCapable: "this process was not permitted to use the network; run it with --allow-net",
  Interrupted: "the connection was closed here while it was in use; no action is needed",
  UnknownHost: "no machine has that name; check the spelling, and the name server",
  AbortError: "it was cancelled here; no action is needed",
  TimeoutError: "it took longer than its limit; try again, or allow more time",
};

/** The code for each class of errors that the runtime throws without one. */
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
 * What `error` means and what to do about it: one line without a full stop, to follow "cannot connect: ". For an error
 * that is not the system's, its message; for another thrown value, its text. Never throws.
 */
export function explainError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const explanation = EXPLANATIONS[systemName(error)];
  return explanation ?? (error.message || error.name);
}

/**
 * The system's name for an error: its code (`ECONNREFUSED`), which is set or follows from the class; `UnknownHost` for
 * a name that cannot be resolved; otherwise the name of the class.
 */
export function systemName(error: Error): string {
  if ("code" in error && typeof error.code === "string") return error.code;
  // The resolver's errors have no code. Only their text identifies them.
  if (/^failed to lookup address|^No such host is known/.test(error.message)) return "UnknownHost";
  return CODES[error.name] ?? error.name;
}

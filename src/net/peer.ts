/**
 * The other end of a connection as the operating system reports it: gone or not, and its address in words.
 * @module
 */

/** What the system says when the network between us and the peer fails. */
const NETWORK_CODES = "ENETDOWN ENETUNREACH EHOSTDOWN EHOSTUNREACH ENONET ETIMEDOUT ECONNRESET ECONNABORTED".split(" ");

/** What accept(2) asks to take as "try again" besides: errors of the one connection that was to be accepted. */
const PASSING_CODES = "EINTR EPROTO ENOPROTOOPT EOPNOTSUPP EPERM".split(" ");

/** Whether `error` only says that the peer, or the sweep, ended the connection: nobody's mistake, nothing to report. */
export function isPeerGone(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.TimedOut || // The kernel gave up retransmitting.
    error instanceof Deno.errors.NetworkUnreachable ||
    error instanceof Deno.errors.UnexpectedEof ||
    error instanceof Deno.errors.Interrupted || // Closed by us while the read or write was pending.
    error instanceof Deno.errors.BadResource || // Closed by us before it.
    NETWORK_CODES.includes(codeOf(error));
}

/** Whether an accept that failed with `error` may be tried again at once. */
export function isPassing(error: unknown): boolean {
  if (error instanceof Deno.errors.BadResource) return false; // The listener is closed.
  return isPeerGone(error) || PASSING_CODES.includes(codeOf(error));
}

/** Whether `error` says that this process or the system is out of descriptors or memory for sockets: it passes. */
export function isExhausted(error: unknown): boolean {
  return ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

const MAPPED_PREFIX = "::ffff:";

/** The host of an address as people write it: an IPv4 peer of a socket for both stacks loses its `::ffff:`. */
export function plainHost(hostname: string): string {
  const mapped = hostname.startsWith(MAPPED_PREFIX) && hostname.includes(".");
  return mapped ? hostname.slice(MAPPED_PREFIX.length) : hostname;
}

/** `host:port`, with brackets around IPv6. */
export function hostAndPort(hostname: string, port: number): string {
  const host = plainHost(hostname);
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

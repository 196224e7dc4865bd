/**
 * The other end of a connection: whether an error means that it is gone, and its address as text.
 * @module
 */

/** Error codes for a failure of the network between us and the peer. */
const NETWORK_CODES = "ENETDOWN ENETUNREACH EHOSTDOWN EHOSTUNREACH ENONET ETIMEDOUT ECONNRESET ECONNABORTED".split(" ");

/** Further codes after which accept(2) says to try again: errors of the one connection that was to be accepted. */
const TRANSIENT_CODES = "EINTR EPROTO ENOPROTOOPT EOPNOTSUPP EPERM".split(" ");

/** Whether `error` only means that the peer or the sweep ended the connection. Such an error is not reported. */
export function isPeerGone(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.TimedOut || // The kernel gave up retransmitting.
    error instanceof Deno.errors.NetworkUnreachable ||
    error instanceof Deno.errors.UnexpectedEof ||
    error instanceof Deno.errors.Interrupted || // We closed it during the read or write.
    error instanceof Deno.errors.BadResource || // We closed it before.
    NETWORK_CODES.includes(codeOf(error));
}

/** Whether an accept that failed with `error` may be tried again at once. */
export function isTransient(error: unknown): boolean {
  if (error instanceof Deno.errors.BadResource) return false; // The listener is closed.
  return isPeerGone(error) || TRANSIENT_CODES.includes(codeOf(error));
}

/** Whether `error` means that the process or the system is out of descriptors or memory for sockets at the moment. */
export function isExhausted(error: unknown): boolean {
  return ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

const MAPPED_PREFIX = "::ffff:";

/** The host of an address as people write it: without the `::ffff:` of an IPv4 peer on a socket for both protocols. */
export function plainHost(hostname: string): string {
  const mapped = hostname.startsWith(MAPPED_PREFIX) && hostname.includes(".");
  return mapped ? hostname.slice(MAPPED_PREFIX.length) : hostname;
}

/** `host:port`, with brackets around IPv6. */
export function hostAndPort(hostname: string, port: number): string {
  const host = plainHost(hostname);
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * The client side of a connection's beginning: connect, within a time, until told to give up.
 * Knows addresses and time; not what is said afterwards.
 * @module
 */

import { type Clock, systemClock } from "./clock.ts";
import { sendAtOnce, type Socket } from "./socket.ts";
import { explainError, systemName } from "./explain_error.ts";
import { hostAndPort } from "./peer.ts";

/** Where to connect to: a name or an IP address, and a TCP port from 1 to 65535. */
export interface ConnectAddress {
  /** A literal address, or a name that the system resolves. */
  readonly hostname: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** How long to try, and how to give up. */
export interface ConnectOptions {
  /** Milliseconds until the attempt is given up; `Infinity`: as long as the system tries. 10 seconds unless said. */
  readonly timeoutMs?: number | undefined;
  /** Gives the attempt up when it aborts. Afterwards it has no effect on the connection. */
  readonly signal?: AbortSignal | undefined;
  /** What the timeout is measured with; the system's clock unless said. */
  readonly clock?: Clock | undefined;
}

/**
 * Why there is no connection. `refused`: the machine answered that nothing listens there. `unreachable`: no route leads
 * there. `timed out`: nobody answered in time. `aborted`: given up by the signal. `unknown host`: the name has no address.
 * `not permitted`: by this process's permissions, or by the system. `failed`: anything else, see the cause.
 */
export type ConnectFailure =
  | "refused"
  | "unreachable"
  | "timed out"
  | "aborted"
  | "unknown host"
  | "not permitted"
  | "failed";

/** A connection that did not come about. The message is for a person: what happened, and what to do. */
export class ConnectError extends Error {
  /** The class of the error. */
  override name = "ConnectError";
  /** Which of the ways to fail it was, for a program. */
  readonly failure: ConnectFailure;

  /** `message` is to be a line for a person; `cause`, in `options`, the system's own error. */
  constructor(failure: ConnectFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** Where no time is given. Long enough for a lost packet or two, which are sent again after one and after three seconds. */
export const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Connects by TCP; resolves to the socket when the other end's system has accepted. (Its program may not have done so yet.)
 * The socket is the caller's to close.
 *
 * Throws `ConnectError`, with the `failure` that it was. Throws `RangeError` when the port is none.
 */
export async function connect(address: ConnectAddress, options: ConnectOptions = {}): Promise<Socket> {
  const { timeoutMs = CONNECT_TIMEOUT_MS, signal, clock = systemClock } = options;
  const { hostname, port } = address;
  if (!(Number.isInteger(port) && port >= 1 && port <= 65_535)) throw new RangeError(`Not a TCP port: ${port}`);
  let givenUp: "timed out" | "aborted" | null = signal?.aborted ? "aborted" : null;
  if (givenUp !== null) throw failed(address, givenUp, timeoutMs);
  const attempt = new AbortController();
  const settled = new AbortController();
  const giveUp = (why: "timed out" | "aborted") => {
    if (settled.signal.aborted) return; // The sleep below also ends when the attempt does.
    givenUp ??= why;
    attempt.abort();
  };
  const abort = () => giveUp("aborted");
  signal?.addEventListener("abort", abort);
  if (timeoutMs !== Infinity) clock.sleep(timeoutMs, settled.signal).then(() => giveUp("timed out"));
  try {
    const socket = await Deno.connect({ hostname, port, signal: attempt.signal });
    sendAtOnce(socket);
    return socket;
  } catch (error) {
    throw failed(address, givenUp ?? failureOf(error), timeoutMs, error);
  } finally {
    settled.abort();
    signal?.removeEventListener("abort", abort);
  }
}

function failed(address: ConnectAddress, failure: ConnectFailure, timeoutMs: number, cause?: unknown): ConnectError {
  const where = hostAndPort(address.hostname, address.port);
  return new ConnectError(failure, `cannot connect to ${where}: ${explain(failure, timeoutMs, cause)}`, { cause });
}

function explain(failure: ConnectFailure, timeoutMs: number, cause: unknown): string {
  // The system's own timeout has another length, and its own words.
  const isOurs = failure === "timed out" && systemNameOf(cause) !== "ETIMEDOUT";
  if (isOurs) return `no answer within ${timeoutMs} ms; check that the server is up, or allow more time`;
  return failure === "aborted" ? "given up from here before there was an answer" : explainError(cause);
}

function failureOf(error: unknown): ConnectFailure {
  switch (systemNameOf(error)) {
    case "ECONNREFUSED":
      return "refused";
    case "ENETUNREACH":
    case "EHOSTUNREACH":
    case "ENETDOWN":
    case "EHOSTDOWN":
      return "unreachable";
    case "ETIMEDOUT":
      return "timed out";
    case "UnknownHost":
      return "unknown host";
    case "NotCapable":
    case "EACCES":
    case "EPERM":
      return "not permitted";
    default:
      return "failed";
  }
}

function systemNameOf(error: unknown): string {
  return error instanceof Error ? systemName(error) : "";
}

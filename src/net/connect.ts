/**
 * Opens a connection as a client, with a timeout and a signal.
 * Knows addresses and time; not what is said over the connection.
 * @module
 */

import { type Clock, systemClock } from "./clock.ts";
import { sendAtOnce, type Socket } from "./socket.ts";
import { explainError, systemName } from "./explain_error.ts";
import { hostAndPort } from "./peer.ts";

/** The address to connect to. */
export interface ConnectAddress {
  /** An IP address, or a name that the system resolves. */
  readonly hostname: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** Limits of an attempt to connect. */
export interface ConnectOptions {
  /** Milliseconds after which the attempt fails. `Infinity`: the system's own timeout. 10 seconds by default. */
  readonly timeoutMs?: number | undefined;
  /** Ends the attempt when it aborts. Has no effect on an open connection. */
  readonly signal?: AbortSignal | undefined;
  /** The clock of the timeout. The system's clock by default. */
  readonly clock?: Clock | undefined;
}

/**
 * Why connecting failed. `refused`: the machine answered that nothing listens there. `unreachable`: there is no route
 * to the machine. `timed out`: there was no answer in time. `aborted`: the signal ended the attempt. `unknown host`:
 * the name has no address. `not permitted`: by this process's permissions, or by the system. `failed`: anything else,
 * see the cause.
 */
export type ConnectFailure =
  | "refused"
  | "unreachable"
  | "timed out"
  | "aborted"
  | "unknown host"
  | "not permitted"
  | "failed";

/** An attempt to connect that failed. The message is for a person: it says what happened and what to do. */
export class ConnectError extends Error {
  /** The class of the error. */
  override name = "ConnectError";
  /** The kind of failure, for a program. */
  readonly failure: ConnectFailure;

  /** `message` should be one line for a person, and `options.cause` the system's own error. */
  constructor(failure: ConnectFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** The default timeout. Enough for two lost packets, which the system sends again after one and after three seconds. */
export const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Connects by TCP. Resolves to the socket when the system at the other end has accepted; its program may accept later.
 * The caller owns the socket and must close it.
 *
 * Throws `ConnectError`, whose `failure` is the reason. Throws `RangeError` if `port` is not a TCP port.
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
  // The system's own timeout has another length and its own message.
  const isOurs = failure === "timed out" && systemNameOf(cause) !== "ETIMEDOUT";
  if (isOurs) return `no answer within ${timeoutMs} ms; check that the server is up, or allow more time`;
  return failure === "aborted" ? "cancelled here before there was an answer" : explainError(cause);
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

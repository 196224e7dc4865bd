/**
 * A listener behind a proxy that begins each connection with a PROXY header. Its sockets have the address of the client
 * and not that of the proxy. Knows sockets and time; not what is said after the header.
 * @module
 */

import type { Clock } from "./clock.ts";
import type { Listener } from "./listener.ts";
import { hostAndPort } from "./peer.ts";
import { parseProxyHeader, type ProxiedAddress, PROXY_HEADER_BYTES_MAX } from "./proxy_header.ts";
import type { Socket } from "./socket.ts";

/** Options of `proxied`. */
export interface ProxiedOptions {
  /** Whether the peer with this address is a proxy whose headers count. */
  readonly isTrusted: (hostname: string) => boolean;
  readonly clock: Clock;
  /** Receives a problem of a connection, at most one a minute, because a wrong setting concerns every connection. */
  readonly report: (problem: string) => void;
  /** Called for every connection with a problem. */
  readonly onRefuse: () => void;
}

/** A proxy sends its header at once, together with the first bytes of the client or before them. */
const HEADER_MS = 5_000;

const REPORT_PERIOD_MS = 60_000;

/**
 * A listener whose connections begin with a PROXY header. A connection without one, or from another peer than a trusted
 * proxy, is closed without an answer, because a server must not guess (section 2 of the specification).
 */
export function proxied(listener: Listener, options: ProxiedOptions): Listener {
  const problems = new Problems(options);
  return {
    async accept() {
      for (;;) {
        const socket = await listener.accept();
        const { hostname, port } = socket.remoteAddr;
        if (options.isTrusted(hostname)) return new ProxiedSocket(socket, options.clock, problems);
        problems.note(`${hostAndPort(hostname, port)} is not trusted to send a PROXY header; see parameter trust`);
        socket.close();
      }
    },
    close: () => listener.close(),
  };
}

/** Counts problems, and reports the first one of each minute. */
class Problems {
  readonly #options: ProxiedOptions;
  #reportedMs = -Infinity;

  constructor(options: ProxiedOptions) {
    this.#options = options;
  }

  note(problem: string): void {
    this.#options.onRefuse();
    const nowMs = this.#options.clock.now();
    if (nowMs - this.#reportedMs < REPORT_PERIOD_MS) return;
    this.#reportedMs = nowMs;
    this.#options.report(problem);
  }
}

/** The socket of a proxy. The first read waits for the header. */
class ProxiedSocket implements Socket {
  readonly #socket: Socket;
  readonly #problems: Problems;
  readonly #over = new AbortController();
  #address: Deno.NetAddr;
  /** The bytes that came with the header; `null`: there are none left. */
  #rest: Uint8Array | null = null;
  #isPast = false;
  /** Whether we have closed it because of its header. The runtime's sockets throw if they are closed twice. */
  #isRefused = false;

  constructor(socket: Socket, clock: Clock, problems: Problems) {
    this.#socket = socket;
    this.#problems = problems;
    this.#address = socket.remoteAddr;
    void this.#limit(clock);
  }

  /** The address of the proxy until the header has come, then that of the client. */
  get remoteAddr(): Deno.NetAddr {
    return this.#address;
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#isPast && this.#rest === null ? this.#socket.read(into) : this.#readPast(into);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#socket.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#socket.closeWrite();
  }

  setNoDelay(noDelay: boolean): void {
    this.#socket.setNoDelay(noDelay);
  }

  close(): void {
    this.#over.abort();
    if (!this.#isRefused) this.#socket.close();
  }

  async #limit(clock: Clock): Promise<void> {
    await clock.sleep(HEADER_MS, this.#over.signal);
    if (this.#over.signal.aborted) return;
    this.#refuse("no PROXY header came within five seconds");
  }

  async #readPast(into: Uint8Array): Promise<number | null> {
    if (!this.#isPast && !await this.#readHeader()) return null;
    if (this.#rest === null) return await this.#socket.read(into);
    const bytes = this.#rest.subarray(0, into.length);
    into.set(bytes);
    this.#rest = bytes.length < this.#rest.length ? this.#rest.subarray(bytes.length) : null;
    return bytes.length;
  }

  /** Reads until the header is complete; `false`: the peer has ended before. Throws if it is invalid. */
  async #readHeader(): Promise<boolean> {
    const bytes = new Uint8Array(PROXY_HEADER_BYTES_MAX);
    for (let length = 0;;) {
      const count = await this.#socket.read(bytes.subarray(length));
      if (count === null) return false;
      length += count;
      const header = parseProxyHeader(bytes.subarray(0, length));
      if (header.kind === "partial") continue;
      if (header.kind === "invalid") {
        this.#refuse(header.reason);
        throw new Deno.errors.ConnectionAborted(header.reason);
      }
      this.#pass(header.source, bytes.subarray(header.length, length));
      return true;
    }
  }

  #pass(source: ProxiedAddress | null, rest: Uint8Array): void {
    if (source !== null) this.#address = { transport: "tcp", ...source };
    this.#rest = rest.length > 0 ? rest : null;
    this.#isPast = true;
    this.#over.abort();
  }

  #refuse(reason: string): void {
    const { hostname, port } = this.#address;
    this.#problems.note(`${hostAndPort(hostname, port)}: ${reason}; its connection was closed`);
    this.#isRefused = true;
    this.#over.abort();
    this.#socket.close();
  }
}

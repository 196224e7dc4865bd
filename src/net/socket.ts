/**
 * The interface of a stream socket: the few calls that a connection needs.
 * @module
 */

import type { Opened } from "./security.ts";

/** A stream socket. `Deno.TcpConn` is one; tests have others. */
export interface Socket {
  /**
   * Secures the stream, before anything else, if it needs that. Calls `onBytes` each time bytes arrive. Never rejects,
   * and resolves to `gone` when the socket is closed.
   */
  readonly open?: ((onBytes: () => void) => Promise<Opened>) | undefined;
  /** Address of the other end. */
  readonly remoteAddr: Deno.NetAddr;
  /** Reads at most `into.length` bytes. Resolves to their number, or to `null` if the peer has closed its side. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes. Resolves to their number. */
  write(bytes: Uint8Array): Promise<number>;
  /** Closes our side. The peer may still send. */
  closeWrite(): Promise<void>;
  /** Whether each write is sent at once (TCP_NODELAY). May throw if the peer is gone. */
  setNoDelay(noDelay: boolean): void;
  /** Closes both sides. Pending reads and writes fail. */
  close(): void;
}

/**
 * Has each write sent at once. By default, the system holds a short write back until the peer has acknowledged those
 * before (RFC 896), and a peer may delay that by 40 ms. The server combines small writes itself.
 */
export function sendAtOnce(socket: Socket): void {
  try {
    socket.setNoDelay(true);
  } catch {
    // Some systems refuse it if the peer has reset the connection. The first read or write will report that.
  }
}

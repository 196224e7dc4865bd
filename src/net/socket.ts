/**
 * A stream socket as a value: the few calls that a connection takes.
 * @module
 */

/** What the transport needs of a stream socket. `Deno.TcpConn` is one; tests have others. */
export interface Socket {
  /** Address of the other end. */
  readonly remoteAddr: Deno.NetAddr;
  /** Reads at most `into.length` bytes; resolves to how many came, or to `null` when the peer has ended its side. */
  read(into: Uint8Array): Promise<number | null>;
  /** Takes some of the bytes; resolves to how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends our side; the peer may still send. */
  closeWrite(): Promise<void>;
  /** Whether each write goes out as soon as the network takes it (TCP_NODELAY). May throw where the peer is gone. */
  setNoDelay(noDelay: boolean): void;
  /** Closes both sides. What is pending fails. */
  close(): void;
}

/**
 * Has each write sent at once. Unless told so, the system holds a short one back until the peer has acknowledged those before
 * it (RFC 896), which a peer that waits for more before it acknowledges does after 40 ms. Writes are gathered here already.
 */
export function sendAtOnce(socket: Socket): void {
  try {
    socket.setNoDelay(true);
  } catch {
    // Some systems refuse it where the peer has reset the connection; the first read or write tells of that.
  }
}

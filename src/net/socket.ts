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
  /** Closes both sides. What is pending fails. */
  close(): void;
}

/**
 * What is known of a secured connection, how its handshake ended, and what follows it. Types only.
 * @module
 */

/** A connection that is secured by TLS. */
export interface Security {
  /** The version of TLS: `TLSv1.3`. */
  readonly version: string;
  /** The protocol that was chosen by ALPN (RFC 7301): `h2`, `http/1.1`; `null`: the client named none. */
  readonly alpn: string | null;
  /** The server name of the client (RFC 6066, section 3), in lower case; `null`: it sent none. */
  readonly serverName: string | null;
  /** Whether the certificate of the connection is valid for a host, in lower case and without its port. */
  readonly covers: (host: string) => boolean;
}

/**
 * How opening a connection ended. `plain`: the peer does not speak TLS; its bytes can be read. `failed`: the handshake
 * has failed for `reason`. `gone`: the peer or we have closed the connection.
 */
export type Opened =
  | { readonly kind: "secure"; readonly security: Security }
  | { readonly kind: "plain" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "gone" };

/** A connection after its handshake. Reads, writes and `closeWrite` are those of `Socket`. */
export interface SecuredStream {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  /** Sends close_notify (RFC 8446, section 6.1), and closes our side. */
  closeWrite(): Promise<void>;
  /** The stream is over, because of `error`; `null`: the peer is gone. */
  fail(error: Error | null): void;
  /** The socket is closed. A pending read or write fails. */
  close(): void;
}

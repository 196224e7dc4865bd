/**
 * A listener whose connections are secured by TLS. Knows settings; not where certificates come from.
 * @module
 */

import type { Clock } from "./clock.ts";
import { Handshakes } from "./handshakes.ts";
import type { Listener } from "./listener.ts";
import type { Socket } from "./socket.ts";
import { type TlsSettings, TlsSocket } from "./tls_socket.ts";

/** Options of a listener for TLS. */
export interface TlsListenerOptions {
  /** The listener for TCP. */
  readonly listener: Listener;
  /** Called for each connection, because certificates may be replaced. */
  readonly settings: () => TlsSettings;
  readonly clock: Clock;
}

/** Accepts TCP connections, and secures them when they are opened. */
export class TlsListener implements Listener {
  readonly #options: TlsListenerOptions;
  readonly #handshakes: Handshakes;

  constructor(options: TlsListenerOptions) {
    this.#options = options;
    this.#handshakes = new Handshakes(options.clock);
  }

  /** Resolves when a TCP connection is accepted. Its handshake is made by `open`, so that it holds up no other. */
  async accept(): Promise<Socket> {
    const { listener, settings } = this.#options;
    return new TlsSocket(await listener.accept(), settings(), this.#handshakes);
  }

  close(): void {
    this.#options.listener.close();
  }
}

/**
 * How much content the peer may send to us (RFC 9113, section 6.9), in one stream or in all. Pure.
 * @module
 */

import { RECEIVE_WINDOW_BYTES, WINDOW_UPDATE_BYTES } from "./limits.ts";

/** One window. All content is taken as soon as it arrives, so the window only limits what is on its way. */
export class ReceiveWindow {
  #left = RECEIVE_WINDOW_BYTES;

  /** Notes that `count` bytes arrived; `false`: more than the window allowed. */
  take(count: number): boolean {
    this.#left -= count;
    return this.#left >= 0;
  }

  /** By how much to open the window now; 0: not yet. The caller tells the peer. */
  increment(): number {
    const taken = RECEIVE_WINDOW_BYTES - this.#left;
    if (taken < WINDOW_UPDATE_BYTES) return 0;
    this.#left = RECEIVE_WINDOW_BYTES;
    return taken;
  }
}

/**
 * Waits for bytes or for a call, so that a conversation can send while a read is pending.
 * Knows promises; not what is read.
 * @module
 */

import type { Connection } from "../../net/connection.ts";
import type { Filled } from "../../net/events.ts";

/** The pending read of one connection, and calls that end the wait for it. */
export class Arrival {
  readonly #connection: Connection;
  #isReading = false;
  /** The result of a read that nobody has taken yet, or its error. */
  #filled: Promise<Filled> | null = null;
  #isWoken = false;
  #wake: (() => void) | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Whether a read is pending, or its result was not taken. */
  get isReading(): boolean {
    return this.#isReading;
  }

  /** Begins a read, unless one is pending. */
  read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    const filling = this.#connection.fill();
    const arrive = () => {
      this.#filled = filling;
      this.#wake?.();
    };
    filling.then(arrive, arrive);
  }

  /** Ends the current wait, or the next one. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  /** Resolves to the result of the read, or after a call of `wake`. */
  async next(): Promise<Filled | "woken"> {
    if (!this.#isWoken && this.#filled === null) await new Promise<void>((resolve) => this.#wake = resolve);
    this.#wake = null;
    this.#isWoken = false;
    const filled = this.#filled;
    if (filled === null) return "woken";
    this.#filled = null;
    this.#isReading = false;
    return await filled;
  }
}

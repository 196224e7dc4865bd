/**
 * The streams of one connection by their numbers (RFC 9113, section 5.1.1): the open ones, and how the last ones ended.
 * Knows numbers and states; not frames.
 * @module
 */

import { CLOSED_REMEMBERED_MAX } from "./limits.ts";
import type { Stream } from "./stream.ts";

/**
 * How a stream ended. `ended`: both sides said so. `reset by peer`. `reset by us`: the peer may not know yet, so that
 * its frames are ignored.
 */
export type Ending = "ended" | "reset by peer" | "reset by us";

/** The state of a stream that is not open. `forgotten`: it is closed, or was never used and cannot be any more. */
export type Absence = "idle" | "forgotten" | Ending;

/** Streams by their numbers. */
export class StreamTable {
  readonly #open = new Map<number, Stream>();
  readonly #endings = new Map<number, Ending>();
  #lastId = 0;

  /** The highest number that the peer has used; 0: none. */
  get lastId(): number {
    return this.#lastId;
  }

  /** The number of open streams. */
  get size(): number {
    return this.#open.size;
  }

  /** The open streams. */
  get open(): Iterable<Stream> {
    return this.#open.values();
  }

  /** The open stream with this number. */
  get(id: number): Stream | undefined {
    return this.#open.get(id);
  }

  /** The state of a stream that is not open. */
  absence(id: number): Absence {
    return id > this.#lastId || id % 2 === 0 ? "idle" : this.#endings.get(id) ?? "forgotten";
  }

  /** Notes that the peer uses a number, which closes all smaller ones. */
  use(id: number): void {
    this.#lastId = id;
  }

  /** Adds a stream whose number is in use. */
  add(stream: Stream): void {
    this.#open.set(stream.id, stream);
  }

  /** Removes a stream, or notes how one ended that was never added. */
  end(id: number, how: Ending): void {
    const stream = this.#open.get(id);
    if (stream !== undefined) stream.isOver = true;
    this.#open.delete(id);
    this.#endings.delete(id);
    this.#endings.set(id, how);
    if (this.#endings.size <= CLOSED_REMEMBERED_MAX) return;
    for (const oldest of this.#endings.keys()) { // The first one: a map keeps the order of additions.
      this.#endings.delete(oldest);
      break;
    }
  }
}

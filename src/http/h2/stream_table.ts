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
  /** A ring of the last closed streams and how they ended, because a map that shrinks and grows costs more. */
  readonly #endedIds = new Int32Array(CLOSED_REMEMBERED_MAX);
  readonly #endings: Ending[] = new Array(CLOSED_REMEMBERED_MAX).fill("ended");
  #nextEnded = 0;
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
    if (id > this.#lastId || id % 2 === 0) return "idle";
    const index = this.#endedIds.indexOf(id);
    return index < 0 ? "forgotten" : this.#endings[index]!;
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
    const known = stream === undefined ? this.#endedIds.indexOf(id) : -1;
    const index = known < 0 ? this.#nextEnded : known;
    this.#endedIds[index] = id;
    this.#endings[index] = how;
    if (known < 0) this.#nextEnded = (index + 1) % CLOSED_REMEMBERED_MAX;
  }
}

/**
 * Chooses the stream whose content is sent next (RFC 9218, section 10). Pure.
 *
 * More urgent streams come first. Streams that the client can use in parts take turns, frame by frame; so do streams
 * without a priority. Others of the same urgency are sent one after the other, in the order of their numbers.
 * @module
 */

import type { Stream } from "./stream.ts";

/** The streams that have content to send, and whose turn it is. */
export class Scheduler {
  readonly #streams: Stream[] = [];
  #frames = 0;

  /** The streams, in no particular order. */
  get streams(): readonly Stream[] {
    return this.#streams;
  }

  /** Adds a stream. It comes after those that have been waiting. */
  add(stream: Stream): void {
    stream.servedAt = ++this.#frames;
    this.#streams.push(stream);
  }

  /** Removes a stream, if it is here. */
  delete(stream: Stream): void {
    const index = this.#streams.indexOf(stream);
    if (index < 0) return;
    const last = this.#streams.pop()!;
    if (last !== stream) this.#streams[index] = last;
  }

  /** The stream to be served next, of those that may send; `null`: there is none. */
  next(maySend: (stream: Stream) => boolean): Stream | null {
    let best: Stream | null = null;
    for (const stream of this.#streams) {
      if (maySend(stream) && (best === null || isBefore(stream, best))) best = stream;
    }
    if (best !== null) best.servedAt = ++this.#frames;
    return best;
  }
}

function isBefore(a: Stream, b: Stream): boolean {
  if (a.priority.urgency !== b.priority.urgency) return a.priority.urgency < b.priority.urgency;
  const isInOrder = !a.priority.isIncremental && !b.priority.isIncremental;
  return isInOrder ? a.id < b.id : a.servedAt < b.servedAt;
}

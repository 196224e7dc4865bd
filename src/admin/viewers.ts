/**
 * The browsers that show the live view: each gets the same events. Tells when the first one comes and the last one goes,
 * so that nothing is sent while nobody looks.
 * @module
 */

import type { StreamedContent } from "../http/response.ts";

/** Events that wait for a slow browser. It misses those beyond this number, because only the last ones matter. */
const WAITING_MAX = 8;

/** More browsers would cost the server too much. */
export const VIEWERS_MAX = 16;

/** One browser. */
class Viewer implements AsyncIterable<Uint8Array> {
  #waiting: Uint8Array[] = [];
  #wake: (() => void) | null = null;
  #isOver = false;

  push(event: Uint8Array): void {
    if (this.#waiting.length === WAITING_MAX) this.#waiting.shift();
    this.#waiting.push(event);
    this.#wake?.();
  }

  close(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    yield HELLO; // So that the browser knows at once that it is connected.
    while (!this.#isOver) {
      const event = this.#waiting.shift();
      if (event !== undefined) yield event;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

const HELLO = new TextEncoder().encode("retry: 2000\n\n");

/** All browsers that look. */
export class Viewers {
  readonly #viewers = new Set<Viewer>();
  readonly #onWatched: (isWatched: boolean) => void;

  /** `onWatched` is called when the first viewer comes, and when the last one goes. */
  constructor(onWatched: (isWatched: boolean) => void) {
    this.#onWatched = onWatched;
  }

  /** Whether one more may look. */
  get hasRoom(): boolean {
    return this.#viewers.size < VIEWERS_MAX;
  }

  /** The events for one more browser, as content that ends when the browser goes. */
  open(): StreamedContent {
    const viewer = new Viewer();
    this.#viewers.add(viewer);
    if (this.#viewers.size === 1) this.#onWatched(true);
    return { kind: "streamed", chunks: viewer, close: () => this.#close(viewer) };
  }

  /** Sends an event to all. */
  push(event: Uint8Array): void {
    for (const viewer of this.#viewers) viewer.push(event);
  }

  /** Ends all streams of events. */
  close(): void {
    for (const viewer of this.#viewers) viewer.close();
  }

  #close(viewer: Viewer): void {
    viewer.close();
    if (this.#viewers.delete(viewer) && this.#viewers.size === 0) this.#onWatched(false);
  }
}

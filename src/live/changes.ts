/**
 * The version of a site that is being edited, and the open event streams that are told of its changes.
 * Knows roots and paths as text; not how changes are noticed.
 * @module
 */

import type { Clock } from "../net/clock.ts";
import { isBelow } from "../paths.ts";

/** A change of files. */
export interface Change {
  /** The version of all sites after it. */
  readonly version: number;
  /** Absolute paths of the changed files; `everything`: any file may have changed. */
  readonly paths: readonly string[] | "everything";
}

/** A silent stream gets a comment at this interval, because only a failed write shows that the browser is gone. */
const COMMENT_MS = 15_000;

/** Open streams of a worker. A browser that opens more is told to try again. */
const STREAMS_MAX = 256;

/** The changes of all roots of a server. */
export class Changes {
  readonly #clock: Clock;
  readonly #streams = new Set<EventStream>();
  #version: number;
  #isOver = false;

  constructor(version: number, clock: Clock) {
    this.#version = version;
    this.#clock = clock;
  }

  /** Grows with each change. */
  get version(): number {
    return this.#version;
  }

  /** Tells the streams of the roots that a change concerns. If only style sheets changed, the page may stay. */
  announce({ version, paths }: Change): void {
    this.#version = version;
    for (const stream of this.#streams) stream.send(kindOf(stream.root, paths), version);
  }

  /** The events for pages of `root`, as the text of an event stream (HTML standard, 9.2); `null`: too many streams. */
  stream(root: string): AsyncIterable<Uint8Array> | null {
    if (this.#isOver || this.#streams.size >= STREAMS_MAX) return null;
    return { [Symbol.asyncIterator]: () => this.#open(root) };
  }

  /** Ends all streams. Browsers connect again, to another worker or after a restart. */
  close(): void {
    this.#isOver = true;
    for (const stream of [...this.#streams]) void stream.return();
  }

  #open(root: string): EventStream {
    const stopComments = this.#clock.every(COMMENT_MS, () => stream.add(":\n\n"));
    const stream: EventStream = new EventStream(root, () => {
      stopComments();
      this.#streams.delete(stream);
    });
    this.#streams.add(stream);
    stream.add("retry: 250\n\n");
    stream.send("version", this.#version);
    if (this.#isOver) void stream.return();
    return stream;
  }
}

/** `page`: reload it. `style`: only style sheets changed. `other`: no file below `root` changed. */
type Kind = "page" | "style" | "other";

function kindOf(root: string, paths: Change["paths"]): Kind {
  if (paths === "everything") return "page";
  const concerned = paths.filter((path) => isBelow(root, path));
  if (concerned.length === 0) return "other";
  return concerned.every((path) => /\.css$/i.test(path)) ? "style" : "page";
}

/** A stream that a browser does not read keeps this many characters. Each event says all that the page needs. */
const WAITING_CHARS_MAX = 4096;

/** An open stream. No generator, because `return` of a generator waits for the event that it is waiting for. */
class EventStream implements AsyncIterator<Uint8Array> {
  readonly root: string;
  readonly #onEnd: () => void;
  #waiting = "";
  #wake: (() => void) | null = null;
  #isOver = false;

  constructor(root: string, onEnd: () => void) {
    this.root = root;
    this.#onEnd = onEnd;
  }

  send(event: Kind | "version", version: number): void {
    this.add(`event: ${event}\ndata: ${version}\n\n`);
  }

  add(text: string): void {
    if (this.#waiting.length < WAITING_CHARS_MAX) this.#waiting += text;
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    while (this.#waiting === "" && !this.#isOver) await new Promise<void>((resolve) => this.#wake = resolve);
    if (this.#isOver) return { done: true, value: undefined };
    const value = new TextEncoder().encode(this.#waiting);
    this.#waiting = "";
    return { done: false, value };
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    if (!this.#isOver) this.#onEnd();
    this.#isOver = true;
    this.#wake?.();
    return Promise.resolve({ done: true, value: undefined });
  }
}

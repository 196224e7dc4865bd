/**
 * The outbox: bytes on their way out, gathered so that several answers, or a head and its content, take one write.
 * Knows buffers and how to read a source; not what the bytes mean.
 * @module
 */

import type { Connection } from "../net/connection.ts";
import type { Piece, Source } from "./response.ts";

/** Holds many small answers, and is the slice in which files are read: a peer that never reads costs this much. */
export const OUTBOX_BYTES = 64 * 1024;

/** Buffers kept for reuse; beyond this many the garbage collector has them. */
const POOLED_MAX = 256;

/** Spare buffers. A connection holds one only while something is on its way out, so that idle ones cost nothing. */
export class BufferPool {
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];

  take(): Uint8Array<ArrayBuffer> {
    return this.#spare.pop() ?? new Uint8Array(OUTBOX_BYTES);
  }

  give(buffer: Uint8Array<ArrayBuffer>): void {
    if (this.#spare.length < POOLED_MAX) this.#spare.push(buffer);
  }
}

/**
 * A source that failed, with the reason as its `cause`, or that had fewer bytes than the response promised. The rest cannot
 * be made up: the connection must close.
 */
export class SourceError extends Error {
  override name = "SourceError";
}

/** What one connection has to send. Not for concurrent use. */
export class Outbox {
  readonly #connection: Connection;
  readonly #pool: BufferPool;
  #buffer: Uint8Array<ArrayBuffer> | null = null;
  #length = 0;
  #position = 0;

  constructor(connection: Connection, pool: BufferPool) {
    this.#connection = connection;
    this.#pool = pool;
  }

  /** Bytes that were put in so far, sent or not: the position in the stream to the peer. */
  get position(): number {
    return this.#position;
  }

  /** Appends a response head: ASCII, and shorter than the outbox. */
  async putText(text: string): Promise<void> {
    if (text.length > OUTBOX_BYTES - this.#length) await this.flush();
    const { read, written } = encoder.encodeInto(text, this.#free());
    if (read < text.length) throw new RangeError("A response head does not fit the outbox");
    this.#advance(written);
  }

  /** Appends content, and sends whenever the outbox is full. Throws `SourceError`, or what the connection throws. */
  async put(piece: Piece): Promise<void> {
    if (!(piece instanceof Uint8Array)) return await this.#copy(piece.source, piece.position, piece.length);
    if (piece.length > OUTBOX_BYTES - this.#length) await this.flush();
    if (piece.length > OUTBOX_BYTES) {
      this.#position += piece.length;
      return await this.#connection.write(piece);
    }
    this.#free().set(piece);
    this.#advance(piece.length);
  }

  /** Sends all that is held. Throws when the peer is gone. */
  async flush(): Promise<void> {
    if (this.#buffer === null) return;
    await this.#connection.write(this.#buffer.subarray(0, this.#length));
    this.discard();
  }

  /** Forgets what is held. The system may still be reading the buffer only while a `flush` is pending. */
  discard(): void {
    if (this.#buffer !== null) this.#pool.give(this.#buffer);
    this.#buffer = null;
    this.#length = 0;
  }

  async #copy(source: Source, position: number, length: number): Promise<void> {
    let at = position;
    const end = position + length;
    while (at < end) {
      if (this.#length === OUTBOX_BYTES) await this.flush();
      const free = this.#free();
      const count = readFrom(source, at, free.subarray(0, Math.min(free.length, end - at)));
      this.#advance(count);
      at += count;
    }
  }

  #advance(count: number): void {
    this.#length += count;
    this.#position += count;
  }

  #free(): Uint8Array<ArrayBuffer> {
    this.#buffer ??= this.#pool.take();
    return this.#buffer.subarray(this.#length);
  }
}

const encoder = new TextEncoder();

function readFrom(source: Source, position: number, into: Uint8Array): number {
  try {
    const count = source.readAt(position, into);
    if (count > 0) return count;
  } catch (error) {
    throw new SourceError("the file cannot be read", { cause: error });
  }
  throw new SourceError("the file got shorter");
}

/**
 * The outbox: bytes on their way out, gathered so that several answers, or a head and its content, take one write.
 * Knows buffers and how to read a source; not what the bytes mean.
 * @module
 */

import type { Connection } from "../../net/connection.ts";
import type { Outgoing } from "../../net/conversation.ts";
import type { Block } from "./block.ts";
import type { Plan } from "./plan.ts";
import { checkLength, type Piece, type Source } from "../response.ts";

/** Holds many small answers, and is the slice in which files are read: a peer that never reads costs this much. */
export const OUTBOX_BYTES = 64 * 1024;

/** What is left of a piece is copied up to this size, to share a write with what follows. */
const COPIED_BYTES_MAX = OUTBOX_BYTES / 4;

/** Buffers kept for reuse; beyond this many the garbage collector has them. */
const POOLED_MAX = 256;

/**
 * The slice for large files, and how many a worker lends at a time: fast readers get them, slow ones cannot take them all.
 * Larger slices leave the processor's cache before they are sent.
 */
const LARGE_BYTES = 256 * 1024;
const LARGE_LENT_MAX = 32;

type PiecesPlan = Extract<Plan, { kind: "pieces" }>;
type StreamPlan = Extract<Plan, { kind: "stream" }>;

/** A buffer, and the last part of it that was to be sent: to make another view of the same part would take longer than a copy. */
interface Buffer {
  readonly bytes: Uint8Array<ArrayBuffer>;
  held: Uint8Array<ArrayBuffer>;
}

function newBuffer(): Buffer {
  const bytes = new Uint8Array(OUTBOX_BYTES);
  return { bytes, held: bytes };
}

/** Spare buffers. A connection holds one only while something is on its way out, so that idle ones cost nothing. */
export class BufferPool {
  readonly #spare: Buffer[] = [];
  readonly #spareLarge: Uint8Array<ArrayBuffer>[] = [];
  #lentLarge = 0;

  take(): Buffer {
    return this.#spare.pop() ?? newBuffer();
  }

  give(buffer: Buffer): void {
    if (this.#spare.length < POOLED_MAX) this.#spare.push(buffer);
  }

  /** A large buffer, or `null` when enough are lent. */
  takeLarge(): Uint8Array<ArrayBuffer> | null {
    if (this.#lentLarge >= LARGE_LENT_MAX) return null;
    this.#lentLarge++;
    return this.#spareLarge.pop() ?? new Uint8Array(LARGE_BYTES);
  }

  giveLarge(buffer: Uint8Array<ArrayBuffer>): void {
    this.#lentLarge--;
    this.#spareLarge.push(buffer);
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
export class Outbox implements Outgoing {
  readonly #connection: Connection;
  readonly #pool: BufferPool;
  #buffer: Buffer | null = null;
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

  /** Bytes that are held. */
  get length(): number {
    return this.#length;
  }

  /**
   * Sends a response as planned, its head dated `date`. `null`: all of it is held, and goes out with what comes next. Throws
   * `SourceError`, at once or later, and what the connection throws.
   */
  send(plan: Plan, date: Uint8Array): Promise<void> | null {
    switch (plan.kind) {
      case "copy":
        if (this.#copyBlock(plan.block, plan.length, date)) return null;
        return this.flush().then(() => mustFit(this.#copyBlock(plan.block, plan.length, date)));
      case "in place":
        return this.#sendInPlace(plan.block, date);
      case "pieces":
        return this.#putPiecesNow(plan, date) ? null : this.#putPieces(plan, date);
      case "stream":
        return this.#sendStream(plan);
    }
  }

  /** Appends a head of its own: ASCII, and shorter than the outbox. */
  async putText(text: string): Promise<void> {
    if (this.#putTextNow(text)) return;
    await this.flush();
    mustFit(this.#putTextNow(text));
  }

  /** Takes back what was put from `position` on, as far as it is held. */
  takeBack(position: number): void {
    const count = Math.min(this.#length, this.#position - position);
    this.#advance(-count);
    if (this.#length === 0 && this.#buffer !== null) this.sent();
  }

  /** Sends all that is held. Throws when the peer is gone. */
  flush(): Promise<void> {
    return this.#connection.send(this);
  }

  /** The same view until its length changes, because to make one costs more than to copy a small response. */
  held(): Uint8Array {
    const buffer = this.#buffer!;
    if (buffer.held.length !== this.#length) buffer.held = buffer.bytes.subarray(0, this.#length);
    return buffer.held;
  }

  sent(): void {
    this.#pool.give(this.#buffer!);
    this.#buffer = null;
    this.#length = 0;
  }

  /** Appends the first `length` bytes of a block, dated; `false`: they do not fit, and nothing was done. */
  #copyBlock({ bytes, dateAt }: Block, length: number, date: Uint8Array): boolean {
    if (length > OUTBOX_BYTES - this.#length) return false;
    const buffer = (this.#buffer ??= this.#pool.take()).bytes;
    buffer.set(length === bytes.length ? bytes : bytes.subarray(0, length), this.#length);
    buffer.set(date, this.#length + dateAt);
    this.#advance(length);
    return true;
  }

  async #sendInPlace(block: Block, date: Uint8Array): Promise<void> {
    await this.flush();
    const sending = block.send(date, (bytes) => this.#write(bytes));
    if (sending !== null) return await sending;
    // Others are sending it with another date: this peer gets a head of its own.
    mustFit(this.#copyBlock(block, block.headLength, date));
    await this.#put(block.bytes.subarray(block.headLength));
  }

  /** Appends head and content where both fit; `false`: they do not, and nothing was done. */
  #putPiecesNow({ head, pieces, length }: PiecesPlan, date: Uint8Array): boolean {
    const headLength = typeof head === "string" ? head.length : head.headLength;
    if (headLength + length > OUTBOX_BYTES - this.#length) return false;
    this.#putHeadNow(head, date);
    const end = this.#position + length;
    for (const piece of pieces) this.#putNow(piece);
    if (this.#position !== end) checkLength(pieces, length);
    return true;
  }

  #putHeadNow(head: Block | string, date: Uint8Array): boolean {
    return typeof head === "string" ? this.#putTextNow(head) : this.#copyBlock(head, head.headLength, date);
  }

  #putTextNow(text: string): boolean {
    if (text.length > OUTBOX_BYTES - this.#length) return false;
    const { read, written } = encoder.encodeInto(text, this.#free());
    if (read < text.length) return false;
    this.#advance(written);
    return true;
  }

  async #putPieces({ head, pieces, length }: PiecesPlan, date: Uint8Array): Promise<void> {
    checkLength(pieces, length);
    if (!this.#putHeadNow(head, date)) {
      await this.flush();
      mustFit(this.#putHeadNow(head, date));
    }
    for (const piece of pieces) await this.#put(piece);
  }

  async #put(piece: Piece): Promise<void> {
    if (!(piece instanceof Uint8Array)) return await this.#copy(piece.source, piece.position, piece.length);
    // The first part goes out together with what is held; the rest, from where it is.
    const fitting = piece.subarray(0, OUTBOX_BYTES - this.#length);
    this.#free().set(fitting);
    this.#advance(fitting.length);
    if (fitting.length === piece.length) return;
    await this.flush();
    const rest = piece.subarray(fitting.length);
    if (rest.length > COPIED_BYTES_MAX) return await this.#write(rest);
    await this.#put(rest);
  }

  /** Sends each chunk before it asks for the next, so that a slow peer holds up its source and nothing is collected here. */
  async #sendStream({ head, chunks, isChunked }: StreamPlan): Promise<void> {
    await this.putText(head);
    await this.flush();
    const source = chunks[Symbol.asyncIterator]();
    try {
      for (let chunk = await this.#next(source); chunk !== null; chunk = await this.#next(source)) {
        if (chunk.length === 0) continue; // An empty chunk would be the last one.
        if (isChunked) await this.putText(`${chunk.length.toString(16)}\r\n`);
        await this.#put(chunk);
        if (isChunked) await this.putText("\r\n");
        await this.flush();
      }
    } finally {
      await source.return?.();
    }
    if (isChunked) await this.putText("0\r\n\r\n");
  }

  /** The next chunk of a source, `null` at its end. A connection that closes does not wait for one. */
  async #next(source: AsyncIterator<Uint8Array>): Promise<Uint8Array | null> {
    const closed = this.#connection.closed.then(() => {
      throw new Deno.errors.Interrupted("The connection is closed");
    });
    try {
      const next = source.next().catch((cause) => {
        throw new SourceError("the content could not be made", { cause });
      });
      const { done, value } = await Promise.race([next, closed]);
      return done === true ? null : value;
    } finally {
      closed.catch(() => {});
    }
  }

  /** Sends bytes from where they are, behind all that was held. */
  async #write(bytes: Uint8Array): Promise<void> {
    this.#position += bytes.length;
    await this.#connection.write(bytes);
  }

  #putNow(piece: Piece): void {
    if (piece instanceof Uint8Array) {
      this.#free().set(piece);
      return this.#advance(piece.length);
    }
    for (let at = 0; at < piece.length;) {
      const count = readFrom(piece.source, piece.position + at, this.#free().subarray(0, piece.length - at));
      this.#advance(count);
      at += count;
    }
  }

  async #copy(source: Source, position: number, length: number): Promise<void> {
    let at = position;
    const end = position + length;
    while (at < end) {
      if (this.#length === OUTBOX_BYTES) await this.flush();
      if (end - at >= LARGE_BYTES && this.#length === 0) at = await this.#copyLarge(source, at, end);
      const free = this.#free();
      const count = readFrom(source, at, free.subarray(0, Math.min(free.length, end - at)));
      this.#advance(count);
      at += count;
    }
  }

  /** Sends whole large slices as long as there are any, and a buffer for them; returns where it stopped. */
  async #copyLarge(source: Source, position: number, end: number): Promise<number> {
    const buffer = this.#pool.takeLarge();
    if (buffer === null) return position;
    let at = position;
    try {
      while (end - at > LARGE_BYTES) { // Something is left for the outbox, so that its last slice shares a write.
        const count = readFrom(source, at, buffer);
        await this.#connection.write(buffer.subarray(0, count));
        this.#position += count;
        at += count;
      }
      return at;
    } finally {
      this.#pool.giveLarge(buffer);
    }
  }

  #advance(count: number): void {
    this.#length += count;
    this.#position += count;
  }

  #free(): Uint8Array<ArrayBuffer> {
    this.#buffer ??= this.#pool.take();
    return this.#buffer.bytes.subarray(this.#length);
  }
}

const encoder = new TextEncoder();

/** A head that was left out would make content of the answer to the next request. */
function mustFit(fits: boolean): void {
  if (!fits) throw new RangeError("A response head does not fit the outbox");
}

function readFrom(source: Source, position: number, into: Uint8Array): number {
  try {
    const count = source.readAt(position, into);
    if (count > 0) return count;
  } catch (error) {
    throw new SourceError("the file cannot be read", { cause: error });
  }
  throw new SourceError("the file got shorter");
}

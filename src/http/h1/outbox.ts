/**
 * The outbox: collects bytes to send, so that several answers, or a head and its content, are sent in one write.
 * Knows buffers and how to read a source; not what the bytes mean.
 * @module
 */

import type { Connection } from "../../net/connection.ts";
import type { Outgoing } from "../../net/conversation.ts";
import { Block } from "./block.ts";
import type { NumberedHead } from "./part_head.ts";
import { type Head, lengthOf, type Plan } from "./plan.ts";
import { checkLength, type Piece, type Source } from "../response.ts";

/** Size of an outbox, and of the slices in which files are read. A peer that never reads costs this much memory. */
export const OUTBOX_BYTES = 64 * 1024;

/** The rest of a piece is copied up to this size, so that it shares a write with the bytes after it. */
const COPIED_BYTES_MAX = OUTBOX_BYTES / 4;

/** Buffers kept for reuse. The garbage collector takes those beyond this number. */
const POOLED_MAX = 256;

/**
 * Slice for large files, and how many a worker uses at a time, so that slow readers cannot occupy all memory. Larger
 * slices would not fit in the processor's cache until they are sent.
 */
const LARGE_BYTES = 256 * 1024;
const LARGE_LENT_MAX = 32;

type CopyPlan = Extract<Plan, { kind: "copy" }>;
type PiecesPlan = Extract<Plan, { kind: "pieces" }>;
type StreamPlan = Extract<Plan, { kind: "stream" }>;

/** A buffer, and the last view of it that was sent, for reuse, because making one takes longer than a small copy. */
interface Buffer {
  readonly bytes: Uint8Array<ArrayBuffer>;
  held: Uint8Array<ArrayBuffer>;
}

function newBuffer(): Buffer {
  const bytes = new Uint8Array(OUTBOX_BYTES);
  return { bytes, held: bytes };
}

/** Unused buffers. A connection has one only while it has bytes to send, so that idle connections cost nothing. */
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

  /** A large buffer; `null`: all are in use. */
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
 * A source that failed, with the reason as its `cause`, or that had fewer bytes than promised. The rest of the response
 * is missing, so the connection must close.
 */
export class SourceError extends Error {
  override name = "SourceError";
}

/** The bytes that one connection has to send. Not for concurrent use. */
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

  /** Bytes put in so far, sent or not: the position in the stream to the peer. */
  get position(): number {
    return this.#position;
  }

  /** Bytes that wait in the outbox. */
  get length(): number {
    return this.#length;
  }

  /**
   * Sends a response as planned, with `date` in its head. `null`: all of it is in the outbox and will be sent with the
   * next bytes. Throws `SourceError`, at once or later, and the errors of the connection.
   */
  send(plan: Plan, date: Uint8Array): Promise<void> | null {
    switch (plan.kind) {
      case "copy":
        return this.#copyBlock(plan.block, plan.length, date) ? null : this.#flushAndCopy(plan, date);
      case "in place":
        return this.#sendInPlace(plan.block, date);
      case "pieces":
        return this.#putPiecesNow(plan, date) ? null : this.#putPieces(plan, date);
      case "stream":
        return this.#sendStream(plan);
    }
  }

  async #flushAndCopy({ block, length }: CopyPlan, date: Uint8Array): Promise<void> {
    await this.flush();
    mustFit(this.#copyBlock(block, length, date));
  }

  /** Appends a text: ASCII, and shorter than the outbox. */
  async putText(text: string): Promise<void> {
    if (this.#putTextNow(text)) return;
    await this.flush();
    mustFit(this.#putTextNow(text));
  }

  /** Removes the bytes from `position` on that are still in the outbox. */
  takeBack(position: number): void {
    const count = Math.min(this.#length, this.#position - position);
    this.#advance(-count);
    if (this.#length === 0 && this.#buffer !== null) this.sent();
  }

  /** Sends all bytes in the outbox. Throws if the peer is gone. */
  flush(): Promise<void> {
    return this.#connection.send(this);
  }

  /** Returns the same view until its length changes, because making one costs more than copying a small response. */
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

  /** Appends the first `length` bytes of a block with the date; `false`: they do not fit, and nothing was done. */
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
    // Others are sending it with another date, so this peer gets a copy of the head.
    mustFit(this.#copyBlock(block, block.headLength, date));
    await this.#put(block.bytes.subarray(block.headLength));
  }

  /** Appends head and content if both fit; `false`: they do not fit, and nothing was done. */
  #putPiecesNow({ head, pieces, length }: PiecesPlan, date: Uint8Array): boolean {
    if (lengthOf(head) + length > OUTBOX_BYTES - this.#length) return false;
    this.#putHeadNow(head, date);
    const end = this.#position + length;
    for (const piece of pieces) this.#putNow(piece);
    if (this.#position !== end) checkLength(pieces, length);
    return true;
  }

  #putHeadNow(head: Head, date: Uint8Array): boolean {
    if (typeof head === "string") return this.#putTextNow(head);
    return head instanceof Block ? this.#copyBlock(head, head.headLength, date) : this.#putPartHead(head, date);
  }

  #putPartHead({ template, range }: NumberedHead, date: Uint8Array): boolean {
    const length = template.lengthFor(range);
    if (length > OUTBOX_BYTES - this.#length) return false;
    const { bytes } = this.#buffer ??= this.#pool.take();
    template.write(range, date, bytes, this.#length);
    this.#advance(length);
    return true;
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
    // The first part is sent together with the bytes in the outbox, the rest without a copy.
    const fitting = piece.subarray(0, OUTBOX_BYTES - this.#length);
    this.#free().set(fitting);
    this.#advance(fitting.length);
    if (fitting.length === piece.length) return;
    await this.flush();
    const rest = piece.subarray(fitting.length);
    if (rest.length > COPIED_BYTES_MAX) return await this.#write(rest);
    await this.#put(rest);
  }

  /** Sends each chunk before it requests the next, so that a slow peer slows the source down and fills no memory. */
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

  /** The next chunk of a source; `null`: its end. Throws when the connection closes, without waiting for a chunk. */
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

  /** Sends bytes without a copy, after all bytes in the outbox. */
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

  /** Sends whole large slices while a buffer is free. Returns the position after them. */
  async #copyLarge(source: Source, position: number, end: number): Promise<number> {
    const buffer = this.#pool.takeLarge();
    if (buffer === null) return position;
    let at = position;
    try {
      while (end - at > LARGE_BYTES) { // The rest is for the outbox, so that the last slice shares a write.
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

/** Throws, because without its head the content would look like the answer to the next request. */
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
  throw new SourceError("the file became shorter");
}

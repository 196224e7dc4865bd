/**
 * Collects frames to send, so that many share a write.
 * Knows bytes; not when they are sent.
 * @module
 */

import type { Outgoing } from "../../net/conversation.ts";
import { type BufferPool, OUTBOX_BYTES } from "../h1/outbox.ts";
import { FRAME_HEADER_BYTES, writeFrameHeader } from "./frames.ts";

const NO_BYTES = new Uint8Array(0);

/** The frames that one connection has to send. It has a buffer only while it holds bytes. */
export class FrameBuffer implements Outgoing {
  readonly #pool: BufferPool;
  #buffer: ReturnType<BufferPool["take"]> | null = null;
  #length = 0;
  /** Bytes that are being sent. Others may be appended meanwhile. */
  #heldBytes = 0;

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /** Bytes that wait to be sent. */
  get length(): number {
    return this.#length;
  }

  /** Bytes that still fit. */
  get free(): number {
    return OUTBOX_BYTES - this.#length;
  }

  /** The buffer, whose free part begins at `length`. */
  get bytes(): Uint8Array {
    return (this.#buffer ??= this.#pool.take()).bytes;
  }

  /** Appends a whole frame, or several. They must fit. */
  put(frames: Uint8Array): void {
    this.bytes.set(frames, this.#length);
    this.#length += frames.length;
  }

  /** Appends the header of a frame whose payload is already in `bytes`, after the space for the header. */
  putAround(length: number, type: number, flags: number, stream: number): void {
    writeFrameHeader(this.bytes, this.#length, length, type, flags, stream);
    this.#length += FRAME_HEADER_BYTES + length;
  }

  held(): Uint8Array {
    const buffer = this.#buffer;
    if (buffer === null) return NO_BYTES;
    this.#heldBytes = this.#length;
    if (buffer.held.length !== this.#length) buffer.held = buffer.bytes.subarray(0, this.#length);
    return buffer.held;
  }

  sent(): void {
    if (this.#buffer === null) return;
    this.#length -= this.#heldBytes;
    if (this.#length > 0) return void this.#buffer.bytes.copyWithin(0, this.#heldBytes, this.#heldBytes + this.#length);
    this.#pool.give(this.#buffer);
    this.#buffer = null;
  }
}

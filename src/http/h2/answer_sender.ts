/**
 * Sends answers as frames (RFC 9113, section 8.1): HEADERS, then DATA within the windows of stream and connection.
 * Knows responses, streams and the buffer; not connections or handlers.
 * @module
 */

import { SourceError } from "../h1/outbox.ts";
import { checkLength, type KnownContent, type Piece, type Response, type Source } from "../response.ts";
import type { FrameBuffer } from "./frame_buffer.ts";
import { Flag, FRAME_HEADER_BYTES, FrameType } from "./frames.ts";
import type { ResponseBlock } from "./response_block.ts";
import { Scheduler } from "./scheduler.ts";
import type { ConnectionState } from "./state.ts";
import type { Stream } from "./stream.ts";

/**
 * The smallest DATA frame that is worth its header, if it is not the last one: otherwise a frame waits for more room in
 * the buffer. The window may still make it smaller.
 */
const DATA_BYTES_MIN = 1024;

const TABLE_UPDATE_TO_0 = 0x20;

/** What became of an attempt to send. */
export type Sent = "all" | "some" | "no room";

/** Sends the answers of one connection. */
export class AnswerSender {
  readonly #out: FrameBuffer;
  readonly #state: ConnectionState;
  readonly #scheduler = new Scheduler();

  constructor(out: FrameBuffer, state: ConnectionState) {
    this.#out = out;
    this.#state = state;
  }

  /** Whether a stream that has content to send may send some of it now. An empty last frame needs no window. */
  readonly maySend = (stream: Stream): boolean =>
    stream.sending!.left === 0 || stream.sendWindow > 0 && this.#state.sendWindow > 0;

  /** Whether a stream waits for the peer to open a window. */
  get isBlocked(): boolean {
    return this.#scheduler.streams.some((stream) => stream.sending!.left > 0);
  }

  /** The streams that have content to send. */
  get streams(): readonly Stream[] {
    return this.#scheduler.streams;
  }

  /** Puts HEADERS into the buffer; `false`: they do not fit. Without content they end the stream. */
  putHeaders(stream: Stream, block: ResponseBlock, date: Uint8Array, isLast: boolean): boolean {
    const { frameBytesMax, owesTableUpdate } = this.#state.settings;
    const { bytes, dateAt } = owesTableUpdate ? withTableUpdate(block) : block;
    const frames = Math.max(1, Math.ceil(bytes.length / frameBytesMax));
    if (this.#out.free < bytes.length + frames * FRAME_HEADER_BYTES) return false;
    if (owesTableUpdate) this.#state.settings.noteTableUpdate();
    const flags = isLast ? Flag.END_STREAM : 0;
    if (frames === 1) {
      const at = this.#out.length + FRAME_HEADER_BYTES;
      this.#out.bytes.set(bytes, at);
      this.#out.bytes.set(date, at + dateAt);
      this.#out.putAround(bytes.length, FrameType.HEADERS, flags | Flag.END_HEADERS, stream.id);
      return true;
    }
    const dated = bytes.slice();
    dated.set(date, dateAt);
    for (let first = 0; first < dated.length; first += frameBytesMax) {
      const fragment = dated.subarray(first, first + frameBytesMax);
      const type = first === 0 ? FrameType.HEADERS : FrameType.CONTINUATION;
      const end = first + frameBytesMax >= dated.length ? Flag.END_HEADERS : 0;
      this.#out.bytes.set(fragment, this.#out.length + FRAME_HEADER_BYTES);
      this.#out.putAround(fragment.length, type, (first === 0 ? flags : 0) | end, stream.id);
    }
    return true;
  }

  /** Begins to send content of known length. Throws `RangeError` if the pieces have another length. */
  begin(stream: Stream, response: Response, { pieces, length }: KnownContent): void {
    checkLength(pieces, length);
    stream.sending = { response, pieces, piece: 0, offset: 0, left: length, isLast: true };
    this.#scheduler.add(stream);
  }

  /** Begins to send content of unknown length, of which nothing is there yet. */
  beginStreamed(stream: Stream, response: Response): void {
    stream.sending = { response, pieces: [], piece: 0, offset: 0, left: 0, isLast: false };
  }

  /** Adds the next chunk of content of unknown length; `null`: its end. */
  addChunk(stream: Stream, chunk: Uint8Array | null): void {
    const { response } = stream.sending!;
    const pieces = chunk === null ? [] : [chunk];
    stream.sending = { response, pieces, piece: 0, offset: 0, left: chunk?.length ?? 0, isLast: chunk === null };
    this.#scheduler.add(stream);
  }

  /** Forgets a stream. */
  delete(stream: Stream): void {
    this.#scheduler.delete(stream);
  }

  /** The stream to be served next; `null`: none has content and open windows. */
  next(): Stream | null {
    return this.#scheduler.streams.length === 0 ? null : this.#scheduler.next(this.maySend);
  }

  /**
   * Puts one DATA frame of the stream into the buffer. `all`: all of the content was put, and the stream was forgotten.
   * Throws `SourceError`.
   */
  send(stream: Stream): Sent {
    const sending = stream.sending!;
    const room = this.#out.free - FRAME_HEADER_BYTES;
    const windows = Math.min(stream.sendWindow, this.#state.sendWindow);
    const wanted = Math.min(sending.left, Math.max(0, windows), this.#state.settings.frameBytesMax);
    if (room < Math.min(wanted, DATA_BYTES_MIN)) return "no room";
    const count = this.#read(sending, Math.min(wanted, room));
    const isLast = sending.isLast && sending.left === 0;
    if (count > 0 || isLast) {
      this.#out.putAround(count, FrameType.DATA, isLast ? Flag.END_STREAM : 0, stream.id);
    }
    this.#state.sendWindow -= count;
    stream.advance(count);
    if (sending.left > 0) return "some";
    this.#scheduler.delete(stream);
    return "all";
  }

  /** Copies `count` bytes of the pieces behind the space for a frame header. */
  #read(sending: NonNullable<Stream["sending"]>, count: number): number {
    const first = this.#out.length + FRAME_HEADER_BYTES;
    for (let done = 0; done < count;) {
      const piece = sending.pieces[sending.piece]!;
      const part = Math.min(count - done, piece.length - sending.offset);
      copyPart(piece, sending.offset, part, this.#out.bytes, first + done);
      sending.offset += part;
      sending.left -= part;
      done += part;
      if (sending.offset < piece.length) continue;
      sending.piece++;
      sending.offset = 0;
    }
    return count;
  }
}

/** The block behind an update of the table's size to 0 (RFC 7541, section 6.3). */
function withTableUpdate({ bytes, dateAt }: ResponseBlock): ResponseBlock {
  const updated = new Uint8Array(1 + bytes.length);
  updated[0] = TABLE_UPDATE_TO_0;
  updated.set(bytes, 1);
  return { bytes: updated, dateAt: dateAt + 1 };
}

/** Copies `count` bytes of a piece to `into[at ..]`. Makes no view of a small piece, because that costs more than the copy. */
function copyPart(piece: Piece, offset: number, count: number, into: Uint8Array, at: number): void {
  if (piece instanceof Uint8Array) {
    return into.set(count === piece.length ? piece : piece.subarray(offset, offset + count), at);
  }
  for (let done = 0; done < count;) {
    done += readFrom(piece.source, piece.position + offset + done, into.subarray(at + done, at + count));
  }
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

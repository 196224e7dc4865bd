/**
 * One stream: a request, and the answer to it, as far as they have come.
 * Knows counts and values; not frames or connections.
 * @module
 */

import { SendDeadline, type SendingRate } from "../../net/send_deadline.ts";
import type { RequestHead } from "../h1/head.ts";
import type { Request } from "../request.ts";
import type { Piece, Response } from "../response.ts";
import type { Refusal } from "../status.ts";
import { NO_PRIORITY, type Priority } from "./priority.ts";
import { ReceiveWindow } from "./receive_window.ts";

/** The content of an answer that is being sent: pieces of known length, or one chunk of a stream. */
export interface Sending {
  readonly response: Response;
  /** Pieces of the content, or the current chunk. */
  readonly pieces: readonly Piece[];
  /** Index of the current piece, and the number of its bytes that were sent. */
  piece: number;
  offset: number;
  /** Bytes of the pieces that are left. */
  left: number;
  /** Whether these pieces are the end of the content. */
  readonly isLast: boolean;
}

/** A stream that is open, or half-closed (RFC 9113, section 5.1). Closed and idle ones are no objects. */
export class Stream {
  readonly id: number;
  /** The request's head; `null` before the section is complete and after the answer. */
  head: RequestHead | null = null;
  /** Why the request is refused, if it is. */
  refusal: Refusal | null = null;
  /** Whether the peer has ended its side. */
  isRemoteClosed = false;
  /** Whether the request was passed on, so that its answer is being made or sent. */
  isAnswering = false;
  /** The stream is over. Pending work for it must stop. */
  isOver = false;
  /** Content-Length; -1: none. */
  declaredBytes = -1;
  /** Content received so far. */
  contentBytes = 0;
  /** Content that we may send. Negative after the peer has made its initial window smaller (6.9.2). */
  sendWindow: number;
  priority: Priority = NO_PRIORITY;
  /** For the scheduler: when it was served last, counted in frames. */
  servedAt = 0;
  /** The content that is being sent; `null`: the answer has not begun. */
  sending: Sending | null = null;
  /** Whether the answer does not wait for the content. */
  isContentDeclined = false;
  /** The request, and the answer, once they are known. */
  request: Request | null = null;
  response: Response | null = null;
  /** Why the request was refused, for the log. */
  problem: string | null = null;
  /** Asks for the next chunk, and ends the source of the chunks, of content of unknown length. */
  requestChunk: (() => void) | null = null;
  cancel: (() => void) | null = null;
  /** Content sent so far. */
  sentBytes = 0;
  /** Whether it waits for the peer to open a window. */
  isBlocked = false;
  /** When the request was complete. */
  startMs = 0;
  readonly #rate: SendingRate;
  /** Made when they are first needed, because most streams have no content and never wait. */
  #window: ReceiveWindow | null = null;
  #deadline: SendDeadline | null = null;

  constructor(id: number, sendWindow: number, rate: SendingRate) {
    this.id = id;
    this.sendWindow = sendWindow;
    this.#rate = rate;
  }

  /** Content that the peer may send. */
  get window(): ReceiveWindow {
    return this.#window ??= new ReceiveWindow();
  }

  /** Notes that content cannot be sent because a window is closed. The time before is not the peer's. */
  block(nowMs: number): void {
    this.#deadline ??= new SendDeadline(this.#rate);
    if (!this.isBlocked) this.#deadline.moveUpTo(nowMs);
    this.isBlocked = true;
  }

  /** Notes that `count` bytes of content were sent. */
  advance(count: number): void {
    this.isBlocked = false;
    this.sendWindow -= count;
    this.sentBytes += count;
    this.#deadline?.extend(count);
  }

  /** Whether the peer keeps its windows closed for too long. Only for a stream that is blocked. */
  isTooSlow(nowMs: number): boolean {
    return this.#deadline?.isMissed(nowMs) ?? false;
  }
}

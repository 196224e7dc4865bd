/**
 * A response as one block of bytes: head, content, and a position for the date. A response that is used several times
 * keeps its blocks, so that answering from memory only copies one, or sends it without a copy.
 * Knows responses; not connections.
 * @module
 */

import type { ConnectionOption } from "./persistence.ts";
import { PartHead } from "./part_head.ts";
import { checkLength, type KnownResponse, type Piece } from "../response.ts";
import type { HeadWriter } from "./head_writer.ts";
import { isWithoutContent } from "../status.ts";
import { latin1Bytes } from "../syntax.ts";

/** Larger blocks are sent without a copy, because copying them would cost more than another write. */
export const COPIED_BLOCK_BYTES_MAX = 16 * 1024;

/** An encoded response, or its head only. */
export class Block {
  /** The head, and the content if it is in memory and not too large to copy. */
  readonly bytes: Uint8Array;
  readonly headLength: number;
  /** Offset of the Date field's value. */
  readonly dateAt: number;
  /** Whether `bytes` contains the content. */
  readonly hasContent: boolean;
  #date: Uint8Array | null = null;
  #senders = 0;

  /** `head` has a Date field. `takesContent`: the block may contain the content too. */
  constructor({ content, status }: KnownResponse, head: string, takesContent: boolean) {
    const { pieces } = content;
    checkLength(pieces, content.length);
    const isTaken = takesContent && !isWithoutContent(status) && pieces.every((piece) => piece instanceof Uint8Array);
    const headSpace = isTaken && pieces.length === 1 ? content.headSpace?.claim(head.length) ?? null : null;
    this.hasContent = isTaken && (headSpace !== null || head.length + content.length <= COPIED_BLOCK_BYTES_MAX);
    this.bytes = headSpace ?? new Uint8Array(head.length + (this.hasContent ? content.length : 0));
    this.bytes.set(latin1Bytes(head));
    this.headLength = head.length;
    this.dateAt = head.indexOf("\r\nDate: ") + "\r\nDate: ".length;
    let at = head.length;
    for (const piece of this.hasContent && headSpace === null ? pieces : []) {
      this.bytes.set(inMemory(piece), at);
      at += piece.length;
    }
  }

  /**
   * Sends the block without a copy, with the date `date`. `null`: another connection is sending it with another date,
   * which must not change during the write.
   */
  send(date: Uint8Array, write: (bytes: Uint8Array) => Promise<void>): Promise<void> | null {
    if (this.#date !== date) {
      if (this.#senders > 0) return null;
      this.bytes.set(date, this.dateAt);
      this.#date = date;
    }
    this.#senders++;
    return write(this.bytes).finally(() => void this.#senders--);
  }
}

/**
 * The encoded form of a shared response for `option`, made by `heads` on first use. `nowMs` is on the monotonic clock.
 * `null`: the response is not shared. Another server in the process has another name and its own forms. Only the block
 * without a Connection field, for persistent HTTP/1.1 connections, contains the content, because the others are too rare
 * to be worth the memory.
 */
export function formOf(
  response: KnownResponse,
  heads: HeadWriter,
  option: ConnectionOption,
  nowMs: number,
): Block | PartHead | null {
  const { encoded } = response;
  if (encoded === undefined) return null;
  if (encoded.by !== heads) {
    encoded.by = heads;
    encoded.plain = encoded.close = encoded.keepAlive = null;
  }
  const kind = option === null ? "plain" : option === "close" ? "close" : "keepAlive";
  return (encoded[kind] ??= makeForm(response, heads, option, nowMs)) as Block | PartHead;
}

function makeForm(
  response: KnownResponse,
  heads: HeadWriter,
  option: ConnectionOption,
  nowMs: number,
): Block | PartHead {
  const head = heads.write(response, option, nowMs);
  return response.contentRange === undefined ? new Block(response, head, option === null) : new PartHead(head);
}

function inMemory(piece: Piece): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  throw new TypeError("The content of a block must be in memory");
}

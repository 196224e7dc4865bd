/**
 * Shared responses as blocks of bytes: head and content in one piece, with a place for the date. What is left of answering
 * from memory is then to copy one block, or to send it as it is.
 * @module
 */

import type { ConnectionOption } from "./persistence.ts";
import type { Content, Piece, Response } from "./response.ts";
import { latin1Bytes } from "./syntax.ts";

/** Larger blocks are sent from where they are: to copy them would cost more than another write. */
export const COPIED_BLOCK_BYTES_MAX = 16 * 1024;

/** An encoded response, or its head alone. */
export class Block {
  /** Head, and the content unless it is too large to be copied here, is not in memory, or there is none. */
  readonly bytes: Uint8Array;
  readonly headLength: number;
  /** Where the Date field's value stands. */
  readonly dateAt: number;
  /** Whether `bytes` holds the content. */
  readonly hasContent: boolean;
  #date: Uint8Array | null = null;
  #senders = 0;

  /** `head` holds a date; `takesContent`: not only that. */
  constructor({ content, status }: Response, head: string, takesContent = true) {
    const isTaken = takesContent && status !== 304 && content.pieces.every((piece) => piece instanceof Uint8Array);
    const isInPlace = isTaken && content.pieces.length === 1 && (content.room ?? 0) >= head.length &&
      !taken.has(content);
    if (isInPlace) taken.add(content);
    this.hasContent = isTaken && (isInPlace || head.length + content.length <= COPIED_BLOCK_BYTES_MAX);
    this.bytes = isInPlace
      ? inFrontOf(content.pieces[0], head.length)
      : new Uint8Array(head.length + (this.hasContent ? content.length : 0));
    this.bytes.set(latin1Bytes(head));
    this.headLength = head.length;
    this.dateAt = head.indexOf("\r\nDate: ") + "\r\nDate: ".length;
    let at = head.length;
    for (const piece of this.hasContent && !isInPlace ? content.pieces : []) {
      this.bytes.set(inMemory(piece), at);
      at += piece.length;
    }
  }

  /**
   * Sends the block itself, dated `date`; `null` when others are sending it with another date, which must not change under
   * them.
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

/** Contents whose room holds a head: another server in this process may answer with the same, and have another name. */
const taken = new WeakSet<Content>();

/**
 * Blocks of the shared responses that still exist. Only those that say nothing of the connection are worth the memory for
 * their content: HTTP/1.1 on connections that persist.
 */
export class Blocks {
  readonly #blocks = new WeakMap<Response, Block>();
  readonly #closing = new WeakMap<Response, Block>();
  readonly #persisting = new WeakMap<Response, Block>();

  /** The block of a shared response, if it was made. */
  of(response: Response, option: ConnectionOption): Block | undefined {
    return this.#with(option).get(response);
  }

  /** Makes the block of a shared response from its head, which holds a date. */
  add(response: Response, option: ConnectionOption, head: string): Block {
    const block = new Block(response, head, option === null);
    this.#with(option).set(response, block);
    return block;
  }

  #with(option: ConnectionOption): WeakMap<Response, Block> {
    if (option === null) return this.#blocks;
    return option === "close" ? this.#closing : this.#persisting;
  }
}

/** `piece` and the `length` bytes in front of it. */
function inFrontOf(piece: Piece | undefined, length: number): Uint8Array {
  const { buffer, byteOffset, length: contentLength } = inMemory(piece);
  return new Uint8Array(buffer, byteOffset - length, length + contentLength);
}

function inMemory(piece: Piece | undefined): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  throw new TypeError("The content of a block is in memory");
}

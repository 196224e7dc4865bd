/**
 * Shared responses as blocks of bytes: head and small content in one piece, with a place for the date. What is left of
 * answering from memory is then to copy one block.
 * @module
 */

import type { Response } from "./response.ts";
import { latin1Bytes } from "./syntax.ts";

/** Larger content is sent from where it is: to copy it would cost more than another write. */
const CONTENT_BYTES_MAX = 16 * 1024;

/** An encoded response for HTTP/1.1 connections that persist. */
export interface Block {
  /** Head, and the content where it is small. */
  readonly bytes: Uint8Array;
  readonly headLength: number;
  /** Where the Date field's value stands. */
  readonly dateAt: number;
  /** Whether `bytes` holds the content. */
  readonly hasContent: boolean;
}

/** Blocks of the responses that still exist. */
export class Blocks {
  readonly #blocks = new WeakMap<Response, Block>();

  /** The block of a shared response, if it was made. */
  of(response: Response): Block | undefined {
    return this.#blocks.get(response);
  }

  /** Makes the block of a shared response from its head, which holds a date. */
  add(response: Response, head: string): Block {
    const block = makeBlock(response, head);
    this.#blocks.set(response, block);
    return block;
  }
}

function makeBlock({ content, status }: Response, head: string): Block {
  const hasContent = content.length <= CONTENT_BYTES_MAX && status !== 304;
  const bytes = new Uint8Array(head.length + (hasContent ? content.length : 0));
  bytes.set(latin1Bytes(head));
  let at = head.length;
  for (const piece of hasContent ? content.pieces : []) {
    if (!(piece instanceof Uint8Array)) throw new TypeError("The content of a shared response is in memory");
    bytes.set(piece, at);
    at += piece.length;
  }
  return { bytes, headLength: head.length, dateAt: head.indexOf("\r\nDate: ") + "\r\nDate: ".length, hasContent };
}

/**
 * Decides how a response is sent. Pure: reads no file and writes to no connection.
 * @module
 */

import { Block, COPIED_BLOCK_BYTES_MAX, formOf } from "./block.ts";
import type { ConnectionOption } from "./persistence.ts";
import type { KnownContent, KnownResponse, Piece, Response, StreamedContent } from "../response.ts";
import type { HeadWriter } from "./head_writer.ts";
import type { NumberedHead } from "./part_head.ts";

/** A head alone: that of a block, that of a part of a representation, or a text of its own, in ASCII. */
export type Head = Block | NumberedHead | string;

/**
 * `copy`: the first `length` bytes of a block are copied into the outbox. `in place`: the block, head and content, is
 * sent without a copy. `pieces`: the head is put into the outbox, then each piece of the content. `stream`: the head is
 * put there, then each chunk when it is made.
 */
export type Plan =
  | { readonly kind: "copy"; readonly block: Block; readonly length: number }
  | { readonly kind: "in place"; readonly block: Block }
  | {
    readonly kind: "pieces";
    readonly head: Head;
    readonly pieces: readonly Piece[];
    readonly length: number;
  }
  | {
    readonly kind: "stream";
    readonly head: string;
    readonly chunks: AsyncIterable<Uint8Array>;
    readonly isChunked: boolean;
  };

/** The properties of a request and its connection that matter for sending. */
export interface Sending {
  /** Whether content follows the head, see `hasContent`. */
  readonly sendsContent: boolean;
  /** Value of the Connection field. */
  readonly option: ConnectionOption;
  /** Whether the client supports chunked. If not, content of unknown length ends the connection (RFC 9112, 6.3). */
  readonly readsChunks: boolean;
  /** Time on the monotonic clock, for the date of a head that is written for this response only. */
  readonly nowMs: number;
}

type StreamedResponse = Response & { readonly content: StreamedContent };

const NO_PIECES: readonly Piece[] = [];

/** Decides how to send `response` with the heads that `heads` writes. */
export function planResponse(response: Response, heads: HeadWriter, sending: Sending): Plan {
  if (!isKnown(response)) return planStream(response as StreamedResponse, heads, sending);
  const { content } = response;
  const { sendsContent, option, nowMs } = sending;
  const form = heads.isLasting(response, nowMs) ? formOf(response, heads, option, nowMs) : null;
  if (!(form instanceof Block)) {
    const range = response.contentRange;
    const isPart = form !== null && range !== undefined;
    const head = isPart ? { template: form, range } : heads.write(response, option, nowMs);
    return sendsContent ? piecesPlan(head, content) : headAlone(head);
  }
  if (!sendsContent) return { kind: "copy", block: form, length: form.headLength };
  if (!form.hasContent) return piecesPlan(form, content);
  if (form.bytes.length > COPIED_BLOCK_BYTES_MAX) return { kind: "in place", block: form };
  return { kind: "copy", block: form, length: form.bytes.length };
}

function isKnown(response: Response): response is KnownResponse {
  return response.content.kind === "known";
}

function planStream(
  response: StreamedResponse,
  heads: HeadWriter,
  { sendsContent, option, readsChunks: isChunked, nowMs }: Sending,
): Plan {
  const head = heads.write(response, option, nowMs, isChunked);
  return sendsContent ? { kind: "stream", head, chunks: response.content.chunks, isChunked } : headAlone(head);
}

/** Asks for the pieces only here, because they may be made for each call. */
function piecesPlan(head: Head, { pieces, length }: KnownContent): Plan {
  return { kind: "pieces", head, pieces, length };
}

function headAlone(head: Head): Plan {
  return { kind: "pieces", head, pieces: NO_PIECES, length: 0 };
}

/** Length of the head of a planned response in bytes. */
export function headLengthOf(plan: Plan): number {
  return lengthOf("block" in plan ? plan.block : plan.head);
}

/** Bytes of a head. */
export function lengthOf(head: Head): number {
  if (typeof head === "string") return head.length;
  return head instanceof Block ? head.headLength : head.template.lengthFor(head.range);
}

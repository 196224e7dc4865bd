/**
 * How a response is sent: one decision, taken here and nowhere else. Pure: reads no file and writes to no connection.
 * @module
 */

import { type Block, blocksOf, COPIED_BLOCK_BYTES_MAX } from "./block.ts";
import type { ConnectionOption } from "./persistence.ts";
import type { Piece, Response } from "./response.ts";
import type { HeadWriter } from "./response_head.ts";

/**
 * `copy`: the first `length` bytes of a block go into the outbox. `in place`: the block, head and content, is sent from where it
 * is. `pieces`: the head goes into the outbox, then piece by piece the content.
 */
export type Plan =
  | { readonly kind: "copy"; readonly block: Block; readonly length: number }
  | { readonly kind: "in place"; readonly block: Block }
  | {
    readonly kind: "pieces";
    readonly head: Block | string;
    readonly pieces: readonly Piece[];
    readonly length: number;
  };

/** What the request and its connection say about sending the response. */
export interface Sending {
  /** Whether content follows the head: see `hasContent`. */
  readonly sendsContent: boolean;
  /** Value of the Connection field. */
  readonly option: ConnectionOption;
  /** The monotonic clock, for the date of a head that is written for this response alone. */
  readonly nowMs: number;
}

const NO_PIECES: readonly Piece[] = [];

/** How to send `response`, whose heads `heads` writes. */
export function planResponse(response: Response, heads: HeadWriter, { sendsContent, option, nowMs }: Sending): Plan {
  const { pieces, length } = response.content;
  const block = heads.isLasting(response, nowMs) ? blocksOf(response, heads)?.of(option, nowMs) ?? null : null;
  if (block === null) {
    const head = heads.write(response, option, nowMs);
    return sendsContent
      ? { kind: "pieces", head, pieces, length }
      : { kind: "pieces", head, pieces: NO_PIECES, length: 0 };
  }
  if (!sendsContent) return { kind: "copy", block, length: block.headLength };
  if (!block.hasContent) return { kind: "pieces", head: block, pieces, length };
  if (block.bytes.length > COPIED_BLOCK_BYTES_MAX) return { kind: "in place", block };
  return { kind: "copy", block, length: block.bytes.length };
}

/** Bytes of the head. Heads are ASCII. */
export function headLengthOf(plan: Plan): number {
  if (plan.kind !== "pieces") return plan.block.headLength;
  return typeof plan.head === "string" ? plan.head.length : plan.head.headLength;
}

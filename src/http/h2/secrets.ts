/**
 * Hides the values of secret fields in the bytes that a client has sent, for captures. Lengths stay the same, and the
 * bytes can still be decoded.
 * Knows frames and blocks; not what a capture looks like.
 * @module
 */

import { concat } from "@std/bytes/concat";
import { latin1 } from "../syntax.ts";
import { Flag, Frame, FRAME_HEADER_BYTES, FrameType, PREFACE, readFrame, removePadding } from "./frames.ts";
import { type FieldSink, HpackDecoder } from "./hpack_decoder.ts";
import { TABLE_BYTES_MAX } from "./limits.ts";

const NO_BYTES = new Uint8Array(0);
const HIDDEN = "x".charCodeAt(0);

/** Bytes of a stream number and a weight, at the beginning of HEADERS with a priority. */
const PRIORITY_BYTES = 5;

/** A part of the held bytes that is a fragment of a block. */
interface Fragment {
  readonly first: number;
  readonly end: number;
}

/** Hides the secrets of one client. Bytes are held until their frame, or their block, is complete. */
export class FrameMasker {
  readonly #isSecret: (name: string) => boolean;
  readonly #decoder = new HpackDecoder(TABLE_BYTES_MAX);
  readonly #frame = new Frame();
  #held: Uint8Array = NO_BYTES;
  #isBroken = false;

  /** `isSecret` is called with the names of fields, in lower case. */
  constructor(isSecret: (name: string) => boolean) {
    this.#isSecret = isSecret;
  }

  /** Whether bytes begin with the preface of HTTP/2. */
  static isPreface(bytes: Uint8Array): boolean {
    return bytes.length >= PREFACE.length && PREFACE.every((octet, at) => bytes[at] === octet);
  }

  /** Returns the bytes that are known to show no secret: those of this chunk, and earlier ones that were held. */
  mask(chunk: Uint8Array): Uint8Array {
    if (this.#isBroken) return chunk.slice().fill(HIDDEN);
    const bytes = concat([this.#held, chunk]);
    let at = 0;
    for (let end = this.#unitEnd(bytes, at); end > at; end = this.#unitEnd(bytes, at)) at = end;
    this.#held = bytes.slice(at);
    if (this.#isBroken) this.#held = NO_BYTES;
    return this.#isBroken ? concat([bytes.subarray(0, at), bytes.slice(at).fill(HIDDEN)]) : bytes.subarray(0, at);
  }

  /** The end of the frame at `first`, or of the block that begins there, whose secrets are hidden; `first`: incomplete. */
  #unitEnd(bytes: Uint8Array, first: number): number {
    const fragments: Fragment[] = [];
    for (let at = first;;) {
      const read = readFrame(this.#frame, bytes, at, bytes.length);
      if (read !== "complete") {
        this.#isBroken = read !== "partial";
        return first;
      }
      at += FRAME_HEADER_BYTES + this.#frame.length;
      if (!this.#addFragment(fragments)) return at;
      if (!this.#frame.has(Flag.END_HEADERS)) continue;
      this.#hide(bytes, fragments);
      return this.#isBroken ? first : at;
    }
  }

  /** Adds the fragment in the current frame; `false`: it has none. */
  #addFragment(fragments: Fragment[]): boolean {
    const frame = this.#frame;
    const isFirst = frame.type === FrameType.HEADERS;
    if (!isFirst && frame.type !== FrameType.CONTINUATION) return false;
    if (isFirst && removePadding(frame) && frame.has(Flag.PRIORITY)) frame.first += PRIORITY_BYTES;
    fragments.push({ first: Math.min(frame.first, frame.end), end: frame.end });
    return true;
  }

  #hide(bytes: Uint8Array, fragments: readonly Fragment[]): void {
    const block = concat(fragments.map(({ first, end }) => bytes.subarray(first, end)));
    const hider = new Hider(block, this.#isSecret);
    this.#isBroken = this.#decoder.decode(block, 0, block.length, hider) !== null;
    let at = 0;
    for (const { first, end } of fragments) {
      bytes.set(block.subarray(at, at + end - first), first);
      at += end - first;
    }
  }
}

/** Overwrites secret values in a block while it is decoded. */
class Hider implements FieldSink {
  readonly #block: Uint8Array;
  readonly #isSecret: (name: string) => boolean;

  constructor(block: Uint8Array, isSecret: (name: string) => boolean) {
    this.#block = block;
    this.#isSecret = isSecret;
  }

  field(): void {}

  literal(name: Uint8Array, lengthAt: number, first: number, end: number): void {
    if (!this.#isSecret(latin1(name, 0, name.length))) return;
    this.#block[lengthAt]! &= 0x7f; // The value is not in Huffman's code any more.
    this.#block.fill(HIDDEN, first, end);
  }
}

/**
 * The frames of a request: HEADERS whose block is cut anywhere, with and without padding and an old priority, and DATA.
 */

import { concat } from "@std/bytes/concat";
import { END_HEADERS, END_STREAM, frame, PADDED, PRIORITY_FLAG } from "../../http2/wire.ts";
import type { Random } from "../random.ts";

/** A server that counts empty frames and CONTINUATION must not find these too many. */
const FRAGMENTS_MAX = 4;
const PAYLOAD_MAX = 16_384;

/** HEADERS and CONTINUATION frames with this block. */
export function framesOfHeaders(id: number, block: Uint8Array, isLast: boolean, random: Random): Uint8Array {
  const fragments = cut(block, random);
  return concat(fragments.map((fragment, index) => {
    const end = index === fragments.length - 1 ? END_HEADERS : 0;
    if (index > 0) return frame("CONTINUATION", end, id, fragment);
    const flags = end | (isLast ? END_STREAM : 0);
    if (fragment.length > PAYLOAD_MAX - 300 || random.chance(0.7)) return frame("HEADERS", flags, id, fragment);
    return decorated(id, flags, fragment, random);
  }));
}

/** HEADERS with padding, a priority, or both. */
function decorated(id: number, flags: number, fragment: Uint8Array, random: Random): Uint8Array {
  const padding = random.chance(0.5) ? random.integer(0, 255) : -1;
  const before = padding < 0 ? [] : [padding];
  const dependency = random.chance(0.5) ? [0, 0, 0, random.pick([0, 254]), random.integer(0, 255)] : [];
  const after = new Uint8Array(Math.max(0, padding));
  const payload = concat([Uint8Array.from([...before, ...dependency]), fragment, after]);
  const more = (padding < 0 ? 0 : PADDED) | (dependency.length > 0 ? PRIORITY_FLAG : 0);
  return frame("HEADERS", flags | more, id, payload);
}

function cut(block: Uint8Array, random: Random): Uint8Array[] {
  if (block.length <= PAYLOAD_MAX && random.chance(0.8)) return [block];
  const fragments: Uint8Array[] = [];
  let rest = block;
  while (rest.length > PAYLOAD_MAX || (fragments.length < FRAGMENTS_MAX && random.chance(0.6))) {
    const length = Math.min(PAYLOAD_MAX, random.integer(0, rest.length), rest.length);
    const least = rest.length > PAYLOAD_MAX ? PAYLOAD_MAX : length;
    fragments.push(rest.subarray(0, least));
    rest = rest.subarray(least);
  }
  return [...fragments, rest];
}

/** DATA with `bytes` of content, and with padding if `spare` bytes of the windows allow it. */
export function framesOfData(
  id: number,
  bytes: number,
  isLast: boolean,
  spare: number,
  random: Random,
): { readonly frames: Uint8Array; readonly flowBytes: number } {
  const flags = isLast ? END_STREAM : 0;
  const content = new Uint8Array(bytes).fill(0x78);
  if (spare < 256 || random.chance(0.8)) return { frames: frame("DATA", flags, id, content), flowBytes: bytes };
  const padding = random.integer(0, 255);
  const payload = concat([Uint8Array.of(padding), content, new Uint8Array(padding)]);
  return { frames: frame("DATA", flags | PADDED, id, payload), flowBytes: payload.length };
}

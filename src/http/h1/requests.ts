/**
 * Makes a request of a complete head of HTTP/1.1, by the rules of the other files. Pure, except for a cache of parsed
 * targets and hosts.
 * @module
 */

import { concat } from "@std/bytes/concat";
import type { OctetRange } from "../fields.ts";
import { type Framing, framing } from "./framing.ts";
import type { RequestHead } from "./head.ts";
import type { Client, Request, Route } from "../request.ts";
import { isRefusal, type Refusal, refuse } from "../status.ts";
import { listMembers } from "../syntax.ts";
import { parseTarget, requestHost, type Target } from "../target.ts";

/** A request, and where its content ends. */
export interface ParsedRequest extends Request {
  readonly framing: Framing;
}

/** Parses the target, host, framing and expectation of a complete head. `nowMs`: see `Request`. */
export function parseRequest(
  head: RequestHead,
  { peer, isSecure }: Client,
  nowMs: number,
  targetCache: TargetCache,
): ParsedRequest | Refusal {
  const framed = framing(head);
  if (isRefusal(framed)) return framed;
  const parsed = targetCache.parse(head, isSecure);
  if (isRefusal(parsed)) return parsed;
  if (head.has("expect") && !isExpectationKnown(head)) return refuse(417, "an unknown expectation");
  const { target, host } = parsed;
  return {
    method: head.method,
    fields: head,
    target,
    host,
    isSecure,
    peer,
    nowMs,
    route: parsed,
    user: null,
    framing: framed,
  };
}

/** In HTTP/1.0 expectations are ignored (RFC 9110, section 10.1.1). */
function isExpectationKnown(head: RequestHead): boolean {
  return head.minorVersion === 0 ||
    listMembers(head.value("expect") ?? "").every((member) => member.toLowerCase() === "100-continue");
}

/** Whether the client waits for 100 (Continue) before it sends the content. Unknown expectations are refused before. */
export function expectsContinue(head: RequestHead): boolean {
  return head.has("expect") && head.minorVersion === 1 && listMembers(head.value("expect") ?? "").length > 0;
}

/** The parsed target and Host. */
interface ParsedTarget extends Route {
  readonly target: Target;
  readonly host: string;
  /** In the cache: the target and the host that it was parsed from; `null`: they lie in the slot. */
  longKey: Uint8Array | null;
}

/** Longer targets and hosts are not cached. This bounds the memory: some 40 MB for 32,768 entries of this length. */
const BYTES_MAX = 256;

/**
 * Slots searched, from the one that the hash selects. With one slot, a tenth of 10,000 targets would constantly evict
 * each other from 32,768 slots; with eight, nearly none do.
 */
const SLOTS_SEARCHED = 8;

/**
 * Bytes of a slot: the hash and the lengths of target and host, then both. With 10,000 targets, the time is that of the
 * accesses to memory outside the processor's cache, so all that is compared lies together.
 */
const SLOT_BYTES = 128;
const SLOT_INTS = SLOT_BYTES / 4;
const KEY_AT = 8;

/** A cache of `parseTarget` and `requestHost`, because the same targets and hosts recur. Its keys are bytes. */
export class TargetCache {
  readonly #entries: (ParsedTarget | undefined)[];
  /** The slots. The system provides memory only for those that are used. */
  readonly #ints: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #mask: number;

  /** `slots`: the capacity, a power of two. */
  constructor(slots: number) {
    if (!(slots >= 1 && slots <= 2 ** 24 && Number.isInteger(Math.log2(slots)))) {
      throw new RangeError(`Not a power of two: ${slots}`);
    }
    this.#entries = new Array(slots);
    this.#bytes = new Uint8Array(slots * SLOT_BYTES);
    this.#ints = new Int32Array(this.#bytes.buffer);
    this.#mask = slots - 1;
  }

  /** The parsed target and host of the head, or a refusal. */
  parse(head: RequestHead, isSecure = false): ParsedTarget | Refusal {
    const host = head.octets("host");
    const hostLength = host === null ? 0 : host.end - host.first;
    const { bytes, start, targetFirst, targetEnd } = head;
    const targetLength = targetEnd - targetFirst;
    // Only origin-form targets with a Host: for other forms, the result also depends on the method or the version.
    const isCacheable = host !== null && hostLength > 0 && bytes[start + targetFirst] === SLASH &&
      head.method !== "CONNECT" && targetLength <= BYTES_MAX && hostLength <= BYTES_MAX;
    if (!isCacheable) return parse(head, isSecure);
    const targetHash = hashOf(bytes, start + targetFirst, targetLength, FNV_BASIS);
    const hash = hashOf(bytes, host.first, hostLength, targetHash) | 0;
    const lengths = targetLength << 16 | hostLength; // Not 0, as in an empty slot.
    for (let step = 0; step < SLOTS_SEARCHED; step++) {
      const slot = (hash + step) & this.#mask;
      const at = slot * SLOT_INTS;
      if (this.#ints[at] !== hash || this.#ints[at + 1] !== lengths) continue;
      if (this.#isAt(slot, head, targetLength, host)) return this.#entries[slot]!;
    }
    const parsed = parse(head, isSecure);
    return isRefusal(parsed) ? parsed : this.#store(hash, lengths, parsed, head, host);
  }

  /** Whether the slot, which has the same lengths, has the target and host of the head. */
  #isAt(slot: number, head: RequestHead, targetLength: number, host: OctetRange): boolean {
    const isInSlot = targetLength + host.end - host.first <= SLOT_BYTES - KEY_AT;
    const key = isInSlot ? this.#bytes : this.#entries[slot]!.longKey!;
    const at = isInSlot ? slot * SLOT_BYTES + KEY_AT : 0;
    return isSame(key, at, head.bytes, head.start + head.targetFirst, targetLength) &&
      isSame(key, at + targetLength, host.bytes, host.first, host.end - host.first);
  }

  /** Uses the first free slot of those searched. If there is none, it replaces an entry. */
  #store(
    hash: number,
    lengths: number,
    parsed: ParsedTarget,
    { bytes, start, targetFirst, targetEnd }: RequestHead,
    host: OctetRange,
  ): ParsedTarget {
    let step = 0;
    while (step < SLOTS_SEARCHED && this.#entries[(hash + step) & this.#mask] !== undefined) step++;
    // The bits of the hash that do not select the first slot select the entry to replace.
    const slot = (hash + (step < SLOTS_SEARCHED ? step : hash >>> 16 & SLOTS_SEARCHED - 1)) & this.#mask;
    const target = bytes.subarray(start + targetFirst, start + targetEnd);
    const key = concat([target, host.bytes.subarray(host.first, host.end)]);
    const isInSlot = key.length <= SLOT_BYTES - KEY_AT;
    if (isInSlot) this.#bytes.set(key, slot * SLOT_BYTES + KEY_AT);
    this.#ints[slot * SLOT_INTS] = hash;
    this.#ints[slot * SLOT_INTS + 1] = lengths;
    if (!isInSlot) parsed.longKey = key;
    return this.#entries[slot] = parsed;
  }
}

/** Whether `length` bytes are the same in two arrays. */
function isSame(one: Uint8Array, oneFirst: number, other: Uint8Array, otherFirst: number, length: number): boolean {
  for (let at = 0; at < length; at++) if (one[oneFirst + at] !== other[otherFirst + at]) return false;
  return true;
}

const SLASH = "/".charCodeAt(0);

/** FNV-1a, 32 bits. */
const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

function hashOf(bytes: Uint8Array, first: number, length: number, basis: number): number {
  let value = basis;
  for (let at = first; at < first + length; at++) value = Math.imul(value ^ bytes[at]!, FNV_PRIME);
  return value;
}

function parse(head: RequestHead, isSecure: boolean): ParsedTarget | Refusal {
  const target = parseTarget(head.target, head.method, isSecure);
  if (isRefusal(target)) return target;
  const host = requestHost(head, target);
  return isRefusal(host) ? host : { target, host, found: null, servedBy: null, longKey: null };
}

/**
 * The entity tag and modification time of a file (RFC 9110, section 8.8), and when they can be relied on.
 * Knows the numbers that file systems keep of a file; not how it is found or served.
 * @module
 */

import { type DateValue, dateValue } from "../http/date.ts";
import type { FileState } from "./disk.ts";
import { hashOf } from "./state_hash.ts";

/** Longer than a clock tick of any file system (FAT: two seconds). Two changes within one tick look the same. */
const TICK_MS = 2_500;

/** The maximum of one write (Linux: 2 GiB), and the speed of a slow disk. A write sets the times when it begins. */
const WRITE_BYTES_MAX = 2 ** 31;
const WRITE_BYTES_PER_MS = 20_000;

/**
 * How far the last change of a file is in the past. `changing`: a write may be in progress, and change the content but
 * not the state. `recent`: the write is over, but another one within the same tick would not change the state.
 * `settled`: any further change changes the state.
 */
type Stage = "changing" | "recent" | "settled";

/** `nowMs` is the wall clock. A file without times, or with times in the future, is `changing`. */
function stageOf({ size, mtime, ctime }: FileState, nowMs: number): Stage {
  const ageMs = nowMs - lastChangeMs(msOf(mtime), msOf(ctime), nowMs);
  const writeMs = Math.min(size, WRITE_BYTES_MAX) / WRITE_BYTES_PER_MS;
  if (!(ageMs > writeMs)) return "changing";
  return ageMs > writeMs + TICK_MS ? "settled" : "recent";
}

/** Whether any further change of the file would change its state. `nowMs` is the wall clock. */
export function isSettled(state: FileState, nowMs: number): boolean {
  return stageOf(state, nowMs) === "settled";
}

/**
 * When the file was last changed; `NaN`: the file system does not say. Programs can set the modification time to any
 * value, but this sets the change time. Some file systems have another time in its place, so it is not used alone.
 */
function lastChangeMs(modifiedMs: number, changedMs: number, nowMs: number): number {
  if (Number.isNaN(changedMs)) return modifiedMs;
  return modifiedMs <= nowMs ? Math.max(modifiedMs, changedMs) : changedMs;
}

/**
 * The entity tag of a file in this state at `nowMs` of the wall clock. It is made from the numbers that change with the
 * content, because reading a large file takes minutes. Until the state is settled, the tag is weak and differs from the
 * later one, because the content may still change (8.8.1). While a write may be in progress, each call returns another
 * tag.
 */
export function entityTag(state: FileState, nowMs: number): string {
  const { size, mtime, ctime, ino } = state;
  const hash = hashOf([size, msOf(mtime), msOf(ctime), ino ?? NaN]);
  switch (stageOf(state, nowMs)) {
    case "settled":
      return inOnePiece(`"${hash}"`);
    case "recent":
      return `W/"${hash}-"`;
    case "changing":
      return `W/"${hash}-${nowMs.toString(36)}"`;
  }
}

/** The same text. The engine keeps a joined text as a tree of its parts, which takes four times the memory. */
function inOnePiece(text: string): string {
  const codes = new Array<number>(text.length);
  for (let at = 0; at < text.length; at++) codes[at] = text.charCodeAt(at);
  return String.fromCharCode(...codes);
}

/** When the file was last modified, perhaps in the future; `null`: no date can express it. */
export function modification({ mtime }: FileState): DateValue | null {
  return dateValue(msOf(mtime));
}

/** `NaN`: the file system has no such time, or the runtime cannot represent it. */
function msOf(time: Date | null): number {
  return time?.getTime() ?? NaN;
}

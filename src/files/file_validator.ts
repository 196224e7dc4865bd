/**
 * What tells one state of a file from another, in the words of HTTP (RFC 9110, section 8.8), and from when on it does so
 * reliably. Knows what file systems keep of a file; not how it is found or served.
 * @module
 */

import { type DateValue, dateValue } from "../http/date.ts";
import type { FileState } from "./disk.ts";
import { hashOf } from "./state_hash.ts";

/** Longer than any file system's clock ticks (FAT: two seconds). A second change within one tick does not show. */
const TICK_MS = 2_500;

/** The most that one write takes (Linux: 2 GiB), and how fast a slow disk takes it: a write sets the times when it begins. */
const WRITE_BYTES_MAX = 2 ** 31;
const WRITE_BYTES_PER_MS = 20_000;

/**
 * How far the last change of a file is over. `changing`: the write may go on, and change the content but not the state. `recent`:
 * it is over, but another one would not show within the same tick. `settled`: any further change shows in the state.
 */
type Stage = "changing" | "recent" | "settled";

/** `nowMs` is the wall clock. A file is `changing`, too, if its times are in the future or if it has none. */
function stageOf({ size, mtime, ctime }: FileState, nowMs: number): Stage {
  const ageMs = nowMs - lastChangeMs(msOf(mtime), msOf(ctime), nowMs);
  const writeMs = Math.min(size, WRITE_BYTES_MAX) / WRITE_BYTES_PER_MS;
  if (!(ageMs > writeMs)) return "changing";
  return ageMs > writeMs + TICK_MS ? "settled" : "recent";
}

/** Whether any further change of the file would show in its state. `nowMs` is the wall clock. */
export function isSettled(state: FileState, nowMs: number): boolean {
  return stageOf(state, nowMs) === "settled";
}

/**
 * When the file was last changed, as far as the file system says: `NaN` if it does not. The time of modification can be set to
 * any time, and the time of change tells when that was. Some file systems have another time in its place, so it does not count
 * alone.
 */
function lastChangeMs(modifiedMs: number, changedMs: number, nowMs: number): number {
  if (Number.isNaN(changedMs)) return modifiedMs;
  return modifiedMs <= nowMs ? Math.max(modifiedMs, changedMs) : changedMs;
}

/**
 * The entity tag of a file that was in this state when the wall clock said `nowMs`. It is made of all that changes with the
 * content, because a large file takes minutes to read. It is weak until the state is settled, and another one than later: what
 * was seen may not be what stays (8.8.1). While the content may change under the same state, each look has another tag.
 */
export function entityTag(state: FileState, nowMs: number): string {
  const { size, mtime, ctime, ino } = state;
  const hash = hashOf([size, msOf(mtime), msOf(ctime), ino ?? NaN]);
  switch (stageOf(state, nowMs)) {
    case "settled":
      return `"${hash}"`;
    case "recent":
      return `W/"${hash}-"`;
    case "changing":
      return `W/"${hash}-${nowMs.toString(36)}"`;
  }
}

/** When the file was last modified, which may be set to the future; `null` where no date can tell it. */
export function modification({ mtime }: FileState): DateValue | null {
  return dateValue(msOf(mtime));
}

/** `NaN` where the file system keeps no time, or one that the runtime cannot tell. */
function msOf(time: Date | null): number {
  return time?.getTime() ?? NaN;
}

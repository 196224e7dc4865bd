/**
 * Merges batches of log lines of several workers, so that the lines are in order of time. Pure.
 * @module
 */

/** Whole lines of one worker, and the time of each in milliseconds since 1970. The times do not decrease. */
export interface TimedLines {
  readonly lines: Uint8Array;
  readonly times: Float64Array;
}

const LF = "\n".charCodeAt(0);

/** Collects batches until they are taken. */
export class LineMerger {
  #batches: TimedLines[] = [];

  /** Adds a batch. It must not change afterwards. */
  add(batch: TimedLines): void {
    if (batch.lines.length > 0) this.#batches.push(batch);
  }

  /** Whether there are no lines. */
  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  /**
   * Removes the lines from before `endMs`, and returns them in order of time. Lines of the same time keep the order of
   * `add`.
   */
  take(endMs = Infinity): Uint8Array[] {
    const parts = this.#batches.map((batch) => split(batch, endMs));
    this.#batches = parts.map(([, later]) => later).filter(({ lines }) => lines.length > 0);
    const batches = parts.map(([earlier]) => earlier).filter(({ lines }) => lines.length > 0)
      .sort((a, b) => a.times[0]! - b.times[0]!);
    return isInOrder(batches) ? batches.map(({ lines }) => lines) : merge(batches);
  }
}

/** The lines of a batch from before `endMs`, and the others. */
function split(batch: TimedLines, endMs: number): [earlier: TimedLines, later: TimedLines] {
  const { lines, times } = batch;
  if (times.at(-1)! < endMs) return [batch, NO_LINES];
  const count = times.findIndex((time) => time >= endMs);
  if (count === 0) return [NO_LINES, batch];
  let end = 0;
  for (let line = 0; line < count; line++) end = lines.indexOf(LF, end) + 1;
  return [
    { lines: lines.subarray(0, end), times: times.subarray(0, count) },
    { lines: lines.subarray(end), times: times.subarray(count) },
  ];
}

const NO_LINES: TimedLines = { lines: new Uint8Array(0), times: new Float64Array(0) };

/** Whether each batch ends before the next one begins. Then nothing must be copied. */
function isInOrder(batches: readonly TimedLines[]): boolean {
  return batches.every(({ times }, index) => index === 0 || batches[index - 1]!.times.at(-1)! <= times[0]!);
}

interface Cursor {
  readonly batch: TimedLines;
  line: number;
  start: number;
}

/** There are as many batches as workers, or a few more, so that a search through all of them is short. */
function merge(batches: readonly TimedLines[]): Uint8Array[] {
  const cursors: Cursor[] = batches.map((batch) => ({ batch, line: 0, start: 0 }));
  const merged = new Uint8Array(batches.reduce((sum, { lines }) => sum + lines.length, 0));
  let length = 0;
  for (let next = earliest(cursors); next !== null; next = earliest(cursors)) {
    const line = takeLine(next);
    merged.set(line, length);
    length += line.length;
  }
  return [merged];
}

/** The cursor with the earliest line; `null`: all lines are taken. */
function earliest(cursors: readonly Cursor[]): Cursor | null {
  let found: Cursor | null = null;
  for (const cursor of cursors) {
    if (cursor.start < cursor.batch.lines.length && (found === null || timeOf(cursor) < timeOf(found))) found = cursor;
  }
  return found;
}

function timeOf({ batch: { times }, line }: Cursor): number {
  return times[Math.min(line, times.length - 1)]!;
}

function takeLine(cursor: Cursor): Uint8Array {
  const { lines } = cursor.batch;
  const end = lines.indexOf(LF, cursor.start) + 1;
  const line = lines.subarray(cursor.start, end === 0 ? lines.length : end);
  cursor.start += line.length;
  cursor.line++;
  return line;
}

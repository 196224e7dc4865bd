/**
 * The log files of the process: opens them, writes lines of the workers and messages, reopens and closes them.
 * @module
 */

import { type Config, formatOrigin, logFilesOf, type Origin } from "../config/config.ts";
import { LineMerger, type TimedLines } from "../log/merger.ts";
import { BATCH_MS } from "../log/sink.ts";
import { LogFile, LogFileError } from "../log/log_file.ts";
import { type Lines, Output } from "../log/output.ts";
import { type Clock, systemClock } from "../net/clock.ts";

/** An open file, and its output. */
interface OpenLog {
  readonly file: LogFile;
  readonly output: Output;
}

/** When files that are not in use any more are closed. */
export interface Leaving {
  readonly clock: Pick<Clock, "sleep">;
  readonly drainMs: number;
  readonly signal: AbortSignal;
}

/** Additional time for the last lines of a worker that has ended. */
const LAST_LINES_MS = 5_000;

/** The files by path. */
export class LogFiles {
  readonly #report: (problem: string) => void;
  readonly #open = new Map<string, OpenLog>();
  #errorLog: string | null = null;
  #used: ReadonlySet<string> = new Set();

  /** `report` receives messages about the files themselves. */
  constructor(report: (problem: string) => void) {
    this.#report = report;
  }

  /** Opens the files of `config` that are not open yet. Throws `LogFileError`; then none of them is kept open. */
  async open(config: Config): Promise<void> {
    const opened: LogFile[] = [];
    try {
      for (const { path, origins } of logFilesOf(config)) {
        if (!this.#open.has(path)) opened.push(await openNamed(path, origins));
      }
    } catch (error) {
      for (const file of opened) file.close();
      throw error;
    }
    for (const file of opened) this.#open.set(file.path, { file, output: this.#outputFor(file) });
  }

  /** Opens and uses the files of `config`. Throws `LogFileError`. */
  async start(config: Config): Promise<void> {
    await this.open(config);
    this.use(config);
  }

  /**
   * Uses the files of `config`, which must be open. Closes the others after `drainMs` and some time, because workers
   * with an older configuration may send lines until then. `signal` ends the wait.
   */
  async change(config: Config, { clock, drainMs, signal }: Leaving): Promise<void> {
    this.use(config);
    await clock.sleep(drainMs + LAST_LINES_MS, signal);
    if (!signal.aborted) await this.closeUnused();
  }

  /** Makes the files of `config` those in use. They must be open. */
  use(config: Config): void {
    const { value } = config.parameters["error-log"];
    this.#errorLog = value === "off" ? null : value;
    this.#used = new Set(logFilesOf(config).map(({ path }) => path));
  }

  /** Closes the files that are not in use. For when no worker with an older configuration is left. */
  async closeUnused(): Promise<void> {
    const unused = [...this.#open].filter(([path]) => !this.#used.has(path));
    await Promise.all(unused.map(([path]) => this.#close(path)));
  }

  /** Adds lines to the file with this path. */
  write(path: string, lines: Lines): void {
    this.#open.get(path)?.output.write(lines);
  }

  /** Adds messages to the error log, if there is one. */
  writeMessages(lines: Lines): void {
    if (this.#errorLog !== null) this.write(this.#errorLog, lines);
  }

  /** Opens all files again, because another program has renamed them. Returns the problems, one line each. */
  async reopen(): Promise<readonly string[]> {
    const results = await Promise.allSettled([...this.#open.values()].map(({ file }) => file.reopen()));
    return results.flatMap((result) => {
      if (result.status === "fulfilled") return [];
      const { reason } = result;
      return `${reason instanceof Error ? reason.message : reason}; its lines go to the file that was open before`;
    });
  }

  /** Resolves when everything that can be written is written. The error log comes last, because others report there. */
  async close(): Promise<void> {
    const others = [...this.#open.keys()].filter((path) => path !== this.#errorLog);
    await Promise.all(others.map((path) => this.#close(path)));
    await Promise.all([...this.#open.keys()].map((path) => this.#close(path)));
  }

  async #close(path: string): Promise<void> {
    const { file, output } = this.#open.get(path)!;
    await output.close();
    this.#open.delete(path);
    file.close();
  }

  #outputFor(file: LogFile): Output {
    return new Output(file, { name: file.path, clock: systemClock, report: this.#report });
  }
}

/** Opens a log file. Throws `LogFileError` with the line that names it. */
async function openNamed(path: string, origins: readonly Origin[]): Promise<LogFile> {
  try {
    return await LogFile.open(path);
  } catch (error) {
    if (!(error instanceof LogFileError)) throw error;
    throw new LogFileError(`${error.message} (${formatOrigin(origins[0]!)})`, { cause: error.cause });
  }
}

/**
 * All workers send their lines at multiples of `BATCH_MS`, and when they have many. So this much later, all lines from
 * before the last multiple are here.
 */
const MERGE_MS = 50;

/** Brings the lines of workers for one destination into order, and passes them on. */
export class OrderedLines {
  readonly #merger = new LineMerger();
  readonly #emit: (lines: Uint8Array) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(emit: (lines: Uint8Array) => void) {
    this.#emit = emit;
  }

  /** Adds lines of one worker. */
  add(lines: TimedLines): void {
    this.#merger.add(lines);
    this.#wait();
  }

  /** Passes on all lines. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pass(Infinity);
  }

  /** The lines of the current period stay, because other workers may send some from before them. */
  #wait(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const nowMs = Date.now() - MERGE_MS;
      this.#pass(nowMs - nowMs % BATCH_MS);
      if (!this.#merger.isEmpty) this.#wait();
    }, BATCH_MS - (Date.now() - MERGE_MS) % BATCH_MS);
  }

  #pass(endMs: number): void {
    for (const lines of this.#merger.take(endMs)) this.#emit(lines);
  }
}

/**
 * Notices changes below the roots for live reload, collects those that belong together, and counts versions.
 * Knows paths; not pages or browsers.
 * @module
 */

import type { Change } from "../live/changes.ts";
import type { Clock } from "../net/clock.ts";
import { isBelow } from "../paths.ts";

/** Changes of the file system. `Deno.FsWatcher` is one. */
export interface Watcher extends AsyncIterable<Deno.FsEvent> {
  close(): void;
}

/** Options of a watch. */
export interface LiveWatchOptions {
  /** Watches folders with all that is in them. Throws the error of the system. */
  readonly watch: (roots: readonly string[]) => Watcher;
  readonly clock: Clock;
  readonly announce: (change: Change) => void;
  readonly tell: (problem: string) => void;
}

/** An editor writes, renames and removes within a few milliseconds. */
const QUIET_MS = 50;

/** A program that writes all the time must not postpone a reload for ever. */
const QUIET_MAX_MS = 500;

/** More changed files than this are everything. */
const PATHS_MAX = 1_000;

/** The watch of all roots of a server. */
export class LiveWatch {
  readonly #options: LiveWatchOptions;
  #version: number;
  #roots: readonly string[] = [];
  #watcher: Watcher | null = null;
  #changed: Set<string> | "everything" = new Set();
  #firstMs = 0;
  #lastMs = 0;
  #isCollecting = false;
  #isOver = false;

  /** The version is greater than that of any server before, so that a page notices a restart. */
  constructor(options: LiveWatchOptions) {
    this.#options = options;
    this.#version = options.clock.wall();
  }

  /** The version of the files. It grows with each change. */
  get version(): number {
    return this.#version;
  }

  /** Watches `roots` from now on. If they were watched already, only their settings can have changed. */
  follow(roots: readonly string[]): void {
    if (this.#isOver) return;
    const isFirst = this.#roots.length === 0;
    if ([...roots].sort().join("\0") !== [...this.#roots].sort().join("\0")) this.#open(roots);
    if (!isFirst) this.#announce("everything");
  }

  /** Ends the watch. */
  close(): void {
    this.#isOver = true;
    this.#watcher?.close();
    this.#watcher = null;
  }

  #open(roots: readonly string[]): void {
    this.#watcher?.close();
    this.#watcher = null;
    this.#roots = roots;
    try {
      this.#watcher = this.#options.watch(roots);
    } catch (error) {
      return this.#options.tell(`--live cannot watch the roots: ${error instanceof Error ? error.message : error}`);
    }
    void this.#read(this.#watcher);
  }

  async #read(watcher: Watcher): Promise<void> {
    try {
      for await (const event of watcher) this.#note(event);
    } catch (error) {
      const isClosed = this.#isOver || watcher !== this.#watcher;
      if (!isClosed) this.#options.tell(`--live does not see changes any more: ${error}`);
    }
  }

  #note({ kind, paths, flag }: Deno.FsEvent): void {
    if (kind === "access") return;
    const isLost = flag === "rescan"; // The queue of the system was full.
    const counted = paths.filter((path) => counts(path, this.#roots));
    if (!isLost && counted.length === 0) return;
    if (isLost) this.#changed = "everything";
    for (const path of counted) if (this.#changed !== "everything") this.#changed.add(path);
    if (this.#changed !== "everything" && this.#changed.size > PATHS_MAX) this.#changed = "everything";
    this.#lastMs = this.#options.clock.now();
    if (!this.#isCollecting) void this.#collect();
  }

  /** Waits until nothing has changed for a moment, and then tells all changes at once. */
  async #collect(): Promise<void> {
    const { clock } = this.#options;
    this.#isCollecting = true;
    this.#firstMs = clock.now();
    for (;;) {
      const untilMs = Math.min(this.#lastMs + QUIET_MS, this.#firstMs + QUIET_MAX_MS);
      const leftMs = untilMs - clock.now();
      if (leftMs <= 0) break;
      await clock.sleep(leftMs);
    }
    this.#isCollecting = false;
    const changed = this.#changed;
    this.#changed = new Set();
    if (!this.#isOver) this.#announce(changed === "everything" ? changed : [...changed]);
  }

  #announce(paths: Change["paths"]): void {
    this.#version = Math.max(this.#version + 1, this.#options.clock.wall());
    this.#options.announce({ version: this.#version, paths });
  }
}

/**
 * Whether a change of this path counts: not of hidden files, which are not served, nor of the files that editors make
 * beside the one they edit.
 */
function counts(path: string, roots: readonly string[]): boolean {
  const root = roots.filter((each) => isBelow(each, path)).sort((a, b) => a.length - b.length)[0] ?? "";
  const names = path.slice(root.length).split(/[/\\]/);
  return names.every((name) => !name.startsWith(".") || name === ".well-known") &&
    !/(?:~|\.sw[a-z]|\.tmp|^4913)$/.test(names.at(-1) ?? "");
}

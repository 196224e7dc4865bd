/**
 * Decides when a watched file has changed and is complete. Pure: the caller looks at the file and passes what it saw.
 * An editor may remove a file for a moment, or write it in parts; neither state should be read.
 * @module
 */

/** A path, and the stamp of its file when it was last read. */
export interface WatchedFile {
  readonly path: string;
  readonly stamp: string;
}

/** Files that the caller looks at again and again. */
export class FilesWatch {
  #watches = new Map<string, FileWatch>();

  /** Whether a file is new and complete. `files`: what is in use now. `stampOf` gives the present stamp of a path. */
  async look(files: readonly WatchedFile[], stampOf: (path: string) => Promise<string>): Promise<boolean> {
    this.#watches = new Map(files.map(({ path, stamp }) => [path, this.#watches.get(path) ?? new FileWatch(stamp)]));
    const looks = Array.from(this.#watches, async ([path, watch]) => watch.look(await stampOf(path)));
    return (await Promise.all(looks)).includes(true);
  }
}

/** A file that the caller looks at again and again. */
export class FileWatch {
  #known: string | null;
  #last: string | null = null;

  /** `known`: the stamp of the file when it was last read. */
  constructor(known: string | null) {
    this.#known = known;
  }

  /** Whether to read the file: its stamp differs from the known one, and is the same as at the look before. */
  look(stamp: string): boolean {
    const isComplete = stamp === this.#last && stamp !== this.#known;
    this.#last = stamp;
    if (isComplete) this.#known = stamp;
    return isComplete;
  }
}

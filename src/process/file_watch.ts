/**
 * Decides when a watched file has changed and is complete. Pure: the caller looks at the file and passes what it saw.
 * An editor may remove a file for a moment, or write it in parts; neither state should be read.
 * @module
 */

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

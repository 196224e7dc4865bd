/**
 * An open file that several requests read at the same time. Knows how many there are; not who.
 * @module
 */

import type { OpenFile } from "./disk.ts";

/** Closes its file when everybody who has it gave it back. */
export class SharedFile {
  /** What is read from, at positions, so that its readers do not meet. */
  readonly file: OpenFile;
  #users = 1;

  /** Whoever makes it has it. */
  constructor(file: OpenFile) {
    this.file = file;
  }

  /** One more has it. */
  share(): void {
    this.#users++;
  }

  /** One has it no more. */
  giveBack(): void {
    if (--this.#users > 0) return;
    try {
      this.file.close();
    } catch {
      // Nothing is lost by a close that fails where nothing was written, and whoever is last has not asked for it.
    }
  }
}

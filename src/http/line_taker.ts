/**
 * Lines that end in CR LF, taken from an accumulator as they become complete, and never searched twice.
 * @module
 */

import type { Accumulator } from "../net/accumulator.ts";
import { type Flaw, flaw } from "./answer.ts";
import { CR, latin1, LF } from "./syntax.ts";

/** Takes the lines of one message. */
export class LineTaker {
  readonly #bytesMax: number;
  /** Bytes of the unfinished line that hold no LF. */
  #searched = 0;

  /** A line may take `bytesMax` bytes, CR LF included. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Consumes the next line and gives it without CR LF, one character an octet; `null` while it is not complete. */
  take(input: Accumulator): string | Flaw | null {
    const { bytes, start, end } = input;
    const searchEnd = Math.min(end, start + this.#bytesMax);
    let lf = start + this.#searched;
    while (lf < searchEnd && bytes[lf] !== LF) lf++;
    this.#searched = lf - start;
    if (lf === searchEnd) {
      return this.#searched < this.#bytesMax ? null : flaw("too long", `a line of more than ${this.#bytesMax} bytes`);
    }
    this.#searched = 0;
    if (lf === start || bytes[lf - 1] !== CR) return flaw("malformed", "a line ends without CR");
    const line = latin1(bytes, start, lf - 1);
    input.consume(lf + 1 - start);
    return line;
  }
}

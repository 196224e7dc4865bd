/**
 * Reads lines that end in CR LF from an accumulator when they are complete. Searches no byte twice.
 * Used for requests and answers.
 * @module
 */

import type { Accumulator } from "../../net/accumulator.ts";
import { CR, latin1, LF } from "../syntax.ts";

/** Why a message cannot be read further. */
export interface Malformed {
  readonly kind: "malformed";
  /** `short`: the stream ended too early. */
  readonly what: "syntax" | "line too long" | "content too long" | "trailer too long" | "short";
  /** An explanation for logs and people. */
  readonly words: string;
}

/** Makes one. */
export function malformed(what: Malformed["what"], words: string): Malformed {
  return { kind: "malformed", what, words };
}

/** Whether a reader returned this instead of its usual value. */
export function isMalformed(value: unknown): value is Malformed {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "malformed";
}

/** Reads the lines of one message. */
export class LineReader {
  readonly #bytesMax: number;
  /** Bytes of the unfinished line that hold no LF. */
  #searched = 0;

  /** A line may have `bytesMax` bytes before its LF. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Consumes and returns the next line, without CR LF, one character per octet; `null`: it is not complete. */
  read(input: Accumulator): string | Malformed | null {
    const { bytes, start, end } = input;
    let lf = start + this.#searched;
    while (lf < end && bytes[lf] !== LF) lf++;
    this.#searched = lf - start;
    if (this.#searched > this.#bytesMax) {
      return malformed("line too long", `a line of more than ${this.#bytesMax} bytes`);
    }
    if (lf === end) return null;
    this.#searched = 0;
    if (lf === start || bytes[lf - 1] !== CR) return malformed("syntax", "a line ends without CR");
    const line = latin1(bytes, start, lf - 1);
    input.consume(lf + 1 - start);
    return line;
  }
}

/**
 * A terminal with lines that scroll and one live line below them. Both go through one output, so that they cannot mix.
 * @module
 */

import type { Lines } from "../log/output.ts";

/** The output of the terminal. */
export interface TerminalOutput {
  write(text: Lines): void;
}

/**
 * Erases everything from the first column on (ECMA-48, 8.3.39). The cursor stays in front of the live line. If the
 * terminal becomes narrower than that line, it wraps the line, but the cursor is still before all of it.
 */
const ERASE = "\r\x1b[J";

/** A terminal. */
export class Terminal {
  readonly #output: TerminalOutput;
  #live = "";

  constructor(output: TerminalOutput) {
    this.#output = output;
  }

  /** Writes whole lines above the live line. */
  write(lines: Lines): void {
    if (this.#live === "") return this.#output.write(lines);
    const text = typeof lines === "string" ? lines : new TextDecoder().decode(lines);
    this.#output.write(`${ERASE}${text}${this.#live}\r`);
  }

  /** Shows `line` below everything, in place of the one before; an empty one: none. It contains no control characters. */
  showLive(line: string): void {
    if (line === "" && this.#live === "") return;
    this.#live = line;
    this.#output.write(line === "" ? ERASE : `${ERASE}${line}\r`);
  }
}

/** Whether messages may have colours. */
export function isColoured(): boolean {
  return Deno.stderr.isTerminal() && !Deno.noColor;
}

/** Zeros: the standard streams are no terminals, or do not tell. */
export function terminalSize(): { readonly rows: number; readonly columns: number } {
  try {
    return Deno.consoleSize();
  } catch {
    return { rows: 0, columns: 0 };
  }
}

/** Whether standard output and standard error are the same terminal. */
export async function isSameTerminal(): Promise<boolean> {
  if (!Deno.stdout.isTerminal() || !Deno.stderr.isTerminal()) return false;
  if (Deno.build.os === "windows") return true; // A process has one console there.
  const { fstatSync } = await import("node:fs");
  return fstatSync(1).rdev === fstatSync(2).rdev;
}

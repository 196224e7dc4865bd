/**
 * Where the process writes: access log, messages, capture; as text for people or as JSON for machines.
 * @module
 */

import { readBuild } from "../config/build.ts";
import { explainDenied } from "../config/remedy.ts";
import { type Lines, Output, textOf } from "../log/output.ts";

/** What to write how. */
export interface OutputsOptions {
  /** Messages as one JSON object a line. */
  readonly json: boolean;
  /** File for a capture, `-` for standard output; `null`: there is none. */
  readonly capture: string | null;
}

/** A capture cannot be written: for the person, in one line. */
export class CaptureError extends Error {
  override name = "CaptureError";
}

/** When nobody reads, this is how long the end waits for it. */
const FLUSH_MS = 1_000;

/** The process's outputs. Writing never waits. */
export class Outputs {
  readonly #stdout: Output;
  readonly #stderr: Output;
  readonly #capture: Output | null;
  readonly #file: Deno.FsFile | null;
  readonly #json: boolean;

  /** Throws `CaptureError`. */
  constructor({ json, capture }: OutputsOptions) {
    this.#json = json;
    this.#stderr = new Output(Deno.stderr, () => {}); // Nobody is left to tell.
    this.#stdout = new Output(Deno.stdout, (problem) => this.tell(problem));
    this.#file = capture === null || capture === "-" ? null : openCapture(capture);
    this.#capture = this.#file === null ? null : new Output(this.#file, (problem) => this.tell(problem));
  }

  /** Takes whole lines of a worker. */
  write(kind: "access" | "message" | "capture", lines: Lines): void {
    if (kind === "access") this.#stdout.write(lines);
    else if (kind === "capture") (this.#capture ?? this.#stdout).write(lines);
    else if (!this.#json) this.#stderr.write(lines);
    else for (const line of textOf(lines).trimEnd().split("\n")) this.#writeJson(line);
  }

  /** A message of the process itself, without LF. */
  tell(message: string): void {
    if (this.#json) this.#writeJson(message);
    else this.#stderr.write(`sweepd: ${message}\n`);
  }

  /** Text for people, or an object for machines. */
  announce(text: string, value: Readonly<Record<string, unknown>>): void {
    this.#stderr.write(this.#json ? JSON.stringify(value) + "\n" : text);
  }

  /** Resolves when all is written, or after a second: perhaps nobody reads. */
  async close(): Promise<void> {
    const outputs = [this.#stdout, this.#stderr, ...this.#capture === null ? [] : [this.#capture]];
    let timer;
    const late = new Promise((resolve) => timer = setTimeout(resolve, FLUSH_MS));
    await Promise.race([late, Promise.all(outputs.map((output) => output.flush()))]);
    clearTimeout(timer);
    this.#file?.close();
  }

  #writeJson(message: string): void {
    this.#stderr.write(JSON.stringify({ time: new Date().toISOString(), message }) + "\n");
  }
}

function openCapture(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { write: true, create: true, truncate: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      const reason = explainDenied("write", path, readBuild());
      throw new CaptureError(`cannot write ${path}: ${reason}; or use --capture - > ${path}`, { cause: error });
    }
    throw new CaptureError(`cannot write ${path}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

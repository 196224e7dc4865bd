/**
 * The outputs of the process: messages, access log, the output of a command, capture. All messages go through this
 * file, as text for people or as JSON for programs. A message never blocks and never fails.
 * @module
 */

import { readBuild } from "../config/build.ts";
import type { Diagnostic } from "../config/diagnostic.ts";
import { explainDenied } from "../config/remedy.ts";
import { formatMessage, type Message, messageOf } from "../log/message.ts";
import { type Lines, Output } from "../log/output.ts";
import { systemClock } from "../net/clock.ts";

/** A capture cannot be written: for the person, in one line. */
export class CaptureError extends Error {
  override name = "CaptureError";
}

/** The longest time that the end of a server waits for a reader of its output. */
const CLOSE_WAIT_MS = 1_000;

/** The process's outputs. */
export class Outputs {
  /** Whether messages are one JSON object per line. */
  readonly json: boolean;
  readonly #stdout = this.#open(Deno.stdout, "standard output");
  readonly #stderr = this.#open(Deno.stderr, "standard error");
  #capture = this.#stdout;
  #file: Deno.FsFile | null = null;
  #shown = "";

  constructor({ json }: { readonly json: boolean }) {
    this.json = json;
  }

  /** Writes captures to `path`; `-`: to standard output. Throws `CaptureError`. */
  captureTo(path: string): void {
    if (path === "-") return;
    this.#file = openCapture(path);
    this.#capture = this.#open(this.#file, path);
  }

  /** Writes whole lines from a worker, which has formatted them. */
  write(kind: "access" | "message" | "capture", lines: Lines): void {
    if (kind === "access") this.#stdout.write(lines);
    else if (kind === "capture") this.#capture.write(lines);
    else this.#stderr.write(lines);
  }

  /** Writes a message of the process itself. */
  tell(message: string, about: Pick<Message, "level" | "event">): void {
    this.#tell({ ...about, message });
  }

  /** Writes an error or warning about a line of the configuration. */
  tellDiagnostic(diagnostic: Diagnostic): void {
    this.#tell(messageOf(diagnostic));
  }

  /** Writes text of several lines for people, or one message for programs. */
  announce(text: string, message: Message): void {
    if (this.json) this.#tell(message);
    else this.#stderr.write(text);
  }

  /** Adds to the output of a command, text with its LF. `close` writes it to standard output. */
  show(text: string): void {
    this.#shown += text;
  }

  /** Resolves when everything that can be written is written, however slow the reader is. */
  async close(): Promise<"complete" | "lost"> {
    const results = await Promise.all([this.#stdout.close(this.#shown), this.#capture.close()]);
    this.#file?.close();
    await this.#stderr.close(); // Last, because the others report lost lines there.
    return results.includes("lost") ? "lost" : "complete";
  }

  /** Like `close`, but resolves after a second at the latest, so that a server ends even if its output is not read. */
  async closeSoon(): Promise<void> {
    const over = new AbortController();
    await Promise.race([systemClock.sleep(CLOSE_WAIT_MS, over.signal), this.close()]);
    over.abort();
  }

  #tell(message: Message): void {
    this.#stderr.write(formatMessage(message, { json: this.json, wallMs: Date.now() }));
  }

  #open(stream: { write(bytes: Uint8Array): Promise<number> }, name: string): Output {
    const report = (problem: string) => this.tell(problem, { level: "error", event: "output" });
    return new Output(stream, { name, clock: systemClock, report });
  }
}

function openCapture(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { write: true, create: true, truncate: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      const build = readBuild();
      const reason = build === null
        ? `this process was not permitted to; run: deno task capture ${path}`
        : `${explainDenied("write", path, build)}; use --capture - > ${path}`;
      throw new CaptureError(`cannot write ${path}: ${reason}`, { cause: error });
    }
    throw new CaptureError(`cannot write ${path}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/**
 * Where the process writes: messages, access log, what a command shows, capture. The one place through which everything
 * is said, as text for people or as JSON for programs. Saying something never waits, and never fails.
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

/** When nobody reads, this is how long the end of a server waits for it. */
const PATIENCE_MS = 1_000;

/** The process's outputs. */
export class Outputs {
  /** Messages are one JSON object a line. */
  readonly json: boolean;
  readonly #stdout = this.#open(Deno.stdout, "standard output");
  readonly #stderr = this.#open(Deno.stderr, "standard error");
  #capture = this.#stdout;
  #file: Deno.FsFile | null = null;
  #shown = "";

  constructor({ json }: { readonly json: boolean }) {
    this.json = json;
  }

  /** Has captures written to `path`; `-`: to standard output. Throws `CaptureError`. */
  captureTo(path: string): void {
    if (path === "-") return;
    this.#file = openCapture(path);
    this.#capture = this.#open(this.#file, path);
  }

  /** Takes whole lines of a worker. Messages have been formatted there. */
  write(kind: "access" | "message" | "capture", lines: Lines): void {
    if (kind === "access") this.#stdout.write(lines);
    else if (kind === "capture") this.#capture.write(lines);
    else this.#stderr.write(lines);
  }

  /** A message of the process itself; of a server that runs, where nothing else is said. */
  tell(message: string, about: Partial<Pick<Message, "level" | "event" | "fields">> = {}): void {
    this.#tell({ level: "info", event: "worker", ...about, message });
  }

  /** What is wrong with a configuration. */
  complain(diagnostic: Diagnostic): void {
    this.#tell(messageOf(diagnostic));
  }

  /** Text of several lines for people, one message for programs. */
  announce(text: string, message: Message): void {
    if (this.json) this.#tell(message);
    else this.#stderr.write(text);
  }

  /** What a command was asked for: text with its LF, on standard output when the outputs close. */
  show(text: string): void {
    this.#shown += text;
  }

  /** Resolves when all is written that can be, however long the reader takes. */
  async close(): Promise<"complete" | "lost"> {
    const results = await Promise.all([this.#stdout.close(this.#shown), this.#capture.close()]);
    this.#file?.close();
    await this.#stderr.close(); // The last one, because the others say there what they have lost.
    return results.includes("lost") ? "lost" : "complete";
  }

  /** The same, but for a second at most: a server ends, whether or not somebody reads what it said. */
  async closeSoon(): Promise<void> {
    const over = new AbortController();
    await Promise.race([systemClock.sleep(PATIENCE_MS, over.signal), this.close()]);
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

/**
 * The outputs of the process: messages, access log, the output of a command, capture. All messages go through this
 * file, as text for people or as JSON for programs. A message never blocks and never fails.
 * @module
 */

import { readBuild } from "../config/build.ts";
import type { Diagnostic } from "../config/diagnostic.ts";
import { explainDenied } from "../config/remedy.ts";
import { formatMessage, type Message, messageOf, withTime } from "../log/message.ts";
import { type Lines, Output } from "../log/output.ts";
import { ShortLines } from "../log/short.ts";
import { systemClock } from "../net/clock.ts";
import type { Destination } from "../log/access_logs.ts";
import type { TimedLines } from "../log/merger.ts";
import { LogFiles, OrderedLines } from "./log_files.ts";
import { isSameTerminal, Terminal, terminalSize } from "./terminal.ts";

/** A capture cannot be written: for the person, in one line. */
export class CaptureError extends Error {
  override name = "CaptureError";
}

/** The longest time that the end of a server waits for a reader of its output. */
const CLOSE_WAIT_MS = 1_000;

/** The process's outputs. */
export class Outputs {
  /** The log files of web.conf. */
  readonly logFiles = new LogFiles((problem) => this.tell(problem, { level: "error", event: "output" }));
  /** Lines of the access log by destination, until they are in order. */
  readonly #ordered = new Map<string, OrderedLines>();
  /** Whether messages are one JSON object per line. */
  readonly json: boolean;
  readonly #stdout = this.#open(Deno.stdout, "standard output");
  readonly #stderr = this.#open(Deno.stderr, "standard error");
  #capture = this.#stdout;
  #file: Deno.FsFile | null = null;
  #shown = "";
  /** Where standard output goes if that is a terminal; `null`: to `#stdout` as it is. */
  #terminal: Terminal | null = null;
  /** Whether standard error goes to the same terminal. */
  #isErrorThere = false;
  #short: ShortLines | null = null;

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
  write(kind: "message" | "capture", lines: Lines): void {
    if (kind === "capture") this.#capture.write(lines);
    else this.#writeMessages(lines);
  }

  /** Writes lines of the access log of one worker, in order with those of the others. */
  writeAccess(destination: Destination, lines: TimedLines): void {
    const { standardOutput, file } = destination;
    const key = `${standardOutput} ${file}`;
    const ordered = this.#ordered.get(key) ?? new OrderedLines((lines) => {
      if (standardOutput) this.#writeAccess(lines);
      if (file !== null) this.logFiles.write(file, lines);
    });
    this.#ordered.set(key, ordered);
    ordered.add(lines);
  }

  /** From now on, the server writes to a terminal if standard output is one. */
  async useTerminal(): Promise<void> {
    if (!Deno.stdout.isTerminal()) return;
    this.#isErrorThere = await isSameTerminal();
    this.#terminal ??= new Terminal(this.#stdout);
  }

  /** Whether the access log has short lines on a terminal. Lines in other formats stay as they are. */
  shortenAccess(isShort: boolean): void {
    if (!isShort) this.#short = null;
    else this.#short ??= new ShortLines({ colour: !Deno.noColor });
  }

  /** Shows a line below everything on a terminal; an empty one: none. */
  showLive(line: string): void {
    this.#terminal?.showLive(line);
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
    else this.#writeError(text); // Not a message: the error log has no use for it.
  }

  /** Adds to the output of a command, text with its LF. `close` writes it to standard output. */
  show(text: string): void {
    this.#shown += text;
  }

  /** Resolves when everything that can be written is written, however slow the reader is. */
  async close(): Promise<"complete" | "lost"> {
    for (const ordered of this.#ordered.values()) ordered.flush();
    await this.logFiles.close();
    this.showLive("");
    const results = await Promise.all([this.#stdout.close(this.#shown), this.#capture.close()]);
    this.#file?.close();
    await Promise.all([this.#stdout.close(), this.#stderr.close()]); // Last, because lost lines are reported there.
    return results.includes("lost") ? "lost" : "complete";
  }

  /** Like `close`, but resolves after a second at the latest, so that a server ends even if its output is not read. */
  async closeSoon(): Promise<void> {
    const over = new AbortController();
    await Promise.race([systemClock.sleep(CLOSE_WAIT_MS, over.signal), this.close()]);
    over.abort();
  }

  #tell(message: Message): void {
    this.#writeMessages(formatMessage(message, { json: this.json, wallMs: Date.now() }));
  }

  /** Standard error has no times, because a terminal or a journal has its own. A file needs them. */
  #writeMessages(lines: Lines): void {
    this.#writeError(lines);
    this.logFiles.writeMessages(this.json ? lines : withTime(lines, Date.now()));
  }

  #writeAccess(lines: Lines): void {
    if (this.#terminal === null || this.#short === null) return (this.#terminal ?? this.#stdout).write(lines);
    const text = typeof lines === "string" ? lines : new TextDecoder().decode(lines);
    this.#terminal.write(this.#short.format(text, terminalSize().columns));
  }

  /** Both outputs usually are the same terminal. Then one of them writes, so that the texts cannot mix. */
  #writeError(lines: Lines): void {
    if (this.#terminal !== null && this.#isErrorThere) this.#terminal.write(lines);
    else this.#stderr.write(lines);
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

/**
 * A strict reader of answers: status line, field lines and framing must follow the grammar exactly.
 * Knows the syntax of answers; not which answer is right.
 */

import { Content, type Framing, framingOf } from "./framing.ts";
import { Violation } from "./trace.ts";

export interface Answer {
  readonly status: number;
  /** Keys are names in lower case. No name occurs twice. */
  readonly fields: ReadonlyMap<string, string>;
  /** What the head says about the content, also in an answer to HEAD. */
  readonly framing: Framing;
  /** The value of Content-Length, or `null` if there is none. */
  readonly length: number | null;
  /** The content received so far. */
  readonly content: Uint8Array;
  readonly isComplete: boolean;
  /** Whether it has `Connection: close`. */
  readonly closes: boolean;
}

/** An answer whose head is complete and whose content is not. */
interface Receiving {
  readonly head: Omit<Answer, "content" | "isComplete">;
  readonly content: Content;
}

const HEAD_BYTES_MAX = 4096;
const INVARIANT = "answers are exactly framed";

export class AnswerReader {
  readonly #hasContent: (index: number, status: number) => boolean;
  #headText = "";
  #receiving: Receiving | null = null;
  #finals = 0;
  #isOver = false;

  /** `hasContent`: whether the final answer with this index, counted from 0, and this status has content. */
  constructor(hasContent: (index: number, status: number) => boolean) {
    this.#hasContent = hasContent;
  }

  /** Final answers read so far. */
  get finals(): number {
    return this.#finals;
  }

  /** Whether the last answer had `Connection: close`. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether the last answer is incomplete. */
  get isAmid(): boolean {
    return this.#headText !== "" || this.#receiving !== null;
  }

  /** Reads bytes and yields each answer that they complete, including interim ones. */
  *read(bytes: Uint8Array): Generator<Answer> {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#isOver) throw new Violation("nothing follows the last answer", `${rest.length} bytes: ${quote(rest)}`);
      rest = this.#receiving === null ? this.#readHead(rest) : this.#receiving.content.take(rest);
      if (this.#receiving?.content.isComplete) yield this.#finish(this.#receiving);
    }
  }

  /** The connection has ended in order. Yields the answer whose content lasted until then. */
  *end(): Generator<Answer> {
    this.#receiving?.content.end();
    if (this.#receiving?.content.isComplete) yield this.#finish(this.#receiving);
  }

  /** The answer whose head is complete and whose content is not, or `null`. */
  get cutOff(): Answer | null {
    const receiving = this.#receiving;
    return receiving === null ? null : { ...receiving.head, content: receiving.content.bytes, isComplete: false };
  }

  #finish({ head, content }: Receiving): Answer {
    this.#receiving = null;
    if (head.status >= 200) this.#finals++;
    this.#isOver = head.closes;
    return { ...head, content: content.bytes, isComplete: true };
  }

  #readHead(bytes: Uint8Array): Uint8Array {
    for (let at = 0; at < bytes.length; at++) {
      this.#headText += String.fromCharCode(bytes[at]!);
      if (bytes[at] !== 0x0a || !this.#headText.endsWith("\r\n\r\n")) continue;
      const head = parseHead(this.#headText.slice(0, -4));
      const hasContent = this.#hasContent(this.#finals, head.status);
      this.#receiving = { head, content: new Content(hasContent ? head.framing : "none", head.length ?? 0) };
      this.#headText = "";
      return bytes.subarray(at + 1);
    }
    if (this.#headText.length > HEAD_BYTES_MAX) throw new Violation(INVARIANT, "a head without an end");
    if (!this.#headText.startsWith("HTTP/1.1 ".slice(0, this.#headText.length))) {
      throw new Violation(INVARIANT, `no status line: ${JSON.stringify(this.#headText.slice(0, 80))}`);
    }
    return new Uint8Array(0);
  }
}

function parseHead(text: string): Receiving["head"] {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const status = Number(/^HTTP\/1\.1 ([1-5][0-9][0-9]) [A-Z][A-Za-z ]*$/.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) throw new Violation(INVARIANT, `a status line: ${JSON.stringify(statusLine)}`);
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([A-Z][A-Za-z-]*): ([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)$/.exec(line) ?? [];
    if (name === undefined) throw new Violation(INVARIANT, `a field line: ${JSON.stringify(line)}`);
    if (fields.has(name.toLowerCase())) throw new Violation(INVARIANT, `${name} twice`);
    fields.set(name.toLowerCase(), value!);
  }
  const framing = framingOf(status, fields);
  const length = framing === "length" ? Number(fields.get("content-length")) : null;
  return { status, fields, framing, length, closes: fields.get("connection") === "close" };
}

function quote(bytes: Uint8Array): string {
  return JSON.stringify(String.fromCharCode(...bytes.subarray(0, 80)));
}

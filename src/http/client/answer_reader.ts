/**
 * Parses one answer strictly while its bytes arrive: complete, partial, or a flaw.
 * Pure: knows no connection and never waits.
 * @module
 */

import { Accumulator } from "../../net/accumulator.ts";
import {
  type Answer,
  answerFraming,
  type AnswerHead,
  answerPersists,
  type Flaw,
  flaw,
  flawOf,
  isFlaw,
  parseFieldLine,
  parseStatusLine,
} from "./answer.ts";
import { BodyReader } from "../h1/body.ts";
import { CHUNK_FRAMING_BYTES_MAX, FIELD_LINES_MAX, HEAD_BYTES_MAX } from "../limits.ts";
import { isMalformed, LineReader } from "../h1/line_reader.ts";
import type { Field } from "../response.ts";

/** Options for reading an answer. */
export interface AnswerReaderOptions {
  /** Whether the request was a HEAD. Then no content follows, even if the head announces some. */
  readonly isHeadRequest: boolean;
  /** More content than this many bytes is a flaw. */
  readonly contentBytesMax: number;
  /** Whether the answer contains its content, or only its length. */
  readonly keepsContent: boolean;
}

/** Interim answers before the answer. One is usual (100, or 103 with hints). A server that sends more is at fault. */
const INTERIM_MAX = 8;

/** Initial size of the buffer for the content, which doubles when it is full. */
const KEPT_BYTES_MIN = 256;

/** Reads one answer, and skips the interim ones (1xx) before it. */
export class AnswerReader {
  readonly #options: AnswerReaderOptions;
  #lines = new LineReader(HEAD_BYTES_MAX);
  #statusLine: Omit<AnswerHead, "fields"> | null = null;
  #fields: Field[] = [];
  #headBytes = 0;
  #interims = 0;
  #body: { readonly answer: Answer; readonly content: BodyReader } | null = null;
  readonly #kept: Accumulator;

  /** Reads one answer only. */
  constructor(options: AnswerReaderOptions) {
    this.#options = options;
    this.#kept = new Accumulator({ minBytes: KEPT_BYTES_MIN, maxBytes: KEPT_BYTES_MIN + options.contentBytesMax });
  }

  /** Consumes the bytes of the answer in `input`. After `"partial"`, call it again when more bytes have arrived. */
  advance(input: Accumulator): Answer | "partial" | Flaw {
    while (this.#body === null) {
      const line = this.#lines.read(input);
      if (line === null) return "partial";
      const problem = isMalformed(line) ? flawOf(line) : this.#takeLine(line);
      if (problem !== null) return problem;
    }
    const outcome = this.#body.content.advance(input);
    if (outcome === "partial") return outcome;
    return outcome === "complete" ? this.#finish() : flawOf(outcome);
  }

  /** Ends the reading when the stream has ended, with `leftBytes` in the accumulator; `null`: no answer had begun. */
  end(leftBytes: number): Answer | Flaw | null {
    if (this.#body === null) {
      const hasBegun = this.#headBytes + leftBytes > 0;
      return hasBegun ? flaw("short", "the answer ends in the middle of its head") : null;
    }
    const outcome = this.#body.content.end();
    return outcome === "complete" ? this.#finish() : flawOf(outcome);
  }

  #takeLine(line: string): Flaw | null {
    this.#headBytes += line.length + 2;
    if (this.#headBytes > HEAD_BYTES_MAX) return flaw("too long", `a head of more than ${HEAD_BYTES_MAX} bytes`);
    if (this.#statusLine === null) {
      const parsed = parseStatusLine(line);
      if (isFlaw(parsed)) return parsed;
      this.#statusLine = parsed;
      return null;
    }
    if (line === "") return this.#endHead({ ...this.#statusLine, fields: this.#fields });
    if (this.#fields.length === FIELD_LINES_MAX) return flaw("too long", `more than ${FIELD_LINES_MAX} field lines`);
    const field = parseFieldLine(line);
    if (isFlaw(field)) return field;
    this.#fields.push(field);
    return null;
  }

  #endHead(head: AnswerHead): Flaw | null {
    const framing = answerFraming(head, this.#options.isHeadRequest);
    if (isFlaw(framing)) return framing;
    if (head.status < 200) return this.#passOver(head.status);
    const persists = answerPersists(head, framing);
    const answer: Answer = {
      kind: "answer",
      ...head,
      framing: framing.kind,
      content: new Uint8Array(0),
      contentBytes: 0,
      persists,
    };
    const { contentBytesMax, keepsContent } = this.#options;
    const limits = { contentBytes: contentBytesMax, framingBytes: CHUNK_FRAMING_BYTES_MAX, framingGrows: true };
    const sink = keepsContent ? (bytes: Uint8Array) => this.#keep(bytes) : null;
    this.#body = { answer, content: new BodyReader(framing, limits, sink) };
    return null;
  }

  /** Copies the content, because the connection's accumulator reuses its memory. */
  #keep(bytes: Uint8Array): void {
    for (let rest = bytes; rest.length > 0;) {
      const space = this.#kept.space();
      const part = rest.subarray(0, space.length);
      space.set(part);
      this.#kept.commit(part.length);
      rest = rest.subarray(part.length);
    }
  }

  #passOver(status: number): Flaw | null {
    if (status === 101) {
      return flaw("malformed", "the server switches to another protocol without a request for it (101)");
    }
    if (++this.#interims > INTERIM_MAX) return flaw("too long", `more than ${INTERIM_MAX} interim answers`);
    this.#statusLine = null;
    this.#fields = [];
    this.#headBytes = 0;
    return null;
  }

  #finish(): Answer {
    const { answer, content } = this.#body!;
    const { bytes, start, end } = this.#kept;
    return { ...answer, content: bytes.slice(start, end), contentBytes: content.contentBytes };
  }
}

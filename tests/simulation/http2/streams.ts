/**
 * One request on its stream, and as much of the answer as has arrived. Knows the states of a stream (RFC 9113, section 5.1)
 * and what HTTP permits in it (8.1); not connections.
 */

import { concat } from "@std/bytes/concat";
import type { Answer } from "../answers.ts";
import { framingOf } from "../framing.ts";
import { Violation } from "../trace.ts";
import type { Field } from "./hpack_tables.ts";
import type { Http2Message } from "./messages.ts";
import { ClosedTime, Window } from "./windows.ts";

/** How a stream ended. */
export type End = "answered" | "reset by us" | "reset by server" | "refused by us";

/** What a stream begins with. */
export interface StreamWindows {
  readonly receive: number;
  readonly send: number;
  readonly isTooMany: boolean;
}

const CONNECTION_FIELDS = ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

/** A stream of the client. Times are in milliseconds of the clock; offsets count the client's bytes. */
export class Http2Stream {
  readonly id: number;
  readonly message: Http2Message;
  readonly startOffset: number;
  /** Where the request ends; `Infinity`: the client has not written all of it. */
  endOffset = Infinity;
  firstMs = Infinity;
  lastMs = Infinity;
  /** What the server may send. */
  readonly window: Window;
  readonly closed = new ClosedTime();
  /** What the client may send, and has still to send. */
  sendWindow: number;
  contentLeft: number;
  /** The error code of a mistake that the client has made on this stream; `null`: none. */
  mistake: number | null = null;
  /** The code of the server's RST_STREAM. */
  resetCode: number | null = null;
  #end: End | null = null;
  #head: Pick<Answer, "status" | "fields" | "framing" | "length"> | null = null;
  readonly #pieces: Uint8Array[] = [];
  #received = 0;
  #resetOffset = Infinity;
  /** Whether the client opened it although the server had said that there are too many. */
  readonly isTooMany: boolean;

  constructor(id: number, message: Http2Message, startOffset: number, windows: StreamWindows) {
    this.id = id;
    this.isTooMany = windows.isTooMany;
    this.message = message;
    this.startOffset = startOffset;
    this.window = new Window(windows.receive);
    this.sendWindow = windows.send;
    this.contentLeft = message.contentBytes ?? 0;
  }

  /** How it ended; `null`: the answer is not complete. */
  get end(): End | null {
    return this.#end;
  }

  /** Whether the client has ended its side. */
  get isLocalOver(): boolean {
    return this.endOffset < Infinity || this.#end === "reset by us";
  }

  /** Whether neither side sends any more. */
  get isOver(): boolean {
    return this.#end !== null && (this.#end !== "answered" || this.isLocalOver || this.resetCode !== null);
  }

  /** Whether the server must have content to send, and may send none. */
  get isWaitingForWindow(): boolean {
    return this.#end === null && this.#head !== null && this.window.left <= 0;
  }

  get hasHead(): boolean {
    return this.#head !== null;
  }

  /** The answer as far as it has come; `null`: not even its fields. */
  get answer(): Answer | null {
    if (this.#head === null) return null;
    return { ...this.#head, content: concat(this.#pieces), isComplete: this.#end === "answered", closes: false };
  }

  /** The client has no interest any more, and says so before this offset. */
  cancel(offset: number): void {
    this.#end ??= "reset by us";
    this.#resetOffset = offset;
  }

  /** Whether a frame is left over from the time before the server knew of the client's reset. */
  #isLate(knownOffset: number): boolean {
    if (this.#end !== "reset by us") return false;
    if (knownOffset >= this.#resetOffset) fail(`${this.id}: a frame after the server knew of the reset`);
    return true;
  }

  takeReset(code: number, knownOffset: number): void {
    if (this.#isLate(knownOffset)) return;
    if (this.resetCode !== null) fail(`${this.id}: two RST_STREAM`);
    if (this.#end === "answered" && (this.message.contentBytes === null || code !== 0)) {
      fail(`${this.id}: RST_STREAM ${code} after the answer`);
    }
    this.resetCode = code;
    this.#end ??= "reset by server";
  }

  /** Takes the fields of the answer. Throws a `Violation` if they are no fields of an answer. */
  takeHead(fields: readonly Field[], isLast: boolean, knownOffset: number): void {
    if (this.#isLate(knownOffset)) return;
    if (this.#head !== null || this.#end !== null) fail(`${this.id}: HEADERS after the answer's`);
    this.#head = headOf(fields);
    if (isLast) this.#complete();
  }

  takeData(bytes: Uint8Array, isLast: boolean, knownOffset: number): void {
    if (this.#isLate(knownOffset)) return;
    if (this.#head === null || this.#end !== null) fail(`${this.id}: DATA outside of an answer`);
    this.#pieces.push(bytes);
    this.#received += bytes.length;
    if (bytes.length > 0 && (this.message.isHead || this.#head.framing === "none")) {
      fail(`${this.id}: content of nothing`);
    }
    if (this.#head.length !== null && this.#received > this.#head.length) fail(`${this.id}: more than Content-Length`);
    if (isLast) this.#complete();
  }

  #complete(): void {
    const { framing, length } = this.#head!;
    const hasContent = !this.message.isHead && framing !== "none";
    if (hasContent && length !== null && this.#received < length) fail(`${this.id}: less than Content-Length`);
    this.#end = "answered";
  }
}

/** The fields of an answer, which must be those of a final one (sections 8.2 and 8.3.2). */
function headOf(fields: readonly Field[]): Pick<Answer, "status" | "fields" | "framing" | "length"> {
  const [[first, value] = ["", ""], ...others] = fields;
  if (first !== ":status" || !/^[2-5][0-9]{2}$/.test(value)) fail(`${first}: ${value} as the first field`);
  const known = new Map<string, string>();
  for (const [name, value] of others) {
    const isName = /^[a-z0-9-]+$/.test(name) && !CONNECTION_FIELDS.includes(name);
    const isValue = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value);
    if (!isName || !isValue || known.has(name)) fail(`a field ${JSON.stringify(`${name}: ${value}`)}`);
    known.set(name, value);
  }
  const status = Number(value);
  const framing = framingOf(status, known);
  return { status, fields: known, framing, length: framing === "length" ? Number(known.get("content-length")) : null };
}

function fail(detail: string): never {
  throw new Violation("streams go through their states", detail);
}

/**
 * What one client asked and got: each message with its times, each answer judged as it comes, and at the end whether
 * all was answered that had to be. Knows no sockets.
 */

import { type Answer, AnswerReader } from "./answers.ts";
import type { Ending, Promises } from "./deadlines.ts";
import { type Circumstances, judge } from "./oracle.ts";
import type { Memory, Message } from "./requests.ts";
import type { MemoryDisk } from "./disk.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { type Note, Violation } from "./trace.ts";

/** A message that a client sends, or begins to send. Times in milliseconds of the timeline. */
interface Sent {
  readonly message: Message;
  /** How much of it the client means to send. */
  readonly bytes: number;
  sentBytes: number;
  firstMs: number;
  lastMs: number;
  /** The longest time without a byte either way before or in it. */
  gapMs: number;
}

/** What all clients share. */
export interface Shared extends Ending {
  readonly timeline: VirtualClock;
  readonly disk: MemoryDisk;
  readonly promises: Promises;
  readonly memories: Map<string, Memory>;
  readonly note: Note;
  /** For how long a server may go by what it knows of a file. */
  readonly staleMs: number;
}

/** How it ended for a client. */
export interface Ended {
  /** The client took what there was and waited, and the network was in order. */
  readonly isGood: boolean;
  /** It took all to the end, and had not ended its own side. */
  readonly isListening: boolean;
  /** The end was a reset, which may have destroyed what was on its way. */
  readonly wasReset: boolean;
  /** Bytes that the server has read. */
  readonly received: number;
}

/** What the access log should say of an answer. */
export interface Answered {
  readonly status: number;
  readonly bytes: number;
  readonly isComplete: boolean;
}

function answeredBy({ status, content, isComplete }: Answer): Answered {
  return { status, bytes: content.length, isComplete };
}

const LF = 0x0a;

/** What the network does to a message on its way may add this to the times that the client knows. */
const SLACK_MS = 400;

export class Exchanges {
  readonly #who: string;
  readonly #shared: Shared;
  readonly #receivedBefore: (status: number) => number;
  readonly #sent: Sent[] = [];
  readonly #answered: Answered[] = [];
  readonly #reader = new AnswerReader((index, status) => !this.#isKnownHead(index, status));
  #isSendingOver = false;
  #hasContinued = false;
  /** The message whose answer the server owed when it was told to end. */
  #owedAtEnd = -1;

  /** `receivedBefore`: how much the server had read when it made the answer with that status that has come. */
  constructor(who: string, shared: Shared, receivedBefore: (status: number) => number) {
    this.#who = who;
    this.#shared = shared;
    this.#receivedBefore = receivedBefore;
  }

  /** The final answers that came, in order; the last may have been cut off. */
  get answered(): readonly Answered[] {
    const { cutOff } = this.#reader;
    return cutOff === null ? this.#answered : [...this.#answered, answeredBy(cutOff)];
  }

  /** Whether the client need not wait: all that it asked for is there, or the server has said that no more comes. */
  get isAnswered(): boolean {
    return this.#reader.isOver || (this.#reader.finals === this.#sent.length && !this.#reader.isAmid);
  }

  get isOver(): boolean {
    return this.#reader.isOver;
  }

  /** Says that the client is about to send `message`, or the first `bytes` of it. */
  add(message: Message, bytes: number): void {
    this.#sent.push({ message, bytes, sentBytes: 0, firstMs: Infinity, lastMs: Infinity, gapMs: 0 });
  }

  /** Says that `count` more bytes were sent, after `gapMs` without a byte either way. */
  send(count: number, gapMs: number): void {
    const nowMs = this.#shared.timeline.now();
    let left = count;
    for (const sent of this.#sent) {
      const part = Math.min(left, sent.bytes - sent.sentBytes);
      if (part === 0) continue;
      sent.firstMs = Math.min(sent.firstMs, nowMs);
      sent.gapMs = Math.max(sent.gapMs, gapMs);
      sent.sentBytes += part;
      if (sent.sentBytes === sent.message.bytes.length) sent.lastMs = nowMs;
      left -= part;
    }
  }

  /** Says that no more will be sent. */
  endSending(): void {
    this.#isSendingOver = true;
  }

  /** Takes what the server sent, and fails where it is not right. */
  receive(bytes: Uint8Array): void {
    for (const answer of this.#reader.read(bytes)) this.#take(answer);
  }

  /**
   * The server is told to end: it owes the answer that is under way, whatever it is on. `received`: bytes it has read.
   * `isUnderWay`: whether there is one even if nothing of the request has been read.
   */
  end(received: number, isUnderWay: boolean): void {
    const index = this.#reader.finals;
    const isBegun = isUnderWay || this.#reader.isAmid || received > this.#offset(index);
    this.#owedAtEnd = isBegun ? index : -1;
  }

  /** At the end: whether all came that had to. */
  conclude({ isGood, isListening, wasReset, received }: Ended): void {
    const { cutOff } = this.#reader;
    if (cutOff !== null) this.#judge(this.#reader.finals, cutOff);
    if (this.#reader.isOver) return;
    const index = this.#reader.finals;
    if (isGood && this.#isOwed(index)) {
      const how = wasReset ? "reset" : this.#reader.isAmid ? "cut off" : "not answered";
      throw new Violation("every request is answered", `${how}: ${this.#quote(index)}`);
    }
    const { message } = this.#sent[index] ?? {};
    const isAmid = message !== undefined && received > this.#offset(index) && received < this.#offset(index + 1);
    if (isListening && isAmid && this.#shared.endsMs() === Infinity) {
      throw new Violation("who is late is told", this.#quote(index));
    }
  }

  #isOwed(index: number): boolean {
    const isWanted = this.#shared.endsMs() === Infinity || index <= this.#owedAtEnd;
    return isWanted && this.#isSafe(index) && !this.#isTroubled(index);
  }

  /** Where the message of that index begins in all that is sent. */
  #offset(index: number): number {
    return this.#sent.slice(0, index).reduce((sum, { message }) => sum + message.bytes.length, 0);
  }

  #take(answer: Answer): void {
    const isFinal = answer.status >= 200;
    const index = this.#reader.finals - (isFinal ? 1 : 0);
    this.#shared.note(this.#who, `gets ${answer.status}`, answer.content.length);
    if (!isFinal) return this.#takeInterim(index, answer);
    this.#judge(index, answer);
    this.#answered.push(answeredBy(answer));
    this.#hasContinued = false;
  }

  #takeInterim(index: number, { status, fields }: Answer): void {
    const isExpected = this.#sent[index]?.message.expectsContinue === true && !this.#hasContinued;
    if (status !== 100 || !isExpected || fields.size > 0) {
      throw new Violation("interim answers are asked for", `${status}`);
    }
    this.#hasContinued = true;
  }

  #judge(index: number, answer: Answer): void {
    const { timeline, disk, memories, toldMs, staleMs } = this.#shared;
    const sent = this.#sent[index];
    if (sent === undefined || sent.firstMs === Infinity) {
      throw new Violation("answers are to requests, in their order", `${answer.status} to nothing`);
    }
    const circumstances: Circumstances = {
      disk,
      memories,
      sinceMs: sent.firstMs - staleMs,
      sentWallMs: timeline.wallOf(sent.firstMs),
      wallMs: timeline.wall(),
      isAbandoned: this.#isSendingOver && sent.sentBytes < sent.message.bytes.length,
      isSent: sent.sentBytes === sent.message.bytes.length,
      mayBeOverdue: !this.#isSafe(index) && timeline.now() - sent.firstMs >= this.#shortestMs,
      isEnding: toldMs() < Infinity,
      mustEnd: sent.firstMs > toldMs(),
    };
    const problem = judge(sent.message, answer, circumstances);
    if (problem !== null) throw new Violation("answers are right", `${problem}; for ${this.#quote(index)}`);
  }

  /** Whether the message of that index, and all before it, came so quickly that no deadline can have passed. */
  #isSafe(index: number): boolean {
    const { idleMs, messageMs } = this.#shared.promises;
    const message = this.#sent[index];
    if (message === undefined || message.lastMs === Infinity) return false;
    return this.#sent.slice(0, index + 1).every(({ firstMs, lastMs, gapMs }) =>
      gapMs + SLACK_MS <= idleMs && lastMs - firstMs + SLACK_MS <= messageMs
    );
  }

  /** No deadline can have passed before. */
  get #shortestMs(): number {
    const { idleMs, messageMs } = this.#shared.promises;
    return Math.min(idleMs, messageMs);
  }

  /** Whether the server must know that the answer gets no content: who has sent half a line has not said HEAD. */
  #isKnownHead(index: number, status: number): boolean {
    const { message } = this.#sent[index] ?? {};
    if (message === undefined || !message.isHead) return false;
    const known = this.#receivedBefore(status) - this.#offset(index);
    return (status !== 400 && status !== 408) || known > message.bytes.indexOf(LF, 2);
  }

  #isTroubled(index: number): boolean {
    const { message, firstMs } = this.#sent[index]!;
    const { expected } = message;
    return expected.kind === "file" && expected.place.path !== null &&
      this.#shared.disk.troubledMs(expected.place.path) >= firstMs - this.#shared.staleMs;
  }

  #quote(index: number): string {
    const bytes = this.#sent[index]?.message.bytes.subarray(0, 200) ?? new Uint8Array(0);
    return `message ${index}, ${JSON.stringify(String.fromCharCode(...bytes))}`;
  }
}

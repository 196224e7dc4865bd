/**
 * The requests and answers of one client. Records when each message was sent, checks each answer when it arrives, and
 * checks at the end that no required answer is missing. Knows no sockets.
 */

import { type Answer, AnswerReader } from "./answers.ts";
import { type Circumstances, judge } from "./oracle.ts";
import { type Message, underSwappedRoots } from "./requests.ts";
import { confOf, isTroubled, leastOf, type Shared, staleMsOf } from "./shared.ts";
import { Violation } from "./trace.ts";

/** A message that a client has sent completely or in part. Times are in milliseconds of the clock. */
interface Sent {
  readonly message: Message;
  /** Number of bytes of the message that the client intends to send. */
  readonly bytes: number;
  sentBytes: number;
  firstMs: number;
  lastMs: number;
  /** The longest time without a byte in either direction, before or during the message. */
  gapMs: number;
}

/** How the connection of a client ended. */
export interface Ended {
  /** The client read everything and waited, and the network did not fail. */
  readonly isGood: boolean;
  /** The client read to the end of the stream, and had not closed its own side. */
  readonly isListening: boolean;
  /** The connection was reset, so bytes on their way may have been lost. */
  readonly wasReset: boolean;
  /** Number of bytes that the server had read when it ended its side. */
  readonly received: number;
  /** Bytes that had arrived a moment before the server ended its side. */
  readonly arrivedInTime: number;
}

/** The facts about an answer that the access log contains. */
export interface Answered {
  readonly status: number;
  readonly bytes: number;
  readonly isComplete: boolean;
  /** The target of the request, in HTTP/2, where answers come in any order. */
  readonly target?: string;
}

function answeredBy({ status, content, isComplete }: Answer): Answered {
  return { status, bytes: content.length, isComplete };
}

const LF = 0x0a;

/** Tolerance: the network may deliver a message this much later than the client sends it. */
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

  /** `receivedBefore`: how many bytes the server had read when it made its last answer, which has this status. */
  constructor(who: string, shared: Shared, receivedBefore: (status: number) => number) {
    this.#who = who;
    this.#shared = shared;
    this.#receivedBefore = receivedBefore;
  }

  /** The final answers, in the order of their arrival. The last one may be cut off. */
  get answered(): readonly Answered[] {
    const { cutOff } = this.#reader;
    return cutOff === null ? this.#answered : [...this.#answered, answeredBy(cutOff)];
  }

  /** Whether the client need not wait: all answers have arrived, or the server has announced that it closes. */
  get isAnswered(): boolean {
    return this.#reader.isOver || (this.#reader.finals === this.#sent.length && !this.#reader.isAmid);
  }

  get isOver(): boolean {
    return this.#reader.isOver;
  }

  /** Records that the client is going to send the first `bytes` of `message`. */
  add(message: Message, bytes: number): void {
    this.#sent.push({ message, bytes, sentBytes: 0, firstMs: Infinity, lastMs: Infinity, gapMs: 0 });
  }

  /** Records that the client sends `count` more bytes, after `gapMs` without a byte in either direction. */
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

  /** Records that the client sends nothing more. */
  endSending(): void {
    this.#isSendingOver = true;
  }

  /** Checks bytes from the server. Throws a `Violation` if they are wrong. */
  receive(bytes: Uint8Array): void {
    for (const answer of this.#reader.read(bytes)) this.#take(answer);
  }

  /** Called at the end. Throws a `Violation` if a required answer is missing. */
  conclude({ isGood, isListening, wasReset, received, arrivedInTime }: Ended): void {
    if (isListening && !wasReset) { for (const answer of this.#reader.end()) this.#take(answer); }
    const { cutOff } = this.#reader;
    if (cutOff !== null) this.#judge(this.#reader.finals, cutOff);
    if (this.#reader.isOver) return;
    const index = this.#reader.finals;
    const how = wasReset ? "reset" : this.#reader.isAmid ? "cut off" : "not answered";
    if (isGood && this.#isOwed(index)) {
      throw new Violation("every request is answered", `${how}: ${this.#quote(index)}`);
    }
    if (isGood && this.#hasArrived(index, arrivedInTime)) {
      throw new Violation("a request that arrived before the end is answered", `${how}: ${this.#quote(index)}`);
    }
    const { message } = this.#sent[index] ?? {};
    const isAmid = message !== undefined && received > this.#offset(index) && received < this.#offset(index + 1);
    if (isListening && isAmid && this.#shared.endsMs() === Infinity) {
      throw new Violation("an unfinished request is answered with 408", this.#quote(index));
    }
  }

  #isOwed(index: number): boolean {
    return this.#shared.endsMs() === Infinity && this.#isSafe(index) && !this.#isTroubled(index);
  }

  /** Whether all of that message, which is no trouble, is within the first `count` bytes. */
  #hasArrived(index: number, count: number): boolean {
    return index < this.#sent.length && this.#offset(index + 1) <= count && !this.#isTroubled(index);
  }

  /** The position of a message in the bytes of the client. */
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
      throw new Violation("interim answers are sent only on request", `${status}`);
    }
    this.#hasContinued = true;
  }

  #judge(index: number, answer: Answer): void {
    const { timeline, disk, memories, toldMs } = this.#shared;
    const sent = this.#sent[index];
    if (sent === undefined || sent.firstMs === Infinity) {
      throw new Violation("every answer belongs to a request, in order", `${answer.status} without a request`);
    }
    const conf = confOf(this.#shared, sent.firstMs, answer);
    const circumstances: Circumstances = {
      disk,
      memories,
      serverName: conf.serverName,
      sinceMs: sent.firstMs - staleMsOf(this.#shared),
      sentWallMs: timeline.wallOf(sent.firstMs),
      wallMs: timeline.wall(),
      isAbandoned: this.#isSendingOver && sent.sentBytes < sent.message.bytes.length,
      isSent: sent.sentBytes === sent.message.bytes.length,
      mayBeOverdue: !this.#isSafe(index) && timeline.now() - sent.firstMs >= this.#shortestMs,
      isEnding: toldMs() < Infinity,
      // Of requests that come together, the last one ends the connection.
      mustEnd: sent.firstMs > toldMs() && !((this.#sent[index + 1]?.sentBytes ?? 0) > 0),
    };
    const message = conf.isSwapped ? underSwappedRoots(sent.message) : sent.message;
    const violation = judge(message, answer, circumstances);
    if (violation !== null) throw new Violation(violation.invariant, `${violation.detail}; for ${this.#quote(index)}`);
  }

  /** Whether this message and all before it were sent so quickly that no deadline can have passed. */
  #isSafe(index: number): boolean {
    const { idleMs, messageMs } = leastOf(this.#shared);
    const message = this.#sent[index];
    if (message === undefined || message.lastMs === Infinity) return false;
    return this.#sent.slice(0, index + 1).every(({ firstMs, lastMs, gapMs }) =>
      gapMs + SLACK_MS <= idleMs && lastMs - firstMs + SLACK_MS <= messageMs
    );
  }

  /** The shortest deadline of the server. */
  get #shortestMs(): number {
    const { idleMs, messageMs } = leastOf(this.#shared);
    return Math.min(idleMs, messageMs);
  }

  /** Whether the server knows that the method is HEAD. It does not if it has read only a part of the request line. */
  #isKnownHead(index: number, status: number): boolean {
    const { message } = this.#sent[index] ?? {};
    if (message === undefined || !message.isHead) return false;
    const known = this.#receivedBefore(status) - this.#offset(index);
    return (status !== 400 && status !== 408) || known > message.bytes.indexOf(LF, 2);
  }

  #isTroubled(index: number): boolean {
    const { message, firstMs } = this.#sent[index]!;
    return isTroubled(this.#shared, message, firstMs);
  }

  #quote(index: number): string {
    const bytes = this.#sent[index]?.message.bytes.subarray(0, 200) ?? new Uint8Array(0);
    return `message ${index}, ${JSON.stringify(String.fromCharCode(...bytes))}`;
  }
}

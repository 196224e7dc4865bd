/**
 * The requests of one client of HTTP/2 and what became of them. Compares each answer with the model that HTTP/1.1 is compared
 * with, and checks at the end that no required answer is missing. Knows no frames.
 */

import type { Answered } from "../exchanges.ts";
import type { Answer } from "../answers.ts";
import { type Circumstances, judge } from "../oracle.ts";
import { underSwappedRoots } from "../requests.ts";
import { confOf, isTroubled, leastOf, type Shared, staleMsOf } from "../shared.ts";
import { Violation } from "../trace.ts";
import type { Session } from "./session.ts";
import type { Http2Stream } from "./streams.ts";

/** How the connection of a client ended. */
export interface Http2Ended {
  /** The client read everything, opened its windows and waited, and the network did not fail. */
  readonly isGood: boolean;
  /** Bytes that had arrived a moment before the server ended its side. */
  readonly arrivedInTime: number;
  /** The longest time without a byte in either direction before the client sent something. */
  readonly gapMs: number;
}

/** Tolerance: the network may deliver a message this much later than the client sends it. */
const SLACK_MS = 400;

/** The least time for which windows must have been closed, less what the client learns late. */
const CLOSED_MS_MIN = 29_000;

/** Error codes (RFC 9113, section 7). */
const [INTERNAL_ERROR, REFUSED_STREAM, CANCEL] = [2, 7, 8];

export class Ledger {
  readonly #shared: Shared;
  readonly #who: string;
  readonly #session: Session;
  readonly #answered: Answered[] = [];

  constructor(who: string, shared: Shared, session: Session) {
    this.#who = who;
    this.#shared = shared;
    this.#session = session;
  }

  /** The answers that have come completely, in order. */
  get answered(): readonly Answered[] {
    return this.#answered;
  }

  /** A stream has ended with its answer, or the server has reset it. */
  end(stream: Http2Stream): void {
    const { answer } = stream;
    if (stream.mistake !== null) return this.#judgeMistake(stream);
    if (answer !== null && isJudgeable(answer)) this.#judge(stream, answer);
    if (stream.end === "reset by server") return this.#judgeReset(stream);
    this.#shared.note(this.#who, `gets ${answer!.status} on ${stream.id}`, answer!.content.length);
    const target = stream.message.fields.find(([name]) => name === ":path")![1];
    this.#answered.push({ status: answer!.status, bytes: answer!.content.length, isComplete: true, target });
    if (stream.id > this.#session.lastId) {
      throw new Violation("GOAWAY says which requests are answered", `${stream.id} after ${this.#session.lastId}`);
    }
  }

  #judgeMistake({ id, mistake, end, resetCode, answer }: Http2Stream): void {
    if (end === "reset by server" && (resetCode === mistake || this.#session.mistake?.includes(mistake!))) return;
    throw new Violation(
      "a mistake on a stream ends that stream",
      `${id}: ${resetCode ?? answer?.status}, not ${mistake}`,
    );
  }

  #judgeReset(stream: Http2Stream): void {
    const { resetCode, closed, id, message, firstMs } = stream;
    this.#shared.note(this.#who, `gets RST_STREAM on ${id}`, resetCode!);
    const nowMs = this.#shared.timeline.now();
    const isRight = resetCode === INTERNAL_ERROR && isTroubled(this.#shared, message, firstMs) ||
      resetCode === CANCEL && closed.totalMs(nowMs) > CLOSED_MS_MIN ||
      resetCode === REFUSED_STREAM && stream.isTooMany;
    if (!isRight) {
      throw new Violation("a stream is reset only for a reason", `${id}: ${resetCode}; for ${quote(stream)}`);
    }
  }

  #judge(stream: Http2Stream, answer: Answer): void {
    const { timeline, disk, memories, toldMs } = this.#shared;
    const { message, firstMs, lastMs } = stream;
    if (firstMs === Infinity) {
      throw new Violation("every answer belongs to a request, in order", `${answer.status} before ${quote(stream)}`);
    }
    const conf = confOf(this.#shared, firstMs, answer);
    const circumstances: Circumstances = {
      disk,
      memories,
      serverName: conf.serverName,
      sinceMs: firstMs - staleMsOf(this.#shared),
      sentWallMs: timeline.wallOf(firstMs),
      wallMs: timeline.wall(),
      isAbandoned: false,
      isSent: lastMs < Infinity || message.isDeclined,
      mayBeOverdue: false,
      isEnding: toldMs() < Infinity,
      mustEnd: false,
    };
    const violation = judge(conf.isSwapped ? underSwappedRoots(message) : message, answer, circumstances);
    if (violation !== null) throw new Violation(violation.invariant, `${violation.detail}; for ${quote(stream)}`);
  }

  /** Called at the end. Throws a `Violation` if a required answer is missing. */
  conclude({ isGood, arrivedInTime, gapMs }: Http2Ended): void {
    for (const stream of this.#session.unanswered) {
      if (stream.answer !== null && stream.mistake === null && isJudgeable(stream.answer)) {
        this.#judge(stream, stream.answer);
      }
    }
    if (!isGood || this.#session.mistake !== null) return;
    const nowMs = this.#shared.timeline.now();
    if (this.#session.unanswered.some(({ closed }) => closed.totalMs(nowMs) > CLOSED_MS_MIN)) return;
    const { idleMs, messageMs } = leastOf(this.#shared);
    const wasQuick = [...this.#session.streams.values()].every(({ firstMs, lastMs, end }) =>
      end !== null || lastMs - firstMs + SLACK_MS <= messageMs || firstMs === Infinity
    );
    const isSafe = this.#shared.endsMs() === Infinity && gapMs + SLACK_MS <= idleMs && wasQuick;
    for (const stream of this.#session.unanswered) {
      if (stream.mistake !== null || isTroubled(this.#shared, stream.message, stream.firstMs)) continue;
      if (isSafe && stream.lastMs < Infinity && stream.id <= this.#session.lastId) {
        throw new Violation("every request is answered", quote(stream));
      }
      if (stream.endOffset <= arrivedInTime) {
        throw new Violation("a request that arrived before the end is answered", quote(stream));
      }
    }
  }
}

/** The parts of a range say in what form they are, so that the first of them must be there. */
function isJudgeable({ fields, content, isComplete }: Answer): boolean {
  return isComplete || !fields.get("content-type")?.startsWith("multipart/") || content.length > 300;
}

function quote({ id, message }: Http2Stream): string {
  const fields = message.fields.map(([name, value]) => `${name}: ${value}`).join(", ").slice(0, 300);
  return `stream ${id} with ${message.contentBytes ?? "no"} bytes, ${fields}`;
}

/**
 * The question protocol: a question is bytes that end in `?`, its answer bytes that end in `.`; no lengths, no newlines,
 * many a connection, and the client closes.
 * @module
 */

import {
  type Accumulator,
  type Clock,
  type Connection,
  type Protocol,
  STEPS_A_TURN,
  systemClock,
  Turns,
} from "../../src/mod.ts";

/** The questions that have an answer, and their answers. */
export const APHORISMS: Readonly<Record<string, string>> = {
  "Beautiful is better than?": "Ugly.",
  "Explicit is better than?": "Implicit.",
  "Simple is better than?": "Complex.",
};

/** The longest question, its `?` included, in bytes. The longest that has an answer is 25. Past it: an error, and close. */
export const QUESTION_BYTES_MAX = 1024;

/** TCP port on which questions are answered unless said otherwise. */
export const QUESTION_PORT = 1060;

const UNKNOWN = "Error: unknown aphorism.";
const TOO_LONG = "Error: the question is too long.";
const UNFINISHED = "Error: the question did not end in time.";

const QUESTION_MARK = 0x3f;
const CR = 0x0d;
const LF = 0x0a;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The question protocol for `serve`. Each question is answered in turn, however they are split or joined; newlines between
 * them, which no client should send and every terminal does, are skipped. One that does not end within
 * `QUESTION_BYTES_MAX` is answered with an error, and the connection ends; one that does not end in time, too.
 */
export function question(clock: Clock = systemClock): Protocol {
  return async (connection) => {
    connection.farewell = () => encoder.encode(UNFINISHED);
    const turns = new Turns(clock);
    for (;;) {
      const { answers, next } = answerSome(connection.input);
      const isAnswered = answers !== "";
      // What is left may be the beginning of the next question, whose time starts now, or nothing.
      if (isAnswered || connection.input.length === 0) connection.endMessage();
      if (isAnswered) await connection.write(encoder.encode(answers));
      if (next === "end") return await connection.linger();
      await turns.next();
      if (next === "more") continue;
      if (isAnswered && connection.draining && connection.input.length === 0) return await connection.linger();
      const filled = await connection.fill();
      if (filled === "full") return await refuse(connection);
      if (filled !== "bytes") return; // Whoever ends in the middle of a question has asked none.
    }
  };
}

/** For a server whose accumulators are smaller than the longest question. */
async function refuse(connection: Connection): Promise<void> {
  await connection.write(encoder.encode(TOO_LONG));
  await connection.linger();
}

/** `more`: there may be further questions. `read`: the next is not complete. `end`: it cannot become one. */
interface Answered {
  readonly answers: string;
  readonly next: "more" | "read" | "end";
}

/** Answers the complete questions in `input`, up to a turn's worth: a peer that sends nothing but `?` gets 24 bytes for each. */
function answerSome(input: Accumulator): Answered {
  let answers = "";
  for (let count = 0; count < STEPS_A_TURN; count++) {
    const taken = takeQuestion(input);
    if (taken === "partial") return { answers, next: "read" };
    if (taken === "too long") return { answers: answers + TOO_LONG, next: "end" };
    answers += Object.hasOwn(APHORISMS, taken.question) ? APHORISMS[taken.question] : UNKNOWN;
  }
  return { answers, next: "more" };
}

/**
 * Consumes the first question in `input`, and the newlines before it. A question that comes byte by byte is searched from
 * its beginning each time: it is short.
 */
export function takeQuestion(input: Accumulator): { readonly question: string } | "partial" | "too long" {
  const { bytes } = input;
  let newlines = 0;
  while (newlines < input.length && isNewline(bytes[input.start + newlines])) newlines++;
  input.consume(newlines);
  const { start, end } = input;
  const searchEnd = Math.min(end, start + QUESTION_BYTES_MAX);
  let at = start;
  while (at < searchEnd && bytes[at] !== QUESTION_MARK) at++;
  if (at === searchEnd) return end - start < QUESTION_BYTES_MAX ? "partial" : "too long";
  const question = decoder.decode(bytes.subarray(start, at + 1));
  input.consume(at + 1 - start);
  return { question };
}

function isNewline(octet: number | undefined): boolean {
  return octet === LF || octet === CR;
}

/**
 * The question protocol: a question is a sequence of bytes that ends in `?`, its answer a sequence that ends in `.`. There
 * are no lengths and no newlines. A client may send many questions on one connection, and closes it.
 * @module
 */

import { type Accumulator, type Connection, TURNS_MAX } from "../../src/mod.ts";

/** The known questions and their answers. */
export const APHORISMS: Readonly<Record<string, string>> = {
  "Beautiful is better than?": "Ugly.",
  "Explicit is better than?": "Implicit.",
  "Simple is better than?": "Complex.",
};

/** Maximum length of a question in bytes, including its `?`. After a longer one, the server sends an error and closes. */
export const QUESTION_BYTES_MAX = 1024;

/** Default TCP port of a question server. */
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
 * The question protocol for `serve`. It answers the questions in order, however TCP splits or joins them. It skips newlines
 * between questions: the protocol has none, but every terminal sends them. If a question is longer than
 * `QUESTION_BYTES_MAX`, or is not complete in time, the server sends an error and ends the connection.
 */
export async function question(connection: Connection): Promise<void> {
  connection.farewell = () => encoder.encode(UNFINISHED);
  for (;;) {
    const { answers, next } = answerSome(connection.input);
    const isAnswered = answers !== "";
    // If bytes are left, they begin the next question, and its deadline starts now.
    if (isAnswered || connection.input.length === 0) connection.endMessage();
    if (isAnswered) await connection.write(encoder.encode(answers));
    if (next === "end") return await connection.linger();
    if (next === "more") continue;
    if (isAnswered && connection.draining && connection.input.length === 0) return await connection.linger();
    const filled = await connection.fill();
    if (filled === "full") return await refuse(connection);
    if (filled !== "bytes") return; // The client has closed its side. An incomplete question gets no answer.
  }
}

/** Called if the accumulator is full, in a server whose accumulators are smaller than `QUESTION_BYTES_MAX`. */
async function refuse(connection: Connection): Promise<void> {
  await connection.write(encoder.encode(TOO_LONG));
  await connection.linger();
}

/**
 * Answers, and what to do next. `more`: there may be more complete questions. `read`: the next question is incomplete.
 * `end`: the next question is too long.
 */
interface Answered {
  readonly answers: string;
  readonly next: "more" | "read" | "end";
}

/** Answers at most `TURNS_MAX` complete questions in `input`, because each `?` of a peer costs an answer of 24 bytes. */
function answerSome(input: Accumulator): Answered {
  let answers = "";
  for (let count = 0; count < TURNS_MAX; count++) {
    const taken = takeQuestion(input);
    if (taken === "partial") return { answers, next: "read" };
    if (taken === "too long") return { answers: answers + TOO_LONG, next: "end" };
    answers += Object.hasOwn(APHORISMS, taken.question) ? APHORISMS[taken.question] : UNKNOWN;
  }
  return { answers, next: "more" };
}

/**
 * Consumes the first question in `input` and the newlines before it. It searches an incomplete question from its beginning
 * each time, which is cheap because a question is short.
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

/**
 * Mutated pipelines over the whole protocol. The answers are framed correctly and in order, and each belongs to the request
 * that the slow reference finds at this position. The conversation ends. The result does not depend on how the bytes are
 * split.
 */

import type { Handler } from "../../../src/http/handler.ts";
import { splitEvery } from "../../feed.ts";
import { CountedContent, parsedHead } from "../../http/conversation.ts";
import { Random } from "../../simulation/random.ts";
import { agree, insist } from "../agree.ts";
import { type Held, hold } from "../conversing.ts";
import { cutRandomly, seedOf } from "../cuts.ts";
import { mutating } from "../mutating.ts";
import { toBytes, toText } from "../mutate.ts";
import { answersDue, type Due } from "../reference/conversation.ts";
import { CONTENTS, HEADS, HTTP_WORDS, PIPELINES } from "../seeds.ts";

export const conversations = mutating({
  name: "conversations",
  runsInTests: 300,
  share: 8,
  seeds: [...HEADS, ...CONTENTS, ...PIPELINES],
  dictionary: HTTP_WORDS,
  check: checkConversation,
});

/** Longer inputs are not sent byte by byte, because that is slow. */
const BYTE_BY_BYTE_MAX = 1000;

/** Sends `bytes` split in several ways, and compares the results with each other and with the reference. */
export async function checkConversation(bytes: Uint8Array): Promise<string> {
  const random = new Random(seedOf(bytes));
  const whole = await converse([bytes], Infinity);
  const due = answersDue(toText(bytes), statusOf);
  checkAgainstReference(due, whole);
  const ways = [cutRandomly(bytes, random), cutRandomly(bytes, random)];
  if (bytes.length <= BYTE_BY_BYTE_MAX) ways.push(splitEvery(bytes, 1));
  for (const chunks of ways) {
    const cut = await converse(chunks, random.pick([Infinity, 1000, 77]));
    const way = chunks.length === bytes.length ? "byte by byte" : "cut at random";
    checkAgainstReference(due, cut);
    agree(cut.logged.map(({ status }) => status), whole.logged.map(({ status }) => status), `logged, ${way}`);
    agree(cut.written, whole.written, `written, ${way}`);
  }
  const { logged } = whole;
  const last = logged.at(-1);
  return `${Math.min(logged.length, 5)} answers, ${last?.status ?? "none"} ${last?.problem ?? ""}`;
}

function checkAgainstReference(due: readonly Due[], { handled, answers, logged }: Held): void {
  const lines = due.flatMap(({ requestLine }) => requestLine === null ? [] : [requestLine]);
  agree(handled, lines, "the requests");
  agree(answers.length, due.length, "the number of answers");
  for (const [index, { requestLine, status, mayContinue }] of due.entries()) {
    const answer = answers[index]!;
    insist(
      status === null ? answer.status >= 400 : answer.status === status,
      `status ${answer.status} for ${requestLine}`,
    );
    insist(answer.interims <= (mayContinue ? 1 : 0), "an unexpected 100");
    const isEcho = status === 200 && logged[index]!.method !== "HEAD";
    if (isEcho) agree(answer.content, requestLine, "the content");
    const isLast = index === due.length - 1;
    insist(isLast || answer.fields.get("connection") !== "close", "an answer after one that closes");
  }
}

/** The handler answers some methods with an error, so that requests after an error are tested. */
function statusOf(method: string): 200 | 405 {
  return method === "DELETE" || method === "CONNECT" ? 405 : 200;
}

/** Runs a conversation with a handler that answers with the request line. Checks that each content is closed once. */
async function converse(chunks: readonly Uint8Array[], writeMax: number): Promise<Held> {
  const contents: CountedContent[] = [];
  const handler: Handler = ({ fields }) => {
    const content = new CountedContent(toBytes(parsedHead(fields).requestLine));
    contents.push(content);
    return { status: statusOf(parsedHead(fields).method), fields: [["Content-Type", "text/plain"]], content };
  };
  const held = await hold(chunks, handler, writeMax);
  for (const { closed } of contents) agree(closed, 1, "how often content was closed");
  return held;
}

/**
 * Runs one case over a real socket and describes what is wrong, if anything.
 */

import type { Answer, Case, Step } from "./case.ts";
import { expand, type Fixture } from "./fixture.ts";
import { checkInvariants } from "./invariants.ts";
import { checkParts } from "./multipart.ts";
import { type Response, Wire } from "./wire.ts";

/** Long enough for the server to read a segment alone, and short enough for hundreds of segments. */
const BETWEEN_SEGMENTS_MS = 5;

const FOLLOW_UP = "GET /canary.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
const FOLLOW_UP_ANSWER: Answer = { status: 200, content: "canary", fields: { Connection: "close" } };

/** Returns `null` if the case passes, otherwise a description of the failure. */
export async function runCase(tried: Case, fixture: Fixture): Promise<string | null> {
  const wire = await Wire.connect(fixture.port);
  try {
    await new Attempt(tried, fixture, wire).run();
    return null;
  } catch (error) {
    const sent = [tried.send].flat().map((step) => JSON.stringify(step).slice(0, 600)).join("\n        ");
    const problem = error instanceof Error ? error.message : String(error);
    return `RFC ${tried.rfc} (${tried.level}): ${tried.about}\n  sent: ${sent}\n  received: ` +
      `${JSON.stringify(wire.transcript.slice(0, 900))}\n  problem: ${problem}`;
  } finally {
    wire.close();
  }
}

class Attempt {
  readonly #case: Case;
  readonly #fixture: Fixture;
  readonly #wire: Wire;
  readonly #awaited: Answer[];
  readonly #responses: Response[] = [];

  constructor(tried: Case, fixture: Fixture, wire: Wire) {
    this.#case = tried;
    this.#fixture = fixture;
    this.#wire = wire;
    this.#awaited = [...tried.answers];
  }

  async run(): Promise<void> {
    const steps = [this.#case.send].flat();
    for (const [index, step] of steps.entries()) {
      if (index > 0) await new Promise((resolve) => setTimeout(resolve, BETWEEN_SEGMENTS_MS));
      await this.#take(step);
    }
    while (this.#awaited.length > 0) await this.#takeAnswer();
    await this.#checkEnd();
  }

  async #take(step: Step): Promise<void> {
    if (typeof step === "string") return await this.#wire.send(expand(step, this.#fixture));
    if (step.kind === "await") return await this.#takeAnswer();
    await this.#wire.closeWrite();
  }

  /** Receives one response and matches it with the next expected answer, skipping optional ones. */
  async #takeAnswer(): Promise<void> {
    const likeliest = this.#awaited.find(({ optional }) => optional !== true) ?? this.#awaited[0];
    const response = await this.#wire.next(likeliest?.toHead ?? false);
    for (;;) {
      const answer = this.#awaited.shift();
      if (answer === undefined) {
        if (response === null) return; // All missing answers were optional.
        throw new Error(`an unexpected response: ${response.status}`);
      }
      if (answer.optional && (response === null || !allowsStatus(answer, response.status))) continue;
      if (response === null) throw new Error(`the connection ended without an answer of ${answer.status}`);
      this.#responses.push(response);
      checkInvariants(response, answer.toHead ?? false, this.#case.allows);
      return this.#checkAnswer(response, answer);
    }
  }

  #checkAnswer(response: Response, answer: Answer): void {
    if (!allowsStatus(answer, response.status)) throw new Error(`status ${response.status}, not ${answer.status}`);
    for (const [name, expected] of Object.entries(answer.fields ?? {})) {
      this.#checkText(name, response.field(name.toLowerCase()) ?? null, expected);
    }
    if (answer.content !== undefined) this.#checkText("the content", response.content, answer.content);
    if (answer.parts !== undefined) checkParts(response, answer.parts);
    if (answer.fieldsOfFirst === true) checkSameFields(response, this.#responses[0]!);
  }

  #checkText(what: string, actual: string | null, expected: string | RegExp | null): void {
    const wanted = typeof expected === "string" ? expand(expected, this.#fixture) : expected;
    const isRight = wanted instanceof RegExp ? actual !== null && wanted.test(actual) : actual === wanted;
    if (!isRight) throw new Error(`${what} is ${show(actual)}, not ${show(wanted)}`);
  }

  async #checkEnd(): Promise<void> {
    const last = this.#responses.at(-1);
    const saysClose = last !== undefined && last.connection.includes("close");
    const then = this.#case.then === "either" ? (saysClose ? "closes" : "persists") : this.#case.then;
    if (then === "persists") {
      if (saysClose) throw new Error("the last answer says close where the connection should persist");
      await this.#wire.send(FOLLOW_UP);
      const response = await this.#wire.next(false);
      if (response === null) throw new Error("the connection ended instead of answering one more request");
      this.#checkAnswer(response, FOLLOW_UP_ANSWER);
    } else if (then === "closes" && last !== undefined && !saysClose) {
      throw new Error("the last answer does not say close (RFC 9112, section 9.6)");
    }
    const rest = await this.#wire.rest();
    if (rest !== "") throw new Error(`${rest.length} octets behind the last answer: ${show(rest.slice(0, 300))}`);
  }
}

function allowsStatus({ status }: Answer, actual: number): boolean {
  return typeof status === "number" ? status === actual : status.includes(actual);
}

function checkSameFields(response: Response, first: Response): void {
  const comparable = ({ fields }: Response) =>
    fields.filter(([name]) => !/^(?:date|connection)$/i.test(name)).map((field) => field.join(": ")).sort().join("\n");
  if (comparable(response) !== comparable(first)) {
    throw new Error(`fields differ from those of the first answer:\n${comparable(first)}\n-\n${comparable(response)}`);
  }
}

function show(value: string | RegExp | null): string {
  return value instanceof RegExp ? String(value) : JSON.stringify(value);
}

/**
 * A check of the self-test as a value, and helpers to write one. Pure, except that checks talk to an instance.
 * @module
 */

import type { Instance } from "./instance.ts";
import { type Answer, parseAnswers } from "./wire.ts";

/** What checks can use. */
export interface Ground {
  readonly instance: Instance;
  /** Starts another instance, for checks that end it. */
  readonly start: () => Instance;
  /** Entity tag and Last-Modified of `/a.txt`. */
  readonly validators: { readonly etag: string; readonly modified: string };
}

/** One check. */
export interface Check {
  /** What the server does, as a sentence without its subject. */
  readonly name: string;
  /** What it means for a user if the check fails. */
  readonly meaning: string;
  /** Resolves to what is wrong, or to `null`. */
  readonly run: (ground: Ground) => Promise<string | null>;
}

/** What is expected of one answer. */
export interface Expected {
  readonly status: number;
  /** The whole content. */
  readonly content?: string;
  /** Fields in lower case with their values; `null`: absent. */
  readonly fields?: Readonly<Record<string, string | RegExp | null>>;
}

/** Text to send, or a function that makes it. */
type Text = string | ((ground: Ground) => string);

/** How a check sends its text. */
export interface Sending {
  readonly isByteByByte?: boolean;
}

/** `GET /a.txt` with further field lines; the connection ends after the answer. */
export function get(target = "/a.txt", ...fields: readonly string[]): string {
  return request("GET", target, ...fields);
}

/** Like `get`, with another method. */
export function request(method: string, target: string, ...fields: readonly string[]): string {
  return [`${method} ${target} HTTP/1.1`, "Host: localhost", ...fields, "Connection: close", "", ""].join("\r\n");
}

/** A request after which others follow. */
export function first(target = "/a.txt", ...fields: readonly string[]): string {
  return [`GET ${target} HTTP/1.1`, "Host: localhost", ...fields, "", ""].join("\r\n");
}

/** Sends `text`, and compares all answers until the server ends. */
export function exchange(text: Text, expected: readonly Expected[], sending: Sending = {}): Check["run"] {
  return async (ground) => {
    const sent = typeof text === "string" ? text : text(ground);
    const wire = await ground.instance.connect();
    try {
      await wire.send(sent, sending.isByteByByte);
      await wire.end();
      const { text: received, isEnded } = await wire.receive();
      if (!isEnded) return "the server did not end the connection";
      return compare(received, sent, expected);
    } finally {
      wire.close();
    }
  };
}

/** What is wrong with the answers; `null`: nothing. */
export function compare(received: string, sent: string, expected: readonly Expected[]): string | null {
  const methods = [...sent.matchAll(/^([A-Z]+) \S+ HTTP\//gm)].map(([, method]) => method!);
  const { answers, isWhole } = parseAnswers(received, methods);
  if (!isWhole) return `the answer is malformed or incomplete: ${JSON.stringify(received.slice(0, 80))}`;
  if (answers.length !== expected.length) return `${answers.length} answers came to ${expected.length} requests`;
  return expected.map((each, index) => difference(answers[index]!, each)).find((found) => found !== null) ?? null;
}

function difference({ status, fields, content }: Answer, expected: Expected): string | null {
  if (status !== expected.status) return `the status is ${status} instead of ${expected.status}`;
  if (expected.content !== undefined && content !== expected.content) {
    return `the content is ${JSON.stringify(content.slice(0, 60))} (${content.length} bytes)`;
  }
  for (const [name, value] of Object.entries(expected.fields ?? {})) {
    const found = fields.get(name) ?? null;
    const isSame = value instanceof RegExp ? found !== null && value.test(found) : found === value;
    if (!isSame) return `the field ${name} is ${JSON.stringify(found)}`;
  }
  return null;
}

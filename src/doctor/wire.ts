/**
 * A client of the self-test: sends exactly the bytes that a check names, and collects what comes back.
 * Knows bytes, and so much of HTTP as it takes to tell answers apart.
 * @module
 */

import type { Socket } from "../net/socket.ts";
import { isPeerGone } from "../net/peer.ts";
import { writeAll } from "../net/write_all.ts";
import { latin1, latin1Bytes } from "../http/syntax.ts";

/** An answer. Names of fields are in lower case; lines of the same name are joined by commas. */
export interface Answer {
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
  /** One character per byte. */
  readonly content: string;
}

/** No answer of the self-test takes longer. */
const RECEIVE_MS = 4_000;

/** A connection to the instance. Text has one character per byte. */
export class Wire {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Sends text. `isByteByByte`: each byte in a write of its own. A server that has closed is no error. */
  async send(text: string, isByteByByte = false): Promise<void> {
    try {
      const bytes = latin1Bytes(text);
      if (!isByteByByte) return await writeAll(this.#socket, bytes);
      for (let at = 0; at < bytes.length; at++) {
        await writeAll(this.#socket, bytes.subarray(at, at + 1));
        if (at % 8 === 7) await new Promise((resolve) => setTimeout(resolve, 0)); // So that the server sees parts.
      }
    } catch (error) {
      if (!isPeerGone(error)) throw error;
    }
  }

  /** Ends our side. */
  async end(): Promise<void> {
    await this.#socket.closeWrite().catch(() => {}); // The server may have closed both.
  }

  /** What arrives until the server ends, or until `isEnough`. `isEnded`: the server has ended. */
  async receive(isEnough: (text: string) => boolean = () => false): Promise<{ text: string; isEnded: boolean }> {
    let text = "";
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.close();
    }, RECEIVE_MS);
    try {
      const chunk = new Uint8Array(64 * 1024);
      while (!isEnough(text)) {
        const count = await this.#socket.read(chunk);
        if (count === null) return { text, isEnded: true };
        text += latin1(chunk, 0, count);
      }
      return { text, isEnded: false };
    } catch (error) {
      if (!isPeerGone(error)) throw error;
      return { text, isEnded: !isLate };
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    try {
      this.#socket.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error; // It is closed.
    }
  }
}

/** The complete answers in `text` to requests with these methods, and whether nothing else is there. */
export function parseAnswers(text: string, methods: readonly string[]): { answers: Answer[]; isWhole: boolean } {
  const answers: Answer[] = [];
  for (let at = 0; at < text.length;) {
    const isHead = methods[answers.filter(({ status }) => status >= 200).length] === "HEAD";
    const parsed = parseAnswer(text.slice(at), isHead);
    if (parsed === null) return { answers, isWhole: false };
    answers.push(parsed.answer);
    at += parsed.length;
  }
  return { answers, isWhole: true };
}

function parseAnswer(text: string, isHead: boolean): { answer: Answer; length: number } | null {
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = text.slice(0, Math.max(0, end)).split("\r\n");
  const [, digits] = /^HTTP\/1\.1 ([1-5][0-9]{2}) /.exec(statusLine) ?? [];
  if (end < 0 || digits === undefined) return null;
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name = "", value = ""] = /^([^:\s]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === "") return null;
    const key = name.toLowerCase();
    fields.set(key, fields.has(key) ? `${fields.get(key)}, ${value}` : value);
  }
  const status = Number(digits);
  const isBare = isHead || status < 200 || status === 204 || status === 304;
  const size = isBare ? 0 : Number(fields.get("content-length") ?? text.length - end - 4);
  const content = text.slice(end + 4, end + 4 + size);
  return content.length === size ? { answer: { status, fields, content }, length: end + 4 + size } : null;
}

/**
 * The connections of the lab's grader: sends bytes as they are, reads answers leniently, and gives up after a time.
 * Knows bytes; not what an answer should be.
 * @module
 */

import { concat } from "@std/bytes/concat";

/** The server that is graded. */
export interface Place {
  readonly hostname: string;
  readonly port: number;
  /** The value of Host. */
  readonly host: string;
}

/** An answer, as lenient clients read it. */
export interface Reply {
  readonly status: number;
  /** Field lines in their order and letter case. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly content: Uint8Array;
}

/** Nothing arrives later than that from a server that works. */
const WAIT_MS = 10_000;

const latin1 = new TextDecoder("latin1");

/** One connection to the server. */
export class Wire {
  readonly #conn: Deno.TcpConn;
  #received = new Uint8Array(0);
  #isEnded = false;
  readonly #buffer = new Uint8Array(256 * 1024);
  #reading: Promise<number | null> | null = null;

  /** Use `Wire.open`. */
  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  /** Connects. Throws the error of the system. */
  static async open({ hostname, port }: Place): Promise<Wire> {
    return new Wire(await Deno.connect({ hostname, port }));
  }

  /** Sends all bytes of a text, one byte for each character. */
  async send(text: string): Promise<void> {
    let bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    while (bytes.length > 0) bytes = bytes.subarray(await inTime(this.#conn.write(bytes), "a write", WAIT_MS));
  }

  /** The next answer. `toHead`: it has no content. Throws if none is complete in time. */
  async reply(toHead = false, waitMs = WAIT_MS): Promise<Reply> {
    const untilMs = performance.now() + waitMs;
    for (;;) {
      const read = parseReply(this.#received, this.#isEnded, toHead);
      if (read !== null) {
        this.#received = this.#received.slice(read.length);
        return read.reply;
      }
      if (this.#isEnded) throw new Error(`the connection ended within an answer: ${this.#received.length} bytes came`);
      await this.#receive(untilMs - performance.now());
    }
  }

  /** Exactly `count` bytes as text, one character for each byte. */
  async take(count: number): Promise<string> {
    const untilMs = performance.now() + WAIT_MS;
    while (this.#received.length < count) {
      if (this.#isEnded) throw new Error(`the connection ended after ${latin1.decode(this.#received).slice(0, 60)}`);
      await this.#receive(untilMs - performance.now());
    }
    const taken = latin1.decode(this.#received.subarray(0, count));
    this.#received = this.#received.slice(count);
    return taken;
  }

  /** Whether the server closes, or resets, within `waitMs`. Discards what it sends. */
  async isClosedWithin(waitMs: number): Promise<boolean> {
    const untilMs = performance.now() + waitMs;
    while (!this.#isEnded) {
      try {
        await this.#receive(untilMs - performance.now());
      } catch (error) {
        return !(error instanceof LateError);
      }
    }
    return true;
  }

  /** Bytes that came and belong to no answer, after a moment. */
  async surplus(): Promise<number> {
    await this.#receive(100).catch(() => {});
    return this.#received.length;
  }

  /** Reads at most `count` bytes and keeps none. Returns their number; 0: the connection ended. */
  async discard(count: number): Promise<number> {
    return await inTime(this.#conn.read(new Uint8Array(count)), "an answer", WAIT_MS) ?? 0;
  }

  /** For `using`. */
  [Symbol.dispose](): void {
    this.#conn.close();
  }

  /** One read. If it does not end in time, the next call waits for the same one, so that no bytes are lost. */
  async #receive(waitMs: number): Promise<void> {
    const reading = this.#reading ??= this.#conn.read(this.#buffer);
    const count = await inTime(reading, "an answer", waitMs);
    this.#reading = null;
    if (count === null) this.#isEnded = true;
    else this.#received = concat([this.#received, this.#buffer.subarray(0, count)]);
  }
}

/** Nothing came in time. */
export class LateError extends Error {
  override name = "LateError";
}

async function inTime<T>(promise: Promise<T>, what: string, waitMs: number): Promise<T> {
  promise.catch(() => {}); // It fails when the connection is closed, which nobody waits for then.
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LateError(`${what} did not come in time`)), Math.max(0, waitMs));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The first answer in `bytes`, and its length; `null`: it is not complete. */
export function parseReply(
  bytes: Uint8Array,
  isEnded: boolean,
  toHead: boolean,
): { readonly reply: Reply; readonly length: number } | null {
  const text = latin1.decode(bytes);
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [statusLine = "", ...lines] = text.slice(0, end).split("\r\n");
  const status = Number(/^HTTP\/1\.[01] ([1-5][0-9]{2})(?: |$)/.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) throw new Error(`this is no status line: ${JSON.stringify(statusLine.slice(0, 60))}`);
  const fields = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, Math.max(0, colon)), line.slice(colon + 1).trim()] as const;
  });
  const first = end + 4;
  const made = (content: Uint8Array, length: number) => ({ reply: { status, fields, content }, length });
  if (toHead || status === 204 || status === 304) return made(bytes.slice(0, 0), first);
  const value = (name: string) => fields.find(([key]) => key.toLowerCase() === name)?.[1];
  if (/chunked/i.test(value("transfer-encoding") ?? "")) return chunked(bytes, text, first, made);
  const length = value("content-length");
  if (length === undefined) return isEnded ? made(bytes.slice(first), bytes.length) : null;
  const last = first + Number(length);
  return bytes.length < last ? null : made(bytes.slice(first, last), last);
}

/** Content in chunks (RFC 9112, section 7.1). Trailers are skipped. */
function chunked<T>(bytes: Uint8Array, text: string, first: number, made: (content: Uint8Array, length: number) => T) {
  const content: number[] = [];
  for (let at = first;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd < 0) return null;
    const size = parseInt(text.slice(at, lineEnd), 16);
    if (size === 0) {
      const end = text.indexOf("\r\n\r\n", lineEnd);
      return end < 0 ? null : made(Uint8Array.from(content), end + 4);
    }
    const next = lineEnd + 2 + size + 2;
    if (!(next <= bytes.length)) return null;
    content.push(...bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = next;
  }
}

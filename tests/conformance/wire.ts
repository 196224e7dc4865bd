/**
 * The connection of a strict client: sends octets unchanged, and reads responses by their exact framing
 * (RFC 9112, sections 4 to 6). Knows bytes and syntax; the cases say which answers are right.
 */

import { concat } from "@std/bytes/concat";
import { latin1, latin1Bytes } from "../../src/http/syntax.ts";

/** What ends the content (RFC 9112, section 6.3). `none`: an answer of this kind has no content. */
export type Framing = "none" | "length" | "chunked" | "close";

/** A received response. Field names keep their case. The content has one character per octet, and is without framing. */
export interface Response {
  readonly status: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly framing: Framing;
  readonly content: string;
  /** Connection options in lower case. */
  readonly connection: readonly string[];
  /** The value of the field with this lower-case name. The values of several lines are joined by commas. */
  field(name: string): string | undefined;
}

/** A case fails if a read takes longer than this. A case that passes never waits so long. */
const PATIENCE_MS = 10_000;

const HEAD_END = "\r\n\r\n";
const STATUS_LINE = /^HTTP\/1\.1 ([1-5][0-9]{2}) ([\t\x20-\x7e\x80-\xff]*)$/;
/** `name ": " value`, without other blanks around the value, without folding, without controls. */
const FIELD_LINE =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(?: ([\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?))?$/;

export class Wire {
  readonly #conn: Deno.TcpConn;
  #received = new Uint8Array(0);
  /** All received octets, for reports. */
  transcript = "";

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
    conn.setNoDelay(true); // Each send becomes a segment of its own.
  }

  static async connect(port: number): Promise<Wire> {
    return new Wire(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  /** Sends one octet per character. Ignores errors, because a server may close early, and its answers still count. */
  async send(text: string): Promise<void> {
    let bytes: Uint8Array = latin1Bytes(text);
    try {
      while (bytes.length > 0) bytes = bytes.subarray(await this.#conn.write(bytes));
    } catch (error) {
      if (!isClosedByPeer(error)) throw error;
    }
  }

  async closeWrite(): Promise<void> {
    await this.#conn.closeWrite();
  }

  close(): void {
    try {
      this.#conn.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error; // The timeout closed the connection.
    }
  }

  /** The next response, including interim ones; `null` if the connection ends instead. */
  async next(toHead: boolean): Promise<Response | null> {
    const head = await this.#takeHead();
    if (head === null) return null;
    const [statusLine = "", ...lines] = head.split("\r\n");
    const status = Number(STATUS_LINE.exec(statusLine)?.[1]);
    if (Number.isNaN(status)) throw new Error(`not a status line: ${JSON.stringify(statusLine)}`);
    const fields = lines.map(parseField);
    const field = (name: string) => valueOf(fields, name);
    const connection = (field("connection") ?? "").toLowerCase().split(",").map((option) => option.trim());
    const framing = framingOf({ status, toHead, connection, field });
    return { status, fields, field, connection, framing, content: await this.#takeContent(framing, field) };
  }

  /** All octets after the last response, until the server closes. */
  async rest(): Promise<string> {
    while (await this.#receive());
    return latin1(this.#received, 0, this.#received.length);
  }

  async #takeContent(framing: Framing, field: Response["field"]): Promise<string> {
    switch (framing) {
      case "none":
        return "";
      case "length":
        return await this.#take(Number(field("content-length")));
      case "chunked":
        return await this.#takeChunks();
      case "close": {
        while (await this.#receive());
        return await this.#take(this.#received.length);
      }
    }
  }

  /** Reads chunked content (RFC 9112, section 7.1). Refuses extensions and trailers, because this server never sends any. */
  async #takeChunks(): Promise<string> {
    let content = "";
    for (;;) {
      const line = await this.#takeLine();
      if (!/^(?:0|[1-9A-Fa-f][0-9A-Fa-f]{0,7})$/.test(line)) {
        throw new Error(`not a chunk size: ${JSON.stringify(line)}`);
      }
      const size = parseInt(line, 16);
      content += await this.#take(size);
      const end = await this.#takeLine();
      if (end !== "") throw new Error(`no CR LF behind a chunk of ${size}: ${JSON.stringify(end)}`);
      if (size === 0) return content;
    }
  }

  /** Removes the next line. Returns it without its CR LF. */
  async #takeLine(): Promise<string> {
    for (;;) {
      const text = latin1(this.#received, 0, Math.min(this.#received.length, 1024));
      const end = text.indexOf("\r\n");
      if (end >= 0) return (await this.#take(end + 2)).slice(0, end);
      if (text.length === 1024) throw new Error(`a line without an end: ${JSON.stringify(text.slice(0, 100))}`);
      if (!await this.#receive()) throw new Error(`the connection ended within a line: ${JSON.stringify(text)}`);
    }
  }

  async #takeHead(): Promise<string | null> {
    for (;;) {
      const text = latin1(this.#received, 0, Math.min(this.#received.length, 16 * 1024));
      const end = text.indexOf(HEAD_END);
      if (end >= 0) return (await this.#take(end + HEAD_END.length)).slice(0, end);
      if (await this.#receive()) continue;
      if (text === "") return null;
      throw new Error(`the connection ended within a head: ${JSON.stringify(text)}`);
    }
  }

  async #take(count: number): Promise<string> {
    while (this.#received.length < count) {
      if (!await this.#receive()) throw new Error(`the connection ended ${count - this.#received.length} octets early`);
    }
    const taken = latin1(this.#received, 0, count);
    this.#received = this.#received.slice(count);
    return taken;
  }

  async #receive(): Promise<boolean> {
    const chunk = new Uint8Array(64 * 1024);
    const count = await this.#read(chunk);
    if (count === null) return false;
    this.transcript = (this.transcript + latin1(chunk, 0, count)).slice(0, 2000);
    this.#received = concat([this.#received, chunk.subarray(0, count)]);
    return true;
  }

  async #read(chunk: Uint8Array): Promise<number | null> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.close();
    }, PATIENCE_MS);
    try {
      return await this.#conn.read(chunk);
    } catch (error) {
      if (isLate) throw new Error(`no octet for ${PATIENCE_MS} ms, and the connection is still open`);
      throw new Error(`the connection did not end properly: ${error}`);
    } finally {
      clearTimeout(timer);
    }
  }
}

function parseField(line: string): readonly [string, string] {
  const parts = FIELD_LINE.exec(line);
  if (parts === null) throw new Error(`not a field line: ${JSON.stringify(line)}`);
  return [parts[1]!, parts[2] ?? ""];
}

function valueOf(fields: Response["fields"], name: string): string | undefined {
  const values = fields.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(", ");
}

/** Finds out what ends the content (RFC 9112, section 6.3). Throws an error if a recipient could not know. */
function framingOf(
  { status, toHead, connection, field }: Pick<Response, "status" | "connection" | "field"> & { toHead: boolean },
): Framing {
  const coding = field("transfer-encoding");
  const length = field("content-length");
  if (coding !== undefined) {
    if (status < 200 || status === 204) throw new Error(`Transfer-Encoding with ${status} (9112 6.1)`);
    if (length !== undefined) throw new Error("Transfer-Encoding and Content-Length (9112 6.2)");
    if (coding !== "chunked") throw new Error(`Transfer-Encoding: ${coding}`);
  }
  if (toHead || status < 200 || status === 204 || status === 304) return "none";
  if (coding !== undefined) return "chunked";
  if (length === undefined && connection.includes("close")) return "close";
  if (!/^[0-9]+$/.test(length ?? "")) throw new Error(`no usable Content-Length with ${status}: ${length}`);
  return "length";
}

function isClosedByPeer(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionAborted;
}

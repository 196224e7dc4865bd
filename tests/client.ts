/**
 * A raw HTTP client for black-box tests: sends bytes as they are, and reads responses strictly.
 */

import { deadline } from "@std/async/deadline";
import { concat } from "@std/bytes/concat";
import { type Head, type Read, readContent, readHead, valuesOf } from "./response_reader.ts";

/** A response as it came: field names in their letter case, content byte for byte. */
export interface RawResponse extends Pick<Head, "status" | "reason" | "fields"> {
  readonly content: Uint8Array;
  /** Value of a field by its lower-case name; throws when it comes twice. */
  field(name: string): string | undefined;
  readonly text: string;
}

/** One connection. Everything that waits gives up after ten seconds. */
export class RawClient {
  readonly #conn: Deno.TcpConn;
  #received = new Uint8Array(0);

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  static async connect(port: number, hostname = "127.0.0.1"): Promise<RawClient> {
    return new RawClient(await Deno.connect({ hostname, port }));
  }

  async send(data: string | Uint8Array): Promise<void> {
    let bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    while (bytes.length > 0) bytes = bytes.subarray(await this.#conn.write(bytes));
  }

  /** The next final response. `toHead`: it answers a HEAD request and has no content. */
  async response(toHead = false): Promise<RawResponse> {
    for (;;) {
      const response = await this.#next(toHead);
      if (response.status >= 200) return response;
    }
  }

  /** The next response, interim ones included. */
  async #next(toHead: boolean): Promise<RawResponse> {
    const { status, reason, fields, framing } = await this.#read((bytes) => readHead(bytes, toHead));
    const { content } = await this.#read((bytes, isEnded) => readContent(framing, bytes, isEnded));
    const field = (name: string) => {
      const values = valuesOf(fields, name);
      if (values.length > 1) throw new Error(`${name} comes ${values.length} times`);
      return values[0];
    };
    return { status, reason, fields, content, field, text: new TextDecoder().decode(content) };
  }

  /** Receives until `read` has what it reads, and takes that. */
  async #read<T extends Head | Read>(read: (bytes: Uint8Array, isEnded: boolean) => T | null): Promise<T> {
    for (let isEnded = false;;) {
      const whole = read(this.#received, isEnded);
      if (whole !== null) {
        this.#received = this.#received.slice(whole.length);
        return whole;
      }
      if (isEnded) throw new Error(`The connection ended within a response: ${this.#received.length} bytes came`);
      isEnded = !await this.#receive();
    }
  }

  /** Exactly `count` bytes. */
  async take(count: number): Promise<Uint8Array> {
    while (this.#received.length < count) {
      if (!await this.#receive()) throw new Error(`The connection ended ${count - this.#received.length} bytes early`);
    }
    const taken = this.#received.slice(0, count);
    this.#received = this.#received.slice(count);
    return taken;
  }

  /** Resolves when the server closes; gives what came before. A reset throws. */
  async end(): Promise<Uint8Array> {
    const chunks = [this.#received];
    for (;;) {
      const chunk = await this.#readChunk();
      if (chunk === null) break;
      chunks.push(chunk);
    }
    return this.#received = concat(chunks);
  }

  /** Sends the end of our side. */
  async closeWrite(): Promise<void> {
    await this.#conn.closeWrite();
  }

  close(): void {
    try {
      this.#conn.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error; // Closed by a test before its cleanup.
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #receive(): Promise<boolean> {
    const chunk = await this.#readChunk();
    if (chunk === null) return false;
    this.#received = concat([this.#received, chunk]);
    return true;
  }

  async #readChunk(): Promise<Uint8Array<ArrayBuffer> | null> {
    const chunk = new Uint8Array(64 * 1024);
    const count = await deadline(this.#conn.read(chunk), 10_000);
    return count === null ? null : chunk.subarray(0, count);
  }
}

/** One request on a connection of its own. */
export async function exchange(port: number, request: string | Uint8Array): Promise<RawResponse> {
  using client = await RawClient.connect(port);
  await client.send(request);
  const isHead = typeof request === "string" && request.startsWith("HEAD ");
  return await client.response(isHead);
}

/** A GET request for `target` with further field lines. */
export function get(target: string, fields: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ Host: "localhost", ...fields }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${target} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

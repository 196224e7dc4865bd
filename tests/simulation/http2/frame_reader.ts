/**
 * A strict reader of the frames that a server sends: their sizes, flags and streams must be those of RFC 9113, section 6,
 * and a field block is not interrupted. Knows frames; not the states of streams.
 */

import { concat } from "@std/bytes/concat";
import { ACK, END_HEADERS, END_STREAM, type ReceivedFrame, type TypeName, TYPES } from "../../http2/wire.ts";
import { ByteQueue } from "../byte_queue.ts";
import { Violation } from "../trace.ts";

/** A frame. HEADERS come with their whole block. */
export interface ServerFrame extends Omit<ReceivedFrame, "type"> {
  readonly type: TypeName;
}

const HEADER_BYTES = 9;
const NAMES = new Map<number, TypeName>(
  (Object.entries(TYPES) as [TypeName, number][]).map(([name, number]) => [number, name]),
);

/** The flags that a server uses, the streams on which it sends, and the sizes, for each type that a server may send. */
const RULES: Partial<Record<TypeName, { flags: number; on: "stream" | "connection" | "either"; bytes?: number }>> = {
  DATA: { flags: END_STREAM, on: "stream" },
  HEADERS: { flags: END_STREAM | END_HEADERS, on: "stream" },
  CONTINUATION: { flags: END_HEADERS, on: "stream" },
  RST_STREAM: { flags: 0, on: "stream", bytes: 4 },
  SETTINGS: { flags: ACK, on: "connection" },
  PING: { flags: ACK, on: "connection", bytes: 8 },
  GOAWAY: { flags: 0, on: "connection" },
  WINDOW_UPDATE: { flags: 0, on: "either", bytes: 4 },
};

/** Reads the bytes of one connection. */
export class FrameReader {
  /** The largest payload that the client accepts. */
  bytesMax = 16_384;
  readonly #waiting = new ByteQueue();
  #header: Omit<ServerFrame, "payload"> | null = null;
  #length = 0;
  /** HEADERS whose block is not complete. */
  #begun: ServerFrame | null = null;

  /** Whether the bytes end within a frame or a block. */
  get isAmid(): boolean {
    return this.#begun !== null || this.#header !== null || this.#waiting.length > 0;
  }

  /** Yields each frame that the bytes complete. Throws a `Violation` if one is wrong. */
  *read(bytes: Uint8Array): Generator<ServerFrame> {
    this.#waiting.push(bytes);
    for (let frame = this.#next(); frame !== null; frame = this.#next()) {
      const whole = this.#join(frame);
      if (whole !== null) yield whole;
    }
  }

  #next(): ServerFrame | null {
    if (this.#header === null) {
      if (this.#waiting.length < HEADER_BYTES) return null;
      const view = new DataView(Uint8Array.from(this.#waiting.take(HEADER_BYTES)).buffer);
      this.#length = view.getUint32(0) >>> 8;
      const type = NAMES.get(view.getUint8(3));
      if (type === undefined) return fail(`type ${view.getUint8(3)}`);
      this.#header = { type, flags: view.getUint8(4), stream: view.getUint32(5) };
      this.#check(this.#header, this.#length);
    }
    if (this.#waiting.length < this.#length) return null;
    const frame = { ...this.#header, payload: this.#waiting.take(this.#length) };
    this.#header = null;
    return frame;
  }

  #check({ type, flags, stream }: Omit<ServerFrame, "payload">, length: number): void {
    const rule = RULES[type];
    if (rule === undefined) return fail(`${type} from a server`);
    if ((flags & ~rule.flags) !== 0) fail(`${type} with flags ${flags}`);
    if (length > this.bytesMax) fail(`${type} of ${length} bytes, of at most ${this.bytesMax}`);
    if (rule.bytes !== undefined && length !== rule.bytes) fail(`${type} of ${length} bytes`);
    if (type === "SETTINGS" && (flags === ACK ? length > 0 : length % 6 !== 0)) fail(`SETTINGS of ${length} bytes`);
    if (type === "GOAWAY" && length < 8) fail(`GOAWAY of ${length} bytes`);
    const isRight = stream === 0 ? rule.on !== "stream" : rule.on !== "connection" && stream % 2 === 1;
    if (!isRight || stream >= 2 ** 31) fail(`${type} on stream ${stream}`);
  }

  /** Joins HEADERS and their CONTINUATION frames (section 4.3). */
  #join(frame: ServerFrame): ServerFrame | null {
    const begun = this.#begun;
    if ((begun === null) !== (frame.type !== "CONTINUATION")) {
      fail(`${frame.type} ${begun ? "in" : "outside of"} a block`);
    }
    if (begun !== null && begun.stream !== frame.stream) fail("a block on two streams");
    const isPart = frame.type === "HEADERS" || frame.type === "CONTINUATION";
    const joined = begun === null ? frame : { ...begun, payload: concat([begun.payload, frame.payload]) };
    if (!isPart || (frame.flags & END_HEADERS) !== 0) {
      this.#begun = null;
      return joined;
    }
    this.#begun = joined;
    return null;
  }
}

function fail(detail: string): never {
  throw new Violation("frames follow RFC 9113", detail);
}

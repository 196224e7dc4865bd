/**
 * A socket in memory whose peer follows a script: what it sends and when it ends, resets or falls silent, how much it
 * takes of a write. Keeps what was written and a transcript of everything, in order.
 * @module
 */

import { concat } from "@std/bytes/concat";
import type { Socket } from "../src/net/socket.ts";
import { latin1, latin1Bytes } from "../src/http/syntax.ts";

/** The connection is reset: reads and writes fail from here on. */
export const RESET = { kind: "reset" } as const;

/** Nothing comes any more, and no end either: the read is pending until somebody closes. */
export const SILENCE = { kind: "silence" } as const;

/** A chunk to be read, an end as above, or something to do once all before it has been read. */
export type Step = string | Uint8Array | typeof RESET | typeof SILENCE | (() => void);

export interface PeerOptions {
  /** The most bytes that one write takes. */
  readonly writeMax?: number;
  /** After this many bytes in all, writes fail. */
  readonly takesBytes?: number;
}

/** The server's end. Behind the script's last step the peer has ended its side. */
export class MemorySocket implements Socket {
  readonly remoteAddr: Deno.NetAddr = { transport: "tcp", hostname: "192.0.2.7", port: 40_007 };
  /** `read 5`, `end`, `reset`, `write 7`, `write failed`, `close write`, `close`, as they happened. */
  readonly transcript: string[] = [];
  /** One entry a write. */
  readonly writes: Uint8Array[] = [];
  readonly #steps: Step[];
  readonly #options: PeerOptions;
  #taken = 0;
  /** What is under way. Two reads at the same time would share the bytes in an order that no system promises. */
  readonly #underWay = new Set<"read" | "write">();
  #isReset = false;
  #isWriteClosed = false;
  #isClosed = false;
  #interrupt: (() => void) | null = null;
  #leave: (() => void) | null = null;

  constructor(script: readonly Step[], options: PeerOptions = {}) {
    this.#steps = [...script];
    this.#options = options;
  }

  /** All that was written, one character an octet. */
  get written(): string {
    const bytes = concat(this.writes);
    return latin1(bytes, 0, bytes.length);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#alone("read", () => this.#read(into));
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#alone("write", () => this.#write(bytes));
  }

  async #alone<Result>(what: "read" | "write", operate: () => Promise<Result>): Promise<Result> {
    if (this.#underWay.has(what)) throw new Error(`Two concurrent calls of ${what}()`);
    this.#underWay.add(what);
    try {
      return await operate();
    } finally {
      this.#underWay.delete(what);
    }
  }

  async #read(into: Uint8Array): Promise<number | null> {
    await Promise.resolve();
    if (this.#isClosed) throw new Deno.errors.BadResource("closed");
    if (into.length === 0) throw new Error("A read into nothing would wait for nothing");
    for (;;) {
      const step = this.#steps.shift();
      if (step === undefined) return this.#end();
      if (typeof step === "function") step();
      else if (typeof step === "string") return this.#receive(latin1Bytes(step), into);
      else if (step instanceof Uint8Array) return this.#receive(step, into);
      else if (step.kind === "silence") return await this.#wait();
      else this.#reset();
    }
  }

  async #write(bytes: Uint8Array): Promise<number> {
    await Promise.resolve();
    if (this.#isClosed) throw new Deno.errors.BadResource("closed");
    const { writeMax = Infinity, takesBytes = Infinity } = this.#options;
    const count = Math.min(bytes.length, writeMax, takesBytes - this.#taken);
    if (this.#isReset || this.#isWriteClosed || (count === 0 && bytes.length > 0)) {
      this.transcript.push("write failed");
      throw new Deno.errors.BrokenPipe("nobody reads");
    }
    this.#taken += count;
    this.writes.push(bytes.slice(0, count));
    this.transcript.push(`write ${count}`);
    return count;
  }

  async closeWrite(): Promise<void> {
    await Promise.resolve();
    this.transcript.push("close write");
    this.#isWriteClosed = true;
    this.#leave?.(); // A peer that is told the end, and has nothing to say, goes.
    if (this.#isReset) throw new Deno.errors.NotConnected("reset");
  }

  setNoDelay(): void {}

  close(): void {
    if (this.#isClosed) throw new Deno.errors.BadResource("closed twice");
    this.#isClosed = true;
    this.transcript.push("close");
    this.#interrupt?.();
  }

  #receive(chunk: Uint8Array, into: Uint8Array): number {
    const part = chunk.subarray(0, into.length);
    into.set(part);
    if (part.length < chunk.length) this.#steps.unshift(chunk.subarray(part.length));
    this.transcript.push(`read ${part.length}`);
    return part.length;
  }

  #end(): null {
    this.transcript.push("end");
    return null;
  }

  #reset(): never {
    this.#steps.unshift(RESET);
    this.#isReset = true;
    this.transcript.push("reset");
    throw new Deno.errors.ConnectionReset("reset by peer");
  }

  #wait(): Promise<null> {
    return new Promise((resolve, reject) => {
      this.#leave = () => resolve(null);
      this.#interrupt = () => reject(new Deno.errors.Interrupted("closed while reading"));
    });
  }
}

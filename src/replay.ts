/**
 * Replay: a captured connection fed to the server again, on its own clock, and what it says compared with what it said.
 * @module
 */

import type { Config } from "./config/config.ts";
import { systemDisk } from "./files/disk.ts";
import type { CaptureLine } from "./log/capture.ts";
import { type Clock, systemClock } from "./net/clock.ts";
import type { Socket } from "./net/socket.ts";
import type { Listener } from "./net/listener.ts";
import { runServer } from "./server.ts";

/** What a replay came to. Texts have one character a byte. */
export interface Replayed {
  readonly recorded: string;
  readonly replayed: string;
  /** Where they differ first, Date fields aside; `null` where they do not. */
  readonly differenceAt: number | null;
  /** What the server reported meanwhile. */
  readonly problems: readonly string[];
}

/** Time after the last captured event in which the server may still close the connection. */
const AFTERMATH_MS = 10 * 60_000;

const STEP_MS = 100;

/** Feeds `capture` to a server with `config`. The files are those of the disk. */
export async function replay(capture: readonly CaptureLine[], config: Config): Promise<Replayed> {
  const [accept] = capture;
  if (accept?.kind !== "accept") throw new TypeError("A capture begins with an accept");
  const clock = new ReplayClock(accept.wallMs);
  const socket = new ReplaySocket(accept.peer);
  const listener = new OneConnection(socket);
  const stop = new AbortController();
  const problems: string[] = [];
  const running = runServer(config, {
    listener,
    clock,
    disk: systemDisk,
    access: () => {},
    report: (problem, error) => problems.push(`${problem}: ${error}`),
    signal: stop.signal,
  });
  for (const line of capture) {
    await clock.runUntil(line.at);
    if (line.kind === "received") socket.receive(line.bytes);
    if (line.kind === "end") socket.end();
    await turn();
  }
  const endMs = clock.now() + AFTERMATH_MS;
  while (!socket.isClosed && clock.now() < endMs) await clock.runUntil(clock.now() + STEP_MS);
  stop.abort();
  socket.end();
  await running;
  const recorded = capture.flatMap((line) => line.kind === "sent" ? [line.bytes] : []).join("");
  return { recorded, replayed: socket.sent, differenceAt: firstDifference(recorded, socket.sent), problems };
}

/** Where two outputs differ first; the values of Date fields may, all being the same length. */
function firstDifference(recorded: string, replayed: string): number | null {
  const [a, b] = [recorded, replayed].map((text) =>
    text.replace(/(?<=\r\nDate: )[^\r\n]*/g, (date) => "-".repeat(date.length))
  );
  if (a === b || a === undefined || b === undefined) return null;
  let at = 0;
  while (a[at] === b[at]) at++;
  return at;
}

/** Lets everything run that can run without more time or bytes. */
async function turn(): Promise<void> {
  for (let round = 0; round < 10; round++) await systemClock.sleep(0);
}

/** Time that goes as far as it is told. */
class ReplayClock implements Clock {
  readonly #startWallMs: number;
  #nowMs = 0;
  readonly #timers = new Set<{ dueMs: number; readonly periodMs: number | null; readonly call: () => void }>();

  constructor(startWallMs: number) {
    this.#startWallMs = startWallMs;
  }

  now(): number {
    return this.#nowMs;
  }

  wall(): number {
    return this.#startWallMs + this.#nowMs;
  }

  every(periodMs: number, call: () => void): () => void {
    const timer = { dueMs: this.#nowMs + periodMs, periodMs, call };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (delayMs === 0 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#timers.add({ dueMs: this.#nowMs + delayMs, periodMs: null, call: resolve });
      signal?.addEventListener("abort", () => resolve());
    });
  }

  /** Runs what is due until `untilMs`, in order. */
  async runUntil(untilMs: number): Promise<void> {
    for (;;) {
      const [next] = [...this.#timers].filter(({ dueMs }) => dueMs <= untilMs).toSorted((a, b) => a.dueMs - b.dueMs);
      if (next === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      if (next.periodMs === null) this.#timers.delete(next);
      else next.dueMs += next.periodMs;
      next.call();
      await turn();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }
}

/** The captured peer: gives what it gave then, takes everything at once. */
class ReplaySocket implements Socket {
  readonly remoteAddr: Deno.NetAddr;
  sent = "";
  isClosed = false;
  #waiting = "";
  #ended = false;
  #wake: (() => void) | null = null;

  constructor(hostname: string) {
    this.remoteAddr = { transport: "tcp", hostname, port: 0 };
  }

  receive(bytes: string): void {
    this.#waiting += bytes;
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#waiting === "" && !this.#ended && !this.isClosed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.isClosed) throw new Deno.errors.Interrupted("closed");
    if (this.#waiting === "") return null;
    const chunk = this.#waiting.slice(0, into.length);
    this.#waiting = this.#waiting.slice(chunk.length);
    for (let at = 0; at < chunk.length; at++) into[at] = chunk.charCodeAt(at);
    return chunk.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    for (const octet of bytes) this.sent += String.fromCharCode(octet);
    return Promise.resolve(bytes.length);
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  setNoDelay(): void {}

  close(): void {
    this.isClosed = true;
    this.#wake?.();
  }
}

/** A listener to which one connection comes, and then none. */
class OneConnection implements Listener {
  #socket: Socket | null;
  readonly #closed = Promise.withResolvers<Socket>();

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  accept(): Promise<Socket> {
    const socket = this.#socket;
    this.#socket = null;
    return socket === null ? this.#closed.promise : Promise.resolve(socket);
  }

  close(): void {
    this.#closed.reject(new Deno.errors.BadResource("closed"));
  }
}

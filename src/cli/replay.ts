/**
 * Feeds a captured connection to the server again, with simulated time, and compares the answers with the captured
 * ones.
 * @module
 */

import type { Config } from "../config/config.ts";
import { systemDisk } from "../files/disk.ts";
import type { CaptureLine } from "../log/capture.ts";
import { frameAt } from "../log/frames.ts";
import { Trace } from "../log/trace.ts";
import { systemClock } from "../net/clock.ts";
import { ManualClock } from "../net/manual_clock.ts";
import type { Opened } from "../net/security.ts";
import { runServer } from "../server.ts";
import { OneConnection, ScriptedPeer } from "./scripted_peer.ts";

export { parseCapture } from "../log/capture.ts";

/** The server writes at most 16 MiB into a capture, and one byte can take six characters. */
export const CAPTURE = { kind: "capture", mebibytesMax: 128 } as const;

/** The result of a replay. Texts have one character per byte. */
export interface Replayed {
  readonly recorded: string;
  readonly replayed: string;
  /** Offset of the first difference, apart from values that depend on the time; `null`: there is none. */
  readonly differenceAt: number | null;
  /** Whether both are frames of HTTP/2. */
  readonly isHttp2: boolean;
  /** The problems that the server reported. */
  readonly problems: readonly string[];
}

/** Simulated time after the last captured event in which the server may still close the connection. */
const AFTERMATH_MS = 10 * 60_000;

/** Longer than the server waits for a peer that accepts nothing: half a minute, and two minutes of send deadline. */
const SENDING_MS = 180_000;

/**
 * The longest pause in a replay. After it, the server has done everything that it does because nothing arrives. A
 * capture may contain a year of silence, and each half second of it would take a turn.
 */
function longestPauseMs({ parameters }: Config): number {
  return Math.max(parameters.timeout.value, parameters["head-timeout"].value) * 1000 + SENDING_MS;
}

/**
 * Feeds `capture` to a server with `config`. It reads the files from disk. `show` receives a line for each event of the
 * replayed connection, as `-d` prints them.
 */
export async function replay(
  capture: readonly CaptureLine[],
  config: Config,
  show?: (line: string) => void,
): Promise<Replayed> {
  const [accept] = capture;
  if (accept?.kind !== "accept") throw new TypeError("A capture begins with an accept");
  const clock = new ManualClock(accept.wallMs);
  const trace = new Trace({ clock });
  const socket = new ScriptedPeer(accept.peer, openedOf(capture));
  const listener = new OneConnection(socket);
  const stop = new AbortController();
  const problems: string[] = [];
  const running = runServer(withVersionOf(capture, config), {
    listener,
    clock,
    disk: systemDisk,
    access: () => {},
    report: (problem, error) => problems.push(`${problem}: ${error}`),
    observe: show && ((connection, event) => show(trace.line(connection, event))),
    signal: stop.signal,
  });
  const pauseMaxMs = longestPauseMs(config);
  let beforeMs = 0;
  for (const line of capture) {
    await pass(clock, clock.now() + Math.min(line.at - beforeMs, pauseMaxMs));
    beforeMs = line.at;
    if (line.kind === "received") socket.receive(line.bytes);
    if (line.kind === "end") socket.end();
    await turn();
  }
  const endMs = clock.now() + AFTERMATH_MS;
  while (!socket.isClosed && clock.nextMs <= endMs) await pass(clock, clock.nextMs);
  stop.abort();
  socket.end();
  await untilSettled(clock, running);
  const recorded = capture.flatMap((line) => line.kind === "sent" ? [line.bytes] : []).join("");
  const replayed = socket.sent;
  return {
    recorded,
    replayed,
    differenceAt: firstDifference(recorded, replayed),
    isHttp2: isHttp2(capture),
    problems,
  };
}

/** How the captured connection was secured; `null`: it was plain. The replayed one has no certificate to compare with. */
function openedOf(capture: readonly CaptureLine[]): Opened | null {
  const secured = capture.find((line) => line.kind === "secured");
  if (secured === undefined) return null;
  const { version, alpn, serverName } = secured;
  return { kind: "secure", security: { version, alpn, serverName, covers: () => true } };
}

function isHttp2(capture: readonly CaptureLine[]): boolean {
  const received = capture.flatMap((line) => line.kind === "received" ? [line.bytes] : []).join("");
  return received.startsWith("PRI * HTTP/2.0\r\n");
}

/** HTTP/2 by prior knowledge is spoken as in the capture, whether or not it is on now. */
function withVersionOf(capture: readonly CaptureLine[], config: Config): Config {
  if (!isHttp2(capture)) return config;
  return { ...config, parameters: { ...config.parameters, h2c: { ...config.parameters.h2c, value: "on" } } };
}

/** Bytes around a difference that are shown. */
const EXCERPT_BYTES = 40;

/** Says that nothing has changed, or what both answers have where they begin to differ: in HTTP/2 the frame, and bytes. */
export function describeReplay({ recorded, replayed, differenceAt: at, isHttp2 }: Replayed): string {
  if (at === null) return `The server sends the same ${recorded.length} bytes.\n`;
  const describe = (text: string) => {
    const frame = isHttp2 ? frameAt(Uint8Array.from(text, (char) => char.charCodeAt(0)), at) : null;
    const excerpt = JSON.stringify(text.slice(Math.max(0, at - EXCERPT_BYTES), at + EXCERPT_BYTES));
    return frame === null ? excerpt : `${frame}: ${excerpt}`;
  };
  return `then ${describe(recorded)}\nnow  ${describe(replayed)}\n`;
}

/** A date in a field block of HTTP/2, where it is never in Huffman's code: name, length, 29 characters. */
const DATE_IN_BLOCK = new RegExp("(?<=\u000f\u0012\u001d)[^]{29}", "g");

/**
 * The offset of the first difference between two outputs. Two values depend on the time and are ignored: Date, and the
 * weak entity tag of a file that has just changed. Their length does not change.
 */
function firstDifference(recorded: string, replayed: string): number | null {
  const [a, b] = [recorded, replayed].map((text) =>
    text.replace(/(?<=\r\n(?:Date: |ETag: W\/))[^\r\n]*/g, (value) => "-".repeat(value.length))
      .replace(DATE_IN_BLOCK, (value) => "-".repeat(value.length))
  );
  if (a === b || a === undefined || b === undefined) return null;
  let at = 0;
  while (a[at] === b[at]) at++;
  return at;
}

/** Runs everything that can run without more time or bytes. */
async function turn(): Promise<void> {
  for (let round = 0; round < 10; round++) await systemClock.sleep(0);
}

/** Advances the time to `untilMs`. The consequences of each event run before the next event. */
async function pass(clock: ManualClock, untilMs: number): Promise<void> {
  while (clock.nextMs <= untilMs) {
    clock.step();
    await turn();
  }
  clock.advance(Math.max(0, untilMs - clock.now()));
}

/** Advances the time until `promise` is settled. */
async function untilSettled(clock: ManualClock, promise: Promise<void>): Promise<void> {
  let isSettled = false;
  const settle = () => void (isSettled = true);
  promise.then(settle, settle);
  await turn();
  while (!isSettled && clock.nextMs < Infinity) await pass(clock, clock.nextMs);
  await promise;
}

/**
 * The clients of the exercises: their address, their connection, and the lines that they print about it.
 * @module
 */

import {
  connect,
  type ConnectAddress,
  ConnectError,
  explainError,
  hostAndPort,
  isPeerGone,
  type Socket,
} from "../src/mod.ts";
import { UsageError } from "./arguments.ts";
import { showLines } from "./typed.ts";

/** Parses `HOST:PORT`, also with `http://` and a path, as a browser shows it. Throws `UsageError`. */
export function readAddress(words: readonly string[]): ConnectAddress {
  const [word = "", ...others] = words;
  const url = URL.parse(word.includes("://") ? word : `http://${word}`);
  if (word === "" || url === null || url.hostname === "") throw new UsageError("one address is needed: HOST:PORT");
  if (others.length > 0) {
    throw new UsageError(`"${others[0]}" is one word too many; put words with blanks in quotation marks`);
  }
  return { hostname: url.hostname.replace(/^\[|\]$/g, ""), port: url.port === "" ? 80 : Number(url.port) };
}

/** Received lines that are shown of one read. More would move the others off the screen. */
const LINES_MAX = 16;

/** A longer line is shortened. */
const LINE_CHARS_MAX = 160;

/** An open connection, and a printer of what happens on it: seconds since it was opened, then the event. */
export class Peer {
  readonly #startMs = performance.now();
  /** Whether the server has closed the connection, or reset it. */
  isOver = false;

  /** Use `withPeer`. */
  constructor(readonly socket: Socket) {}

  /** Prints a line with the time. */
  say(text: string): void {
    const seconds = ((performance.now() - this.#startMs) / 1000).toFixed(3);
    console.log(`${seconds.padStart(8)} ${text}`);
  }

  /** Sends all of `bytes` and prints them, line by line. */
  async send(bytes: Uint8Array): Promise<void> {
    for (const line of showLines(bytes)) this.say(`-> ${line}`);
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.socket.write(rest));
  }

  /** Reads and prints until the server ends the connection. */
  async listen(): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (;;) {
        const count = await this.socket.read(buffer);
        if (count === null) break;
        this.#show(buffer.subarray(0, count));
      }
      this.say("== the server has closed the connection");
    } catch (error) {
      this.say(`== the connection is over: ${explainError(error)}`);
    } finally {
      this.isOver = true;
    }
  }

  #show(bytes: Uint8Array): void {
    const lines = showLines(bytes);
    for (const line of lines.slice(0, LINES_MAX)) {
      const left = line.length - LINE_CHARS_MAX;
      this.say(`<- ${left > 0 ? `${line.slice(0, LINE_CHARS_MAX)} (and ${left} more characters)` : line}`);
    }
    if (lines.length > LINES_MAX) {
      this.say(`<- (and ${lines.length - LINES_MAX} more lines; ${bytes.length} bytes in this read)`);
    }
  }
}

/** Connects, runs `talk`, and closes. Prints why it cannot connect, or why the connection broke. Returns an exit code. */
export async function withPeer(address: ConnectAddress, talk: (peer: Peer) => Promise<void>): Promise<number> {
  try {
    const socket = await connect(address);
    const peer = new Peer(socket);
    peer.say(`== connected to ${hostAndPort(socket.remoteAddr.hostname, socket.remoteAddr.port)}`);
    try {
      await talk(peer);
    } catch (error) {
      if (!isPeerGone(error)) throw error;
      peer.say(`== the server has closed the connection: ${explainError(error)}`);
    } finally {
      socket.close();
    }
    return 0;
  } catch (error) {
    console.error(error instanceof ConnectError ? error.message : `the connection failed: ${explainError(error)}`);
    return 1;
  }
}

/** Resolves after `seconds`, or earlier when `isOver` has become true. */
export async function pause(seconds: number, isOver: () => boolean = () => false): Promise<void> {
  const endMs = performance.now() + seconds * 1000;
  while (!isOver() && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(50, endMs - performance.now())));
  }
}

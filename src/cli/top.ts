/**
 * `sweepd top`: asks the admin listener of a running server once a second, and shows its connections on the terminal.
 * @module
 */

import { HttpClient } from "../http/client/client.ts";
import { hostAndPort } from "../net/peer.ts";
import { parseMetrics, type Size, topScreen, type TopSight } from "./top_screen.ts";

/** An address of an admin listener. */
export interface TopAddress {
  readonly hostname: string;
  readonly port: number;
}

/** The admin listener cannot be asked: for the person, in one line. */
export class TopError extends Error {
  override name = "TopError";
}

const PERIOD_MS = 1_000;

/** The size if standard output is no terminal. */
const PAGE: Size = { columns: 200, rows: 1_000 };

const ALTERNATE_SCREEN = { enter: "\x1b[?1049h\x1b[?25l", leave: "\x1b[?25h\x1b[?1049l" };

/** What is seen now, as text. For an output that is no terminal. Throws `TopError`. */
export async function lookOnce(address: TopAddress): Promise<string> {
  const client = await open(address);
  try {
    return topScreen(placeOf(address), null, await look(client), PAGE).map((line) => `${line}\n`).join("");
  } finally {
    client.close();
  }
}

/** Shows what is seen until the person presses q, or `ended` resolves. Throws `TopError`. */
export async function showTop(address: TopAddress, ended: Promise<unknown>): Promise<void> {
  const client = await open(address);
  let isOver = false;
  const restore = () => {
    if (isOver) return;
    isOver = true;
    if (Deno.stdin.isTerminal()) Deno.stdin.setRaw(false);
    write(ALTERNATE_SCREEN.leave);
  };
  const over = Promise.race([ended, pressed("q")]).then(restore); // At once, because a signal ends the process soon.
  write(ALTERNATE_SCREEN.enter);
  try {
    for (let before: TopSight | null = null; !isOver;) {
      const sight = await look(client);
      if (isOver) return;
      draw(topScreen(placeOf(address), before, sight, Deno.consoleSize()));
      before = sight;
      await Promise.race([over, sleep(PERIOD_MS)]);
    }
  } finally {
    restore();
    client.close();
  }
}

/** Writes over the old lines instead of clearing the screen, which would flicker. */
function draw(lines: readonly string[]): void {
  write(`\x1b[H${lines.map((line) => `${line.replace(/\p{Cc}/gu, "\uFFFD")}\x1b[K`).join("\r\n")}\x1b[J`);
}

/** Directly, because a screen is no line of the program's output. */
function write(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

/** Resolves when the person presses this key; never, if standard input is no terminal. */
async function pressed(key: string): Promise<void> {
  if (!Deno.stdin.isTerminal()) return await new Promise(() => {});
  Deno.stdin.setRaw(true, { cbreak: true });
  const buffer = new Uint8Array(16);
  for (;;) {
    const count = await Deno.stdin.read(buffer);
    if (count === null) return await new Promise(() => {});
    if (new TextDecoder().decode(buffer.subarray(0, count)).includes(key)) return;
  }
}

async function open(address: TopAddress): Promise<HttpClient> {
  try {
    return await HttpClient.connect(reachable(address));
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new TopError(`no admin listener answers on ${placeOf(address)}: ${reason}`, { cause: error });
  }
}

/** A listener on every address also listens on loopback. */
function reachable({ hostname, port }: TopAddress): TopAddress {
  const names: Readonly<Record<string, string>> = { "::": "::1", "0.0.0.0": "127.0.0.1" };
  return { hostname: names[hostname] ?? hostname, port };
}

async function look(client: HttpClient): Promise<TopSight> {
  try {
    const [metrics, seen] = await Promise.all([get(client, "/metrics"), get(client, "/connections")]);
    const { connections, idleMs } = JSON.parse(seen);
    return { atMs: performance.now(), metrics: parseMetrics(metrics), connections, idleMs };
  } catch (error) {
    if (error instanceof TopError) throw error;
    throw new TopError(`the admin listener does not answer: ${error instanceof Error ? error.message : error}`);
  }
}

async function get(client: HttpClient, target: string): Promise<string> {
  const { status, content } = await client.request({ target });
  if (status !== 200) throw new TopError(`the admin listener answers ${target} with ${status}`);
  return new TextDecoder().decode(content);
}

function placeOf({ hostname, port }: TopAddress): string {
  return hostAndPort(hostname, port);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

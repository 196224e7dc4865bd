/**
 * A load client. Sends many requests for one URL over a few connections, pipelined on request, and checks the framing and
 * the length of each answer. It refuses servers on other machines, so that nobody can attack a server with it.
 * @module
 */

import {
  type Answer,
  AnswerError,
  connect,
  type ConnectAddress,
  ConnectError,
  hostAndPort,
  HttpClient,
  PIPELINE_MAX,
} from "../src/mod.ts";
import { readArguments, runProgram, UsageError, wholeNumber } from "./arguments.ts";

const USAGE = `usage: load URL -c CONNECTIONS -n REQUESTS [--pipeline N]
  URL          http:, of this machine: localhost, 127.x.x.x or [::1]
  -c           connections, 1 to 1000 (1)
  -n           requests in all, 1 to 1000000 (1)
  --pipeline   requests under way on one connection, 1 to ${PIPELINE_MAX} (1)`;

/** More connections need more descriptors than most systems allow a process by default. */
const CONNECTIONS_MAX = 1000;
const REQUESTS_MAX = 1_000_000;

/** Ends the program even if the server is too slow for the given numbers. */
const DURATION_MAX_MS = 5 * 60_000;

/** Servers may close a connection after a number of requests. If one closes so many, the program gives up. */
const RECONNECTIONS_MAX = 10_000;

const PROGRESS_PERIOD_MS = 1000;

/** The parsed arguments. */
interface Plan {
  readonly address: ConnectAddress;
  readonly host: string;
  readonly target: string;
  readonly connections: number;
  readonly requests: number;
  readonly pipeline: number;
}

/** The results so far. */
class Tally {
  readonly statuses = new Map<number, number>();
  readonly framings = new Map<string, number>();
  readonly failures = new Map<string, number>();
  readonly durationsMs: number[] = [];
  contentBytes = 0;
  reconnections = 0;
  /** Number of answers whose status or length differs from the first answer's. */
  different = 0;
  #first: Answer | null = null;

  get answers(): number {
    return this.durationsMs.length;
  }

  add(answer: Answer, durationMs: number): void {
    this.durationsMs.push(durationMs);
    increase(this.statuses, answer.status);
    increase(this.framings, answer.framing);
    this.contentBytes += answer.contentBytes;
    this.#first ??= answer;
    const { status, contentBytes } = this.#first;
    if (answer.status !== status || answer.contentBytes !== contentBytes) this.different++;
  }
}

async function main(): Promise<number> {
  const plan = planOf(Deno.args);
  const tally = new Tally();
  const startMs = performance.now();
  const progress = setInterval(() => showProgress(plan, tally), PROGRESS_PERIOD_MS);
  await new Load(plan, tally).run();
  clearInterval(progress);
  showProgress(plan, tally);
  return report(plan, tally, performance.now() - startMs);
}

function planOf(args: readonly string[]): Plan {
  const { words, flags } = readArguments(args, { string: ["c", "n", "pipeline"] });
  const [text, ...rest] = words;
  if (text === undefined || rest.length > 0) throw new UsageError("one URL is needed");
  const url = URL.parse(text);
  if (url === null || url.protocol !== "http:") throw new UsageError(`${JSON.stringify(text)} is no http: URL`);
  const hostname = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (!isLoopback(hostname) && hostname !== "localhost") {
    throw new UsageError(`${hostname} is not this machine: load is for localhost, 127.x.x.x and [::1] only`);
  }
  return {
    address: { hostname, port: url.port === "" ? 80 : Number(url.port) },
    host: url.host,
    target: url.pathname + url.search,
    connections: wholeNumber(flags["c"], 1, { min: 1, max: CONNECTIONS_MAX }),
    requests: wholeNumber(flags["n"], 1, { min: 1, max: REQUESTS_MAX }),
    pipeline: wholeNumber(flags["pipeline"], 1, { min: 1, max: PIPELINE_MAX }),
  };
}

function isLoopback(hostname: string): boolean {
  return /^(::ffff:)?127\.[0-9.]+$/.test(hostname) || hostname === "::1";
}

/** Several connections that share one total of requests. */
class Load {
  readonly #plan: Plan;
  readonly #tally: Tally;
  #left: number;
  readonly #deadline = AbortSignal.timeout(DURATION_MAX_MS);

  constructor(plan: Plan, tally: Tally) {
    this.#plan = plan;
    this.#tally = tally;
    this.#left = plan.requests;
  }

  async run(): Promise<void> {
    const connections = Math.min(this.#plan.connections, this.#plan.requests);
    await Promise.all(Array.from({ length: connections }, () => this.#holdConnections()));
  }

  /** Opens one connection after another, as long as the server closes them properly and requests are left. */
  async #holdConnections(): Promise<void> {
    for (let isFirst = true; this.#left > 0; isFirst = false) {
      if (!isFirst && ++this.#tally.reconnections > RECONNECTIONS_MAX) return this.#fail("too many connections needed");
      try {
        if (!await this.#holdConnection()) return;
      } catch (error) {
        if (error instanceof ConnectError || error instanceof UsageError) return this.#fail(error.message);
        throw error;
      }
    }
  }

  /** Uses one connection until it closes. Returns whether to open another one. */
  async #holdConnection(): Promise<boolean> {
    const socket = await connect(this.#plan.address, { signal: this.#deadline });
    if (!isLoopback(socket.remoteAddr.hostname)) { // The hosts file may map `localhost` to any address.
      socket.close();
      throw new UsageError(
        `${this.#plan.host} turned out to be ${socket.remoteAddr.hostname}, which is not this machine`,
      );
    }
    using client = new HttpClient(socket, { host: this.#plan.host, keepsContent: false });
    const giveUp = () => client.close();
    this.#deadline.addEventListener("abort", giveUp);
    const before = this.#tally.answers;
    const lanes = Array.from({ length: this.#plan.pipeline }, () => this.#askOn(client));
    const wentWell = (await Promise.all(lanes)).every(Boolean);
    this.#deadline.removeEventListener("abort", giveUp);
    return wentWell && this.#tally.answers > before; // Without an answer the next attempt would probably fail, too.
  }

  /** Sends a request, waits for its answer, and repeats. The caller runs as many of these as `--pipeline` says. */
  async #askOn(client: HttpClient): Promise<boolean> {
    while (this.#left > 0 && client.isOpen) {
      this.#left--;
      const startMs = performance.now();
      try {
        this.#tally.add(await client.request({ target: this.#plan.target }), performance.now() - startMs);
      } catch (error) {
        if (!(error instanceof AnswerError)) throw error;
        if (error.failure !== "closed") return this.#fail(error.message), false;
        this.#left++; // The next connection sends this request again, which is safe for a GET.
      }
    }
    return true;
  }

  #fail(words: string): void {
    increase(this.#tally.failures, words);
  }
}

function increase<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function showProgress({ requests }: Plan, { answers }: Tally): void {
  console.error(`${answers} of ${requests} answers`);
}

function report(plan: Plan, tally: Tally, durationMs: number): number {
  const { address, connections, requests, pipeline } = plan;
  const seconds = durationMs / 1000;
  const sorted = Float64Array.from(tally.durationsMs).sort();
  const quantile = (share: number) => (sorted[Math.ceil(share * sorted.length) - 1] ?? NaN).toFixed(1);
  console.log(`server      ${hostAndPort(address.hostname, address.port)}${plan.target}`);
  console.log(`asked       ${requests} requests, ${connections} connections, ${pipeline} under way on each`);
  console.log(
    `answered    ${tally.answers} in ${seconds.toFixed(2)} s: ${Math.round(tally.answers / seconds)} a second`,
  );
  console.log(`status      ${listed(tally.statuses)}`);
  console.log(`framing     ${listed(tally.framings)}; ${tally.contentBytes} bytes of content`);
  if (sorted.length > 0) {
    console.log(`time, ms    median ${quantile(0.5)}, 99 % ${quantile(0.99)}, longest ${quantile(1)}`);
  }
  if (tally.reconnections > 0) console.log(`connections ${tally.reconnections} more, because the server closed some`);
  if (tally.different > 0) console.log(`different   ${tally.different} answers are not like the first one`);
  for (const [words, count] of tally.failures) console.log(`failed      ${count} x ${words}`);
  const missing = requests - tally.answers;
  if (missing > 0) console.log(`missing     ${missing} answers`);
  return missing === 0 && tally.different === 0 && tally.failures.size === 0 ? 0 : 1;
}

function listed(counts: ReadonlyMap<string | number, number>): string {
  return [...counts].map(([what, count]) => `${what} x ${count}`).join(", ") || "none";
}

Deno.exit(await runProgram(USAGE, main)); // Last, because a class cannot be used before its definition.

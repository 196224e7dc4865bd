/**
 * The program as its users run it: a process with arguments, a working folder and two outputs.
 */

import { fromFileUrl } from "@std/path";

/** The top level of the project. */
export const PROJECT = fromFileUrl(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

/** The permissions of `task start`, but for the folder of the caller: the tests have been called, too. */
const PERMISSIONS = ["--no-prompt", "--allow-read", "--allow-net", "--allow-sys=networkInterfaces,systemMemoryInfo"];

/** How to run it. */
export interface RunOptions {
  readonly cwd?: string;
  /** Beyond those of `task start`. */
  readonly permissions?: readonly string[];
  /** In place of those of `task start`. */
  readonly permitted?: readonly string[];
  /** Words in front of the command, to run it as somebody else. */
  readonly prefix?: readonly string[];
  readonly executable?: string;
  /** The task of deno.json through which to run it, as a person does who did not call a task before. */
  readonly task?: "start" | "capture" | "logged";
  /** Where main.ts and deno.json are; the project by default. */
  readonly source?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What comes by standard input; nothing unless given. */
  readonly input?: string;
}

/** A process that has ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How long a program may run that should end by itself. Where it serves instead, a test must fail and not hang. */
const RUN_MS = 60_000;

/** Runs to the end. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = command(args, options).spawn();
  if (options.input !== undefined) await sendInput(child, options.input);
  return await outputOf(child);
}

async function sendInput(child: Deno.ChildProcess, text: string): Promise<void> {
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
}

/** What a child said until its end; it is ended after a minute. */
export async function outputOf(child: Deno.ChildProcess): Promise<Ended> {
  const timer = setTimeout(() => child.kill("SIGKILL"), RUN_MS);
  try {
    const { code, stdout, stderr } = await child.output();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  } finally {
    clearTimeout(timer);
  }
}

/** A server in a process of its own, for the length of a `using` block. */
export class ServerProcess {
  readonly #child: Deno.ChildProcess;
  readonly #stdout: Promise<string>;
  readonly #stderr: Promise<string>;
  readonly #listening = Promise.withResolvers<"listening">();
  #banner = "";

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#stdout = collect(child.stdout, () => {});
    this.#stderr = collect(child.stderr, (text) => {
      this.#banner = text;
      if (/Ctrl-C|"event":"listening"/.test(text)) this.#listening.resolve("listening");
    });
  }

  /** Does not wait for it to listen. */
  static spawn(args: readonly string[], options: RunOptions = {}): ServerProcess {
    return new ServerProcess(command(args, options).spawn());
  }

  /** Resolves when the server says that it listens. Throws what it said when it ends instead. */
  static async start(args: readonly string[], options: RunOptions = {}): Promise<ServerProcess> {
    const server = ServerProcess.spawn(["-p", "0", ...args], options);
    const outcome = await server.settled();
    if (outcome !== "listening") throw new Error(`ended with ${outcome.code}: ${outcome.stderr}`);
    return server;
  }

  /** Resolves when the server says that it listens, or has ended. */
  async settled(): Promise<"listening" | Ended> {
    return await Promise.race([this.#listening.promise, this.ended()]);
  }

  /** All that it has written to standard error so far. */
  get banner(): string {
    return this.#banner;
  }

  get port(): number {
    return Number(/http:\/\/[^/]*:([0-9]+)\//.exec(this.#banner)?.[1]);
  }

  get pid(): number {
    return this.#child.pid;
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async ended(): Promise<Ended> {
    const { code } = await this.#child.status;
    return { code, stdout: await this.#stdout, stderr: await this.#stderr };
  }

  /** Ends it now if it has not ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // It has ended already.
    }
    await this.ended();
  }
}

function command(args: readonly string[], options: RunOptions): Deno.Command {
  const program = options.executable ?? Deno.execPath();
  const source = options.source ?? PROJECT;
  const config = ["--config", `${source}/deno.json`];
  const runtime = options.task === undefined
    ? [
      program,
      "run",
      ...options.permitted ?? PERMISSIONS,
      ...options.permissions ?? [],
      ...config,
      `${source}/main.ts`,
    ]
    : ["env", "-u", "INIT_CWD", program, "task", ...config, options.task];
  const words = [...options.prefix ?? [], ...runtime, ...args];
  return new Deno.Command(words[0]!, {
    args: words.slice(1),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { NO_COLOR: "1", ...options.env },
    stdin: options.input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

async function collect(stream: ReadableStream<Uint8Array>, onText: (text: string) => void): Promise<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
    text += chunk;
    onText(text);
  }
  return text;
}

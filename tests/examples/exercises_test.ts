/**
 * Plays the exercises of the course as they are written: starts the commands of the first terminal, types into those of
 * the second one, and compares what both print. Only ports differ, because those of the page may be in use.
 */

import { assert, assertStringIncludes } from "@std/assert";
import { PROJECT } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";

/** Longer than any exercise waits. */
const WAIT_MS = 30_000;

/** A block of an exercise: its classes, and its text. */
interface Block {
  readonly kind: string;
  readonly text: string;
}

interface Exercise {
  readonly title: string;
  readonly blocks: readonly Block[];
}

async function exercises(): Promise<Exercise[]> {
  const page = await Deno.readTextFile(`${PROJECT}/www/exercises.html`);
  return [...page.matchAll(/<section class="exercise"[^]*?<\/section>/g)].map(([section]) => ({
    title: plain(/<h2>([^<]*)/.exec(section)![1]!),
    blocks: [...section.matchAll(/<pre class="([^"]*)"><code>([^]*?)<\/code><\/pre>/g)]
      .map(([, kind = "", text = ""]) => ({ kind, text: plain(text) })),
  }));
}

function plain(html: string): string {
  return html.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}

const TASKS: Readonly<Record<string, { readonly command: string }>> = JSON.parse(
  Deno.readTextFileSync(`${PROJECT}/deno.json`),
).tasks;

/** The words of a command of the page, without the first one, `deno`. */
function wordsOf(command: string): string[] {
  const [deno, verb, name = "", ...args] = command.split(" ");
  assert(deno === "deno", command);
  if (verb !== "task") return [verb!, name, ...args];
  return [...TASKS[name]!.command.split(" ").slice(1), ...args];
}

/** A program of either terminal, and what it has printed. */
class Terminal {
  readonly #child: Deno.ChildProcess;
  readonly ended: Promise<unknown>;
  text = "";
  /** What was expected so far ends here. */
  #seen = 0;

  constructor(words: readonly string[], cwd = PROJECT) {
    const options = { cwd, env: { NO_COLOR: "1" }, stdin: "piped", stdout: "piped", stderr: "piped" } as const;
    this.#child = new Deno.Command(Deno.execPath(), { ...options, args: [...words] }).spawn();
    this.ended = Promise.all([this.#collect(this.#child.stdout), this.#collect(this.#child.stderr)]);
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const part of stream.pipeThrough(new TextDecoderStream())) this.text += part;
  }

  async type(text: string): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  }

  /** Waits until a line is printed, after those that were expected before. Times are left out, `…` is anything. */
  async expect(line: string): Promise<void> {
    const pattern = line.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*");
    const expected = new RegExp(`^(?: *[0-9]+\\.[0-9]{3} )?${pattern}\\r?\\n`, "m");
    for (const endMs = performance.now() + WAIT_MS; performance.now() < endMs;) {
      const found = expected.exec(this.text.slice(this.#seen));
      if (found !== null) return void (this.#seen += found.index + found[0].length);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`this line was not printed: ${line}\nbut: ${this.text.slice(this.#seen)}`);
  }

  /** The port that a server says it listens on. */
  async port(): Promise<number> {
    for (const endMs = performance.now() + WAIT_MS; performance.now() < endMs;) {
      const [, port] = /(?:http:\/\/localhost|listening on \S+):([0-9]+)[^]*Ctrl-C/.exec(this.text) ?? [];
      if (port !== undefined) return Number(port);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`the server does not listen: ${this.text}`);
  }

  async stop(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#child.status;
    await this.ended;
    await this.#child.stdin.close().catch(() => {}); // `type` has closed it already.
  }
}

/** The command of a client, with the port of the test's server. */
function clientWords(command: string, port: number): string[] {
  const words = wordsOf(command).map((word) => word.replace(/localhost:[0-9]+/, `localhost:${port}`));
  return command.includes("localhost:") ? words : [...words, "-p", `${port}`];
}

/** What an exercise has running. */
class Desk {
  server: Terminal | null = null;
  client: Terminal | null = null;
  port = 0;

  async play({ kind, text }: Block, next: Block | undefined): Promise<void> {
    if (kind === "sh server") return await this.#serve(text);
    if (kind === "sh client") {
      await this.client?.stop();
      this.client = new Terminal(clientWords(text, this.port));
      await this.client.type(next?.kind === "typed" ? `${next.text}\n` : "");
    }
    const terminal = kind === "expect server" ? this.server : this.client;
    if (kind.startsWith("expect")) { for (const line of text.split("\n")) await terminal!.expect(line); }
  }

  async #serve(command: string): Promise<void> {
    await this.server?.stop();
    this.server = new Terminal([...wordsOf(command), "-p", "0"]);
    this.port = await this.server.port();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client?.stop();
    await this.server?.stop();
  }
}

const ALL = await exercises();

for (const { title, blocks } of ALL.filter(({ blocks }) => blocks.every(({ kind }) => kind !== "file"))) {
  Deno.test(`exercise ${title}`, async () => {
    await using desk = new Desk();
    for (const [index, block] of blocks.entries()) await desk.play(block, blocks[index + 1]);
    assert(blocks.some(({ kind }) => kind.startsWith("expect")), "nothing is expected");
  });
}

/** Starts the server of the last exercise, and asks it by a slow and a quick client. Returns the lines in their order. */
async function race(program: string): Promise<string[]> {
  using folder = new TempFolder();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const text = program.replace("./src/mod.ts", new URL("../../src/mod.ts", import.meta.url).href);
  folder.write("slow.ts", text.replace("port: 3000", `port: ${port}`));
  const server = new Terminal(["run", "--allow-net", `--config=${PROJECT}/deno.json`, "slow.ts"], folder.path);
  try {
    const ask = async (word: string, done: string[]) => {
      using conn = await Deno.connect({ hostname: "127.0.0.1", port });
      await conn.write(new TextEncoder().encode(word));
      await conn.read(new Uint8Array(10));
      done.push(word);
    };
    for (const endMs = performance.now() + WAIT_MS;;) {
      try {
        await ask("ready", []);
        break;
      } catch (error) {
        if (performance.now() > endMs) throw new Error(`it does not listen: ${server.text}`, { cause: error });
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    const done: string[] = [];
    const slow = ask("slow", done);
    await new Promise((resolve) => setTimeout(resolve, 300)); // The person at the second client.
    await Promise.all([slow, ask("quick", done)]);
    return done;
  } finally {
    await server.stop();
  }
}

Deno.test("exercise 8: a loop stops the quick client, and a timer does not", async () => {
  const { blocks } = ALL.at(-1)!;
  const textOf = (kind: string) => blocks.find((block) => block.kind === kind)!.text;
  const program = textOf("file");
  const loop = program.split("\n").find((line) => line.includes("Date.now()"))!;
  assertStringIncludes(program, loop);
  const first = await race(program);
  const second = await race(program.replace(loop, textOf("replacement")));
  assert(first[0] === "slow" && second[0] === "quick", `${first}; ${second}`);
});

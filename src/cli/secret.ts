/**
 * Reads a password from a terminal without showing it, or from standard input.
 * @module
 */

/** Nothing can be read. The message is for a person, in one line. */
export class SecretError extends Error {
  override name = "SecretError";
}

/** The longest line. */
const BYTES_MAX = 4096;

/**
 * At a terminal, the answer to each of `prompts`. Otherwise the only line of standard input for all of them, because a
 * program does not mistype. Throws `SecretError`.
 */
export async function readSecret(prompts: readonly string[]): Promise<string[]> {
  if (Deno.stdin.isTerminal()) return await ask(prompts);
  const line = await readLine();
  return prompts.map(() => line);
}

async function readLine(): Promise<string> {
  const bytes = new Uint8Array(BYTES_MAX + 1);
  let length = 0;
  for (let count: number | null = 1; count; length += count ?? 0) count = await Deno.stdin.read(bytes.subarray(length));
  if (length > BYTES_MAX) throw new SecretError("standard input has more than one line");
  const [line = "", ...others] = new TextDecoder().decode(bytes.subarray(0, length)).split(/\r?\n/);
  if (length === 0) throw new SecretError("standard input is empty");
  if (others.some((other) => other !== "")) throw new SecretError("standard input has more than one line");
  return line;
}

/** Restores the terminal at the end. If a signal ends the process, the runtime restores it. */
async function ask(prompts: readonly string[]): Promise<string[]> {
  const typing = new Typing();
  const answers: string[] = [];
  Deno.stdin.setRaw(true, { cbreak: true }); // Ctrl-C still sends a signal.
  try {
    for (const prompt of prompts) {
      say(prompt);
      try {
        answers.push(await answerOf(typing));
      } finally {
        say("\n");
      }
    }
    return answers;
  } finally {
    Deno.stdin.setRaw(false);
  }
}

/** Writes to the terminal directly, because the outputs accept only whole lines. */
function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}

async function answerOf(typing: Typing): Promise<string> {
  const bytes = new Uint8Array(1024);
  for (;;) {
    const line = typing.take();
    if (line !== null) return line;
    const count = typing.isEnded ? null : await Deno.stdin.read(bytes);
    if (count === null) throw new SecretError("no password was typed");
    typing.add(bytes.subarray(0, count));
  }
}

const BACKSPACE = [0x08, 0x7f];
const ENTER = [0x0a, 0x0d];
const CTRL_D = 0x04;
const CTRL_U = 0x15;

/** Converts keys to lines. Supports the three keys for corrections, like a terminal in its usual mode. Pure. */
export class Typing {
  #line: number[] = [];
  readonly #lines: string[] = [];
  #isEnded = false;

  /** Whether Ctrl-D was pressed on an empty line. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  add(keys: Uint8Array): void {
    for (const key of keys) this.#press(key);
  }

  /** Removes and returns the oldest complete line; `null`: there is none. */
  take(): string | null {
    return this.#lines.shift() ?? null;
  }

  #press(key: number): void {
    if (ENTER.includes(key)) this.#enter();
    else if (BACKSPACE.includes(key)) this.#rubOut();
    else if (key === CTRL_U) this.#line = [];
    else if (key === CTRL_D) this.#isEnded ||= this.#line.length === 0;
    else if (this.#line.length < BYTES_MAX) this.#line.push(key);
  }

  #enter(): void {
    this.#lines.push(new TextDecoder().decode(Uint8Array.from(this.#line)));
    this.#line = [];
  }

  /** Removes the last character. A character of UTF-8 has one byte that does not begin with the bits 10. */
  #rubOut(): void {
    const isInside = (key: number) => (key & 0xc0) === 0x80;
    while (isInside(this.#line.pop() ?? 0));
  }
}

/**
 * The program at a terminal: a process on a pseudoterminal of python3, and a screen that shows what it wrote.
 */

import { PROJECT } from "./process.ts";

/** Runs a command on a new terminal. Standard input brings `size ROWS COLUMNS` and `key HEX`, its end ends the command. */
const PTY = `
import fcntl, os, pty, select, signal, struct, sys, termios

def resize(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

rows, columns, *command = sys.argv[1:]
pid, fd = pty.fork()
if pid == 0:
    resize(0, int(rows), int(columns))
    os.execvp(command[0], command)
source = sys.stdin.buffer.raw
pending = b""
while True:
    ready, _, _ = select.select([fd, source], [], [])
    if fd in ready:
        try:
            data = os.read(fd, 65536)
        except OSError:
            data = b""
        if not data:
            break
        os.write(1, data)
    if source in ready:
        data = os.read(source.fileno(), 65536)
        if not data:
            os.kill(pid, signal.SIGKILL)
            break
        *lines, pending = (pending + data).split(b"\\n")
        for line in lines:
            word, *rest = line.decode().split()
            if word == "size":
                resize(fd, int(rest[0]), int(rest[1]))
            else:
                os.write(fd, bytes.fromhex(rest[0]))
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
`;

/** How long a test waits for an output, on a slow machine. */
const WAIT_MS = 30_000;

/** A command on a terminal, for the length of a `using` block. */
export class TerminalProcess {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>;
  #output = "";
  #changed = Promise.withResolvers<void>();

  constructor(words: readonly string[], { rows, columns, env = {} }: TerminalOptions) {
    this.#child = new Deno.Command("python3", {
      args: ["-c", PTY, `${rows}`, `${columns}`, ...words],
      env: { NO_COLOR: "", ...env }, // The tests themselves may run without colours.
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#reading = this.#read();
  }

  /** All that the command has written, with its escape sequences. */
  get output(): string {
    return this.#output;
  }

  /** Resolves when the output matches. */
  async until(what: RegExp): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`no ${what} in ${JSON.stringify(this.#output)}`)), WAIT_MS);
    try {
      while (!what.test(this.#output)) await Promise.race([this.#changed.promise, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async press(keys: string): Promise<void> {
    const hex = Array.from(new TextEncoder().encode(keys), (octet) => octet.toString(16).padStart(2, "0")).join("");
    await this.#send(`key ${hex}`);
  }

  async resize(rows: number, columns: number): Promise<void> {
    await this.#send(`size ${rows} ${columns}`);
  }

  /** Resolves to the exit code. */
  async ended(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#reading;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {}); // The command may have ended.
    await this.ended();
  }

  async #send(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stdout) {
      this.#output += decoder.decode(chunk, { stream: true });
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
  }
}

/** A terminal. */
export interface TerminalOptions {
  readonly rows: number;
  readonly columns: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** The words that run sweepd from source with the permissions of `task start`. */
export function sweepd(...args: readonly string[]): string[] {
  const permissions = [
    "--quiet",
    "--no-prompt",
    "--allow-read",
    "--allow-net",
    "--allow-sys=networkInterfaces,systemMemoryInfo",
  ];
  return [Deno.execPath(), "run", ...permissions, "--config", `${PROJECT}/deno.json`, `${PROJECT}/main.ts`, ...args];
}

/** A sequence that controls a terminal, or a character. */
const PARTS = new RegExp("\x1b\\[([0-9;?]*[A-Za-z])|[^]", "gu");

/**
 * The rows of a terminal after it got `output`, without blanks at their ends. It knows the sequences that sweepd uses;
 * throws if there is another one.
 */
export function screenOf(output: string, columns = Infinity): string[] {
  const rows = [""];
  let column = 0;
  for (const [part, sequence] of output.matchAll(PARTS)) {
    if (sequence !== undefined) {
      if (sequence === "J") rows[rows.length - 1] = rows.at(-1)!.slice(0, column);
      else if (!sequence.endsWith("m")) throw new Error(`unknown sequence ${JSON.stringify(part)}`);
    } else if (part === "\n") column = 0 * rows.push("");
    else if (part === "\r") column = 0;
    else if (/\p{Cc}/u.test(part)) throw new Error(`control character ${JSON.stringify(part)}`);
    else {
      if (column === columns) column = 0 * rows.push("");
      const row = rows.at(-1)!.padEnd(column);
      rows[rows.length - 1] = row.slice(0, column) + part + row.slice(column + 1);
      column++;
    }
  }
  return rows.map((row) => row.trimEnd());
}

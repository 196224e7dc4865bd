/** A headless Chromium, driven by its DevTools protocol, for tests of pages. */

import { deadline } from "@std/async/deadline";

/** Names under which systems install it. */
const PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/** Longer than any command takes on a slow machine. */
const COMMAND_MS = 60_000;

/** The program; `null`: it is not installed. */
export async function findChromium(): Promise<string | null> {
  for (const program of PROGRAMS) {
    try {
      const { success } = await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" })
        .output();
      if (success) return program;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return null;
}

type Parameters = Readonly<Record<string, unknown>>;

/** One page of a browser. */
export class Page {
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>();
  /** Messages of the console, and violations of policies. */
  readonly messages: string[] = [];
  #session: string | undefined;
  #count = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
  }

  async begin(): Promise<void> {
    const { targetId } = await this.send<{ targetId: string }>("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send<{ sessionId: string }>("Target.attachToTarget", { targetId, flatten: true });
    this.#session = sessionId;
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await this.send(`${domain}.enable`);
  }

  #receive({ id, result, error, method, params }: {
    readonly id?: number;
    readonly result?: unknown;
    readonly error?: { readonly message: string };
    readonly method?: string;
    readonly params?: { readonly entry?: { readonly text: string } };
  }): void {
    if (method === "Log.entryAdded") this.messages.push(params?.entry?.text ?? "");
    const pending = this.#pending.get(id ?? 0);
    this.#pending.delete(id ?? 0);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new Error(error.message));
  }

  /** Sends a command. Resolves to its result. */
  async send<Result>(method: string, params: Parameters = {}): Promise<Result> {
    const id = ++this.#count;
    const pending = Promise.withResolvers<unknown>();
    this.#pending.set(id, pending);
    this.#socket.send(JSON.stringify({ id, method, params, sessionId: this.#session }));
    return await deadline(pending.promise, COMMAND_MS) as Result;
  }

  /** The value of an expression. Waits for a promise. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const { result, exceptionDetails } = await this.send<{
      readonly result: { readonly value: Value };
      readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
    }>("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? "it throws");
    return result.value;
  }

  /** Opens an address, and waits until it is complete. */
  async open(url: string): Promise<void> {
    await this.send("Page.navigate", { url });
    const isComplete = `document.readyState === "complete" && location.href !== "about:blank"`;
    await this.until(isComplete);
  }

  /** Waits until an expression is true. */
  async until(expression: string): Promise<void> {
    const endMs = performance.now() + COMMAND_MS;
    while (!await this.evaluate<boolean>(expression)) {
      if (performance.now() > endMs) throw new Error(`still not true: ${expression}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** The size of the window in CSS pixels, and the colour scheme. */
  async show({ width, height, scheme }: { readonly width: number; readonly height: number; readonly scheme: string }) {
    await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    await this.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
  }

  /** Presses a key. */
  async press(key: string): Promise<void> {
    for (const type of ["keyDown", "keyUp"]) {
      const text = key === "Enter" ? { text: "\r", windowsVirtualKeyCode: 13 } : {};
      await this.send("Input.dispatchKeyEvent", { type, key, code: key, ...text, ...key === "Tab" ? TAB : {} });
    }
  }
}

const TAB = { windowsVirtualKeyCode: 9 };

/** Runs `test` with a page of a new browser. */
export async function withPage(program: string, test: (page: Page) => Promise<void>): Promise<void> {
  const profile = await Deno.makeTempDir();
  const flags = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
  ];
  const browser = new Deno.Command(program, {
    args: [...flags, "--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  try {
    const reader = browser.stderr.pipeThrough(new TextDecoderStream());
    const address = await deadline(findAddress(reader), COMMAND_MS);
    const socket = new WebSocket(address);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    const page = new Page(socket);
    await page.begin();
    await test(page);
    const closed = new Promise((resolve) => socket.onclose = resolve);
    await page.send("Browser.close").catch(() => {}); // The answer may not arrive.
    await closed;
  } finally {
    try {
      browser.kill();
    } catch {
      // It has ended.
    }
    await browser.status;
    await Deno.remove(profile, { recursive: true }).catch(() => {}); // A helper process may still write to it.
  }
}

/** The address that the browser prints. Reads the rest, too, so that it can go on writing. */
async function findAddress(lines: ReadableStream<string>): Promise<string> {
  const found = Promise.withResolvers<string>();
  void (async () => {
    let text = "";
    for await (const part of lines) {
      text = (text + part).slice(-10_000);
      const [, address] = /DevTools listening on (ws:\S+)/.exec(text) ?? [];
      if (address !== undefined) found.resolve(address);
    }
    found.reject(new Error(`Chromium ended: ${text}`));
  })();
  return await found.promise;
}

/**
 * Runs the examples like their users: with the command of their task in deno.json, in a process of their own.
 */

import { type Ended, PROJECT } from "../process.ts";

/** The command of an example's task. */
export async function taskCommand(name: string): Promise<string> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${PROJECT}/deno.json`));
  return tasks[`example:${name}`].command;
}

async function spawn(name: string, args: readonly string[]): Promise<Deno.ChildProcess> {
  const [, ...words] = (await taskCommand(name)).split(" ");
  const options = { cwd: PROJECT, env: { NO_COLOR: "1" }, stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  return new Deno.Command(Deno.execPath(), { ...options, args: [...words, ...args] }).spawn();
}

/** Runs an example to its end, with `input` on its standard input. */
export async function runExample(name: string, args: readonly string[], input = ""): Promise<Ended> {
  const child = await spawn(name, args);
  const writer = child.stdin.getWriter();
  const written = writer.write(new TextEncoder().encode(input)).then(() => writer.close());
  written.catch(() => {}); // The program may end before it has read all input.
  const { code, stdout, stderr } = await child.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/**
 * Runs an example server on a free port while `test` runs, then ends it like Ctrl-C, and returns its standard error.
 * `until` resolves when its standard error contains these words.
 */
export async function withExample(
  name: string,
  args: readonly string[],
  test: (port: string, until: (words: string) => Promise<void>) => Promise<void>,
): Promise<Ended> {
  const child = await spawn(name, [...args, "-p", "0"]);
  await child.stdin.close();
  let heard = "";
  let onText = () => {};
  const said = Promise.all([
    textOf(child.stdout),
    textOf(child.stderr, (text) => {
      heard = text;
      onText();
    }),
  ]);
  const until = (words: string) =>
    new Promise<void>((resolve, reject) => {
      onText = () => heard.includes(words) && resolve();
      onText();
      said.then(() => reject(new Error(`${name} ended without printing ${words}: ${heard}`)));
    });
  try {
    await until("; Ctrl-C ends it");
    await test(/:([0-9]+); Ctrl-C/.exec(heard)![1]!, until);
  } finally {
    child.kill("SIGINT");
  }
  const [{ code }, [stdout, stderr]] = await Promise.all([child.status, said]);
  return { code, stdout, stderr };
}

async function textOf(stream: ReadableStream<Uint8Array>, onText: (text: string) => void = () => {}): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    onText(text);
  }
  return text;
}

/**
 * The examples as their users run them: by the command of their task in deno.json, in a process of their own.
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
  written.catch(() => {}); // It may end before it has read everything.
  const { code, stdout, stderr } = await child.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/**
 * Runs an example server on a free port for the length of `test`; then ends it as Ctrl-C does, and gives what it said.
 * `until` resolves when it has said these words on standard error.
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
      said.then(() => reject(new Error(`${name} ended without a word of ${words}: ${heard}`)));
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

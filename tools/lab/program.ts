/**
 * A server under test as a program: started in a folder with a web.conf of its own, and ended.
 * @module
 */

import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { TempFolder } from "../../tests/temp_folder.ts";
import { freePort } from "../../bench/own.ts";
import type { Place } from "./wire.ts";

/** A way to start a server. */
export interface Starting {
  /** The words of the command. `-p PORT` is added. */
  readonly command: readonly string[];
}

/** A program that has ended by itself. */
export interface Ended {
  readonly code: number;
  readonly text: string;
}

const START_MS_MAX = 20_000;

/** How long a server may take to end. */
const END_MS_MAX = 5_000;

/** Starts a server in a folder that `prepare` fills, calls `use` when it listens, and ends it. */
export async function withProgram<T>(
  { command }: Starting,
  prepare: (folder: string) => Promise<void>,
  use: (place: Place) => Promise<T>,
): Promise<T> {
  using folder = new TempFolder();
  await prepare(folder.path);
  const port = freePort();
  const child = spawn([...command, "-p", `${port}`], folder.path);
  const ended = outputOf(child);
  try {
    await Promise.race([untilListening(port), ended.then(({ text }) => fail(`it ended: ${text}`))]);
    return await use({ hostname: "127.0.0.1", port, host: "localhost" });
  } finally {
    kill(child, "SIGTERM");
    if (await within(ended, END_MS_MAX) === null) kill(child, "SIGKILL");
    await ended;
  }
}

/** Starts a server on a port that is taken. Returns how it ends; `null`: it goes on. */
export async function startOnPort({ command }: Starting, port: number, conf: string): Promise<Ended | null> {
  using folder = new TempFolder();
  await writeFiles(folder.path, { "web.conf": conf, "www/index.html": "x" });
  const child = spawn([...command, "-p", `${port}`], folder.path);
  const ended = outputOf(child);
  const outcome = await within(ended, START_MS_MAX);
  kill(child, "SIGKILL");
  await ended;
  return outcome;
}

/** Writes files, by their paths below `folder`. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
    await Deno.writeTextFile(join(folder, path), text);
  }
}

function spawn([program = "", ...args]: readonly string[], cwd: string): Deno.ChildProcess {
  return new Deno.Command(program, { args, cwd, stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
}

async function outputOf(child: Deno.ChildProcess): Promise<Ended> {
  const { code, stdout, stderr } = await child.output();
  return { code, text: new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout) };
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended by itself.
  }
}

async function untilListening(port: number): Promise<void> {
  for (const endMs = performance.now() + START_MS_MAX; performance.now() < endMs; await pause(20)) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    }
  }
  fail("it does not listen on the port of -p");
}

function fail(message: string): never {
  throw new Error(message);
}

/** What `promise` resolves to; `null`: not within `ms`. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

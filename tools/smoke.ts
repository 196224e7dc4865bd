/**
 * Starts a built program in another place, sends it typical requests, and ends it.
 * @module
 */

import { listenersOf } from "../src/config/listeners.ts";
import { deadline } from "@std/async/deadline";
import { equals } from "@std/bytes/equals";
import { isAbsolute, join } from "@std/path";
import type { Stage } from "./stage.ts";

/** The program to start: the binary, or a replacement in tests. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

export type Verdict =
  | { readonly kind: "passed"; readonly checks: number }
  | { readonly kind: "failed"; readonly problems: readonly string[] }
  | { readonly kind: "skipped"; readonly reason: string };

const START_MS = 15_000;
const END_MS = 10_000;

/** Tries `program`, which was built from `stage`. */
export async function smoke(stage: Stage, program: Program, version: string): Promise<Verdict> {
  const itself = await firstLine(program);
  if (itself.startsWith("deno ")) {
    return { kind: "skipped", reason: "the base is deno instead of denort, so the binary runs as deno" };
  }
  if (itself !== `sweepd ${version}`) return { kind: "failed", problems: [`--version says "${itself}"`] };
  const busy = busyAddress(stage);
  if (busy !== null) {
    return { kind: "skipped", reason: `${busy} is in use here, and it may listen on no other address` };
  }
  const top = await Deno.realPath(await Deno.makeTempDir({ prefix: "sweepd_smoke_" }));
  try {
    const { cwd, sample } = await furnish(top, stage);
    if (sample === null) return { kind: "skipped", reason: "no root holds a file to ask for" };
    return await visit(program, cwd, sample);
  } finally {
    await Deno.remove(top, { recursive: true });
  }
}

async function firstLine({ command, args }: Program): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(command, { args: [...args, "--version"], stderr: "null" }).output();
    return new TextDecoder().decode(stdout).split("\n")[0] ?? "";
  } catch (error) {
    return `(${error instanceof Error ? error.message : error})`;
  }
}

/** A port of a scoped binary that is in use. Such a binary may listen on no other. */
function busyAddress({ plan: { config } }: Stage): string | null {
  const busy = listenersOf(config).find(({ hostname, port }) => isBusy(hostname, port));
  return busy === undefined ? null : `port ${busy.port}`;
}

function isBusy(hostname: string, port: number): boolean {
  try {
    Deno.listen({ hostname, port }).close();
    return false;
  } catch (error) {
    return error instanceof Deno.errors.AddrInUse; // The binary will report other errors itself.
  }
}

/** A file and its host. */
interface Sample {
  readonly host: string;
  readonly target: string;
  readonly bytes: Uint8Array;
}

const SAMPLE_NAME = "sweepd-smoke.txt";

/** Makes a folder for the start, so deep that roots like `../..` are in `top`, with a file in every relative root. */
async function furnish(top: string, { plan, embeddedFiles, build, folder }: Stage) {
  const cwd = join(top, "a", "b", "c", "d", "e");
  await Deno.mkdir(cwd, { recursive: true });
  await Deno.writeTextFile(join(top, "outside.txt"), "not for you");
  let sample: Sample | null = null;
  if (plan.flavour !== "embedded" && !isAbsolute(plan.configFile)) {
    await Deno.mkdir(join(cwd, plan.configFile, ".."), { recursive: true });
    await Deno.writeTextFile(join(cwd, plan.configFile), plan.configText);
  }
  for (const { name, root } of plan.config.hosts) {
    const host = name === "default" ? "localhost" : name;
    if (plan.flavour === "embedded") {
      const path = embeddedFiles.find((path) => path.startsWith(`${build.roots[root]}/`));
      if (path === undefined) continue;
      const target = path.slice(path.indexOf("/"));
      sample ??= { host, target, bytes: await Deno.readFile(join(folder, "embedded", path)) };
    } else if (!isAbsolute(root)) {
      await Deno.mkdir(join(cwd, root), { recursive: true });
      await Deno.writeTextFile(join(cwd, root, SAMPLE_NAME), "It works.\n");
      sample ??= { host, target: `/${SAMPLE_NAME}`, bytes: new TextEncoder().encode("It works.\n") };
    }
  }
  return { cwd, sample };
}

async function visit({ command, args }: Program, cwd: string, sample: Sample): Promise<Verdict> {
  const child = new Deno.Command(command, {
    args: [...args, "--json"],
    cwd,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const said = listen(child.stderr);
  try {
    const address = await within(START_MS, Promise.race([said.address, child.status.then(() => null)]));
    if (address === null) return { kind: "failed", problems: [`it does not start: ${said.text().trim()}`] };
    const problems = await ask(address, sample);
    child.kill("SIGTERM");
    const status = await within(END_MS, child.status);
    if (status === null) problems.push("it does not end after SIGTERM");
    else if (Deno.build.os !== "windows" && status.code !== 0) {
      problems.push(`it ends with ${status.code} after SIGTERM`);
    }
    return problems.length === 0 ? { kind: "passed", checks: CHECKS + 2 } : { kind: "failed", problems };
  } finally {
    try {
      child.kill("SIGKILL");
    } catch {
      // The process has already ended.
    }
    await child.status;
    await said.ended;
  }
}

interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** Reads the banner, one line of JSON, from standard error. */
function listen(stream: ReadableStream<Uint8Array>) {
  const { promise, resolve } = Promise.withResolvers<Address | null>();
  let text = "";
  const read = async () => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
      text += chunk;
      const banner = text.split("\n").find((line) => line.includes('"event":"listening"') && line.endsWith("}"));
      if (banner !== undefined) resolve(JSON.parse(banner).address);
    }
    resolve(null);
  };
  return { address: promise, ended: read(), text: () => text };
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T | null> {
  try {
    return await deadline(promise, ms);
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError") return null;
    throw error;
  }
}

/** Paths of files that must not be sent. */
const ESCAPES = ["/../../../../../outside.txt", "/%2e%2e/%2e%2e/web.conf", "/..%2f..%2fweb.conf", "/.git/config"];
const CHECKS = 3 + ESCAPES.length;

async function ask(address: Address, { host, target, bytes }: Sample): Promise<string[]> {
  const path = target.split("/").map(encodeURIComponent).join("/");
  const problems: string[] = [];
  const expect = (what: string, holds: boolean) => holds || problems.push(what);
  const get = await request(address, `GET ${path} HTTP/1.1`, host);
  expect(
    `GET ${path} gives ${get.status} and ${get.content.length} bytes`,
    get.status === 200 && equals(get.content, bytes),
  );
  const head = await request(address, `HEAD ${path} HTTP/1.1`, host);
  expect(`HEAD ${path} gives ${head.status}`, head.status === 200 && head.content.length === 0);
  const range = await request(address, `GET ${path} HTTP/1.1`, host, "Range: bytes=0-0");
  expect(`a range gives ${range.status}`, range.status === 206 && equals(range.content, bytes.subarray(0, 1)));
  for (const escape of ESCAPES) {
    const { status } = await request(address, `GET ${escape} HTTP/1.1`, host);
    expect(`GET ${escape} gives ${status}`, [400, 403, 404].includes(status));
  }
  return problems;
}

/** Sends bytes, because a client of the runtime would resolve the dots itself. */
async function request({ hostname, port }: Address, line: string, host: string, ...fields: readonly string[]) {
  const reached = hostname === "::" || hostname === "0.0.0.0" ? "127.0.0.1" : hostname;
  using connection = await Deno.connect({ hostname: reached, port });
  const text = [line, `Host: ${host}`, "Connection: close", ...fields, "", ""].join("\r\n");
  await connection.write(new TextEncoder().encode(text));
  const received = new Uint8Array(await new Response(connection.readable).arrayBuffer());
  const answer = new TextDecoder("latin1").decode(received);
  const end = answer.indexOf("\r\n\r\n");
  return { status: Number(answer.slice(9, 12)), content: received.subarray(end + 4) };
}

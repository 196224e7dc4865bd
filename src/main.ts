/**
 * What each command does, and how it ends: exit codes and the lines that a person reads.
 * @module
 */

import { describePermissions } from "./config/permissions.ts";
import { describeConfig } from "./check.ts";
import { parseCommandLine, type Serving, USAGE } from "./command_line.ts";
import { formatDiagnostic } from "./config/diagnostic.ts";
import { loadConfig, type Loaded, type Options, UnreadableConfigError } from "./config/load.ts";
import { ListenError } from "./supervisor/address.ts";
import { readBuild } from "./config/build.ts";
import { CaptureError } from "./supervisor/outputs.ts";
import { addressObstacles, examine } from "./supervisor/obstacles.ts";
import { describeProcess, givenPermissions, listPermissions } from "./supervisor/process.ts";
import { workerPermissions } from "./supervisor/scope.ts";
import { WorkersDiedError } from "./supervisor/supervisor.ts";
import { UnprovedError } from "./supervisor/worker_thread.ts";
import { VERSION } from "./version.ts";

/** 0: fine. 1: could not. 2: wrong usage. 70: our own fault (`EX_SOFTWARE` of sysexits). */
export type ExitCode = 0 | 1 | 2 | 70;

/** Runs the command that `args` name. Never throws. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  try {
    return await run(args);
  } catch (error) {
    return explain(error);
  }
}

async function run(args: readonly string[]): Promise<ExitCode> {
  const command = parseCommandLine(args);
  switch (command.kind) {
    case "help":
      return say(USAGE);
    case "version":
      return say(`sweepd ${VERSION}\n`);
    case "wrong usage":
      return fail(2, command.message);
    case "check":
      return check(command.options);
    case "permissions":
      return await showPermissions(command.options);
    case "replay":
      return await replayFile(command.file, command.options);
    case "serve":
      return await serve(command.options, command.how);
  }
}

async function serve(options: Options, how: Serving): Promise<ExitCode> {
  const { loaded, obstacles } = examine(options);
  if (loaded !== null) complain(loaded);
  if (loaded === null || obstacles.length > 0) return failEach(obstacles);
  const { serveUntilSignalled } = await import("./supervisor/serving.ts");
  await serveUntilSignalled(loaded, how, () => reloadConfig(options));
  return 0;
}

/** The configuration anew, with what is wrong with it told; `null` when it cannot be used. */
function reloadConfig(options: Options): Loaded | null {
  const { loaded, obstacles } = examine(options);
  if (loaded !== null) complain(loaded);
  failEach(obstacles.map((obstacle) => `reload: ${obstacle}; the old configuration stays`));
  return obstacles.length === 0 ? loaded : null;
}

function check(options: Options): ExitCode {
  const { loaded, obstacles } = examine(options);
  if (loaded === null) return failEach(obstacles);
  const { config, source, file } = loaded;
  say(`# ${source}\n${describeConfig(config)}`);
  say(describePermissions(workerPermissions(config)).map(([label, text]) => `# a worker ${label} ${text}\n`).join(""));
  say(`# the process ${describeProcess(givenPermissions(config, file, readBuild()))}`);
  complain(loaded);
  return failEach(obstacles.length > 0 ? obstacles : addressObstacles(config));
}

/** Of a binary, when DIR is no folder but one; else of this process. */
async function showPermissions(options: Options): Promise<ExitCode> {
  if (options.dir === null || !isFile(options.dir)) {
    const { config, file } = loadConfig(options);
    return say(listPermissions(givenPermissions(config, file, readBuild())));
  }
  const { describeEmbedded, readEmbedded } = await import("./embedded.ts");
  const embedded = readEmbedded(Deno.readFileSync(options.dir));
  if (typeof embedded === "string") return fail(1, `${options.dir}: ${embedded}`);
  return say(describeEmbedded(embedded));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
}

async function replayFile(file: string, options: Options): Promise<ExitCode> {
  const [{ parseCapture }, { replay }] = await Promise.all([import("./log/capture.ts"), import("./replay.ts")]);
  const capture = parseCapture(Deno.readTextFileSync(file));
  if (typeof capture === "string") return fail(1, `${file}:${capture}`);
  const { recorded, replayed, differenceAt, problems } = await replay(capture, loadConfig(options).config);
  for (const problem of problems) console.error(`sweepd: ${problem}`);
  if (differenceAt === null) return say(`The server says the same ${recorded.length} bytes.\n`);
  const excerpt = (text: string) => JSON.stringify(text.slice(Math.max(0, differenceAt - 40), differenceAt + 40));
  say(`then ${excerpt(recorded)}\nnow  ${excerpt(replayed)}\n`);
  return fail(1, `${file}: the answers differ from byte ${differenceAt} on`);
}

/** More than that are one mistake: it is some other file. */
const DIAGNOSTICS_MAX = 50;

/** Tells what is wrong with a configuration. */
function complain({ diagnostics, remarks }: Loaded): void {
  for (const diagnostic of diagnostics.slice(0, DIAGNOSTICS_MAX)) console.error(formatDiagnostic(diagnostic));
  if (diagnostics.length > DIAGNOSTICS_MAX) console.error(`and ${diagnostics.length - DIAGNOSTICS_MAX} more`);
  for (const remark of remarks) console.error(`sweepd: warning: ${remark}`);
}

/** What ended it, in one line where it is not a mistake of ours. */
function explain(error: unknown): ExitCode {
  const isToldInWords = error instanceof UnreadableConfigError || error instanceof ListenError ||
    error instanceof CaptureError;
  if (isToldInWords) return fail(1, error.message);
  if (error instanceof UnprovedError) {
    return fail(1, `refusing to start: ${error.message}`);
  }
  if (error instanceof WorkersDiedError) return fail(70, error.message);
  if (error instanceof Error && "code" in error) return fail(1, error.message); // The system's: a full disk, a closed pipe.
  const details = error instanceof Error ? error.stack ?? error.message : String(error);
  return fail(70, `this is a mistake in sweepd, please report it: ${details}`);
}

function say(text: string): 0 {
  console.log(text.replace(/\n$/, ""));
  return 0;
}

/** 1 where there is something to tell. */
function failEach(messages: readonly string[]): ExitCode {
  for (const message of messages) fail(1, message);
  return messages.length === 0 ? 0 : 1;
}

function fail(code: ExitCode, message: string): ExitCode {
  console.error(`sweepd: ${message}`);
  return code;
}

/**
 * The commands: what each does, its exit code and its messages.
 * @module
 */

import { describeConfig } from "./check.ts";
import { type Command, parseCommandLine, type Serving, USAGE, wantsJson } from "./command_line.ts";
import { readBuild } from "../config/build.ts";
import { suggest, worst } from "../config/diagnostic.ts";
import { absolutePath, findFolders, type Folders, leaveFolder, locate, NoFolderError } from "../config/folders.ts";
import type { Loaded, Options } from "../config/load.ts";
import { describePermissions } from "../config/permissions.ts";
import { readText, UnreadableConfigError } from "../config/read.ts";
import type { Source } from "../config/source.ts";
import { VERBS } from "./flags.ts";
import type { Question } from "./question.ts";
import type { Topic } from "../log/message.ts";
import { ListenError } from "../process/address.ts";
import { addressObstacles, examine, examineAgain, type Examined } from "../process/obstacles.ts";
import { CaptureError, Outputs } from "../process/outputs.ts";
import { describeProcess, givenPermissions, listPermissions } from "../process/process.ts";
import { rootGrant, workerPermissions } from "../process/scope.ts";
import type { Signals } from "../process/signals.ts";
import { WorkersDiedError } from "../process/worker_pool.ts";
import { UnprovedError } from "../process/worker_thread.ts";
import { VERSION } from "../version.ts";

/**
 * 0: fine. 1: failed. 2: wrong usage. 70: a mistake of ours (`EX_SOFTWARE` of sysexits).
 * Above 128: a signal ended a command before it had finished.
 */
export type ExitCode = 0 | 1 | 2 | 70 | 129 | 130 | 143;

/** The outputs and the signals, which every command needs. */
interface Scene {
  readonly outputs: Outputs;
  readonly signals: Signals;
}

/** All commands except serving. They end by themselves. */
type Errand = Exclude<Command, { kind: "serve" }>;

/** Runs the command in `args`. Never throws. */
export async function main(args: readonly string[], signals: Signals): Promise<ExitCode> {
  const scene = { outputs: new Outputs({ json: wantsJson(args) }), signals };
  const command = parseCommandLine(args);
  if (command.kind === "serve") return await runServer(scene, command.options, command.how);
  return await Promise.race([runErrand(scene, command), signals.ended.then(exitCodeOf)]);
}

/** Runs the server. At the end, it does not wait for a slow reader of its output. */
async function runServer(scene: Scene, options: Options, how: Serving): Promise<ExitCode> {
  const code = await attempt(scene, () => serve(scene, options, how));
  await Promise.race([scene.outputs.closeSoon(), scene.signals.insisted]);
  return code;
}

/** Runs a command that ends by itself. At the end, it waits until its output has been read. */
async function runErrand(scene: Scene, errand: Errand): Promise<ExitCode> {
  const code = await attempt(scene, () => run(scene, errand));
  const written = await scene.outputs.close();
  return code === 0 && written === "lost" ? 1 : code;
}

function exitCodeOf(signal: Deno.Signal): ExitCode {
  if (signal === "SIGHUP") return 129;
  return signal === "SIGTERM" ? 143 : 130;
}

async function attempt(scene: Scene, work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    return explain(scene, error);
  }
}

async function run(scene: Scene, errand: Errand): Promise<ExitCode> {
  switch (errand.kind) {
    case "help":
      return show(scene, USAGE);
    case "version":
      return show(scene, `sweepd ${VERSION}\n`);
    case "wrong usage":
      return fail(scene, 2, "usage", errand.message);
    case "check":
      return await check(scene, errand.options);
    case "permissions":
      return await showPermissions(scene, errand.options);
    case "replay":
      return await replayFile(scene, errand.file, errand.options);
    case "explain":
      return await explainRequest(scene, errand.options, errand.question);
    case "passwd":
      return await writePassword(scene, errand.file, errand.user);
  }
}

async function serve(scene: Scene, options: Options, how: Serving): Promise<ExitCode> {
  const folders = findFolders();
  const found = await Promise.race([look(options, folders), scene.signals.ended]);
  if (typeof found === "string") return 0; // A signal came first.
  const { source, loaded, obstacles } = found;
  if (loaded !== null) complain(scene, loaded);
  if (source === null || loaded === null || obstacles.length > 0) return failEach(scene, obstacles);
  if (how.watch && source.kind === "fixed") {
    warn(scene, "start", `--watch has nothing to look at: ${source.reason}`);
  }
  leaveFolder();
  const { serveUntilEnded } = await import("../process/serving.ts");
  const reload = () => reloadConfig(scene, source, locate(options, folders));
  await serveUntilEnded({ ...scene, loaded, how: { ...how, capture: locateCapture(how, folders) }, reload });
  return 0;
}

function locateCapture({ capture }: Serving, { standing }: Folders): string | null {
  return capture === null || capture === "-" ? capture : absolutePath(capture, standing);
}

/** Reads the configuration again and reports its problems; `null`: it cannot be used. */
async function reloadConfig(scene: Scene, source: Source, options: Options): Promise<Loaded | null> {
  const { loaded, obstacles } = await examineAgain(source, options);
  if (loaded !== null) complain(scene, loaded);
  for (const obstacle of obstacles) fail(scene, 1, "reload", `reload: ${obstacle}; the old configuration stays`);
  return obstacles.length === 0 ? loaded : null;
}

/** Makes all checks of a start, but does not serve. */
async function check(scene: Scene, options: Options): Promise<ExitCode> {
  const { loaded, obstacles } = await look(options, findFolders());
  if (loaded === null) return failEach(scene, obstacles);
  const { config, source, file, withoutIndex } = loaded;
  show(scene, `# ${source}\n${describeConfig(config)}`);
  const rows = describePermissions(workerPermissions(config));
  show(scene, rows.map(([label, text]) => `# a worker ${label} ${text}\n`).join(""));
  show(scene, `# the process ${describeProcess(givenPermissions(config, file, readBuild()))}\n`);
  show(scene, withoutIndex.map((name) => `# the root of host ${name} has no index\n`).join(""));
  complain(scene, loaded);
  return failEach(scene, obstacles.length > 0 ? obstacles : addressObstacles(config));
}

/** Shows the permissions of the binary DIR, if that is a file; otherwise of this process. */
async function showPermissions(scene: Scene, options: Options): Promise<ExitCode> {
  const folders = findFolders();
  const { dir } = locate(options, folders);
  if (dir === null || !isFile(dir)) {
    const { loaded, obstacles } = await look(options, folders);
    if (loaded === null) return failEach(scene, obstacles);
    return show(scene, listPermissions(givenPermissions(loaded.config, loaded.file, readBuild())));
  }
  const { describeEmbedded, readEmbedded } = await import("./embedded.ts");
  const embedded = readEmbedded(Deno.readFileSync(dir));
  if (typeof embedded === "string") return fail(scene, 1, "problem", `${dir}: ${embedded}`);
  return show(scene, describeEmbedded(embedded));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
}

async function replayFile(scene: Scene, file: string, options: Options): Promise<ExitCode> {
  const [{ parseCapture }, { replay }] = await Promise.all([import("../log/capture.ts"), import("./replay.ts")]);
  const folders = findFolders();
  const { text } = await readText(absolutePath(file, folders.standing), { ...CAPTURE, name: file });
  const capture = parseCapture(text);
  if (typeof capture === "string") return fail(scene, 1, "problem", `${file}:${capture}`);
  const { loaded, obstacles } = await look(options, folders);
  if (loaded === null) return failEach(scene, obstacles);
  const { recorded, replayed, differenceAt, problems } = await replay(capture, loaded.config);
  for (const problem of problems) fail(scene, 1, "problem", problem);
  if (differenceAt === null) return show(scene, `The server sends the same ${recorded.length} bytes.\n`);
  const excerpt = (text: string) => JSON.stringify(text.slice(Math.max(0, differenceAt - 40), differenceAt + 40));
  show(scene, `then ${excerpt(recorded)}\nnow  ${excerpt(replayed)}\n`);
  return fail(scene, 1, "problem", `${file}: the answers differ from byte ${differenceAt} on`);
}

/** The server writes at most 16 MiB into a capture, and one byte can take six characters. */
const CAPTURE = { kind: "capture", mebibytesMax: 128 } as const;

/** What would be done with a request, by a server that starts with the same configuration. */
async function explainRequest(scene: Scene, options: Options, question: Question): Promise<ExitCode> {
  const { loaded, obstacles } = await look(options, findFolders());
  if (loaded !== null) complain(scene, loaded);
  if (loaded === null || obstacles.length > 0) return failEach(scene, obstacles);
  const [{ explain, findAlternatives, hostOf }, texts] = await Promise.all([
    import("./explain.ts"),
    import("./explained.ts"),
  ]);
  const { config } = loaded;
  const explanation = await explain(question, config);
  const alternatives = await findAlternatives(explanation, config);
  const explained = { explanation, alternatives, permission: rootGrant(config, hostOf(explanation, config)) };
  return show(scene, scene.outputs.json ? texts.explainedJson(explained) : texts.describeExplained(explained));
}

/** Writes the line of a user into `file`. `-` shows the line, which needs no permission. */
async function writePassword(scene: Scene, file: string, user: string): Promise<ExitCode> {
  const { insistOnPermission, makeLine, PasswdError, writeLine } = await import("./passwd.ts");
  try {
    if (file === "-") return show(scene, `${await makeLine(user)}\n`);
    const path = absolutePath(file, findFolders().standing);
    insistOnPermission(path, user);
    const outcome = await writeLine(path, await makeLine(user));
    return show(scene, `${outcome} "${user}" in ${path}; a running server uses it after its next reload\n`);
  } catch (error) {
    if (error instanceof PasswdError) return fail(scene, 1, "problem", error.message);
    throw error;
  }
}

/** Examines the configuration. A missing folder may be a misspelled verb. */
async function look(options: Options, folders: Folders): Promise<Examined> {
  const located = locate(options, folders);
  const verb = options.dir === null ? "" : suggest(options.dir, VERBS.map(({ name }) => name));
  if (verb === "" || isThere(located.dir!)) return await examine(located, folders);
  return { source: null, loaded: null, obstacles: [`${located.dir} is not there${verb}`] };
}

/** Errors other than a missing folder are reported later. */
function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}

/** Reports the problems of a configuration. */
function complain(scene: Scene, { diagnostics, remarks }: Loaded): void {
  const shown = worst(diagnostics);
  for (const diagnostic of shown) scene.outputs.complain(diagnostic);
  const left = diagnostics.length - shown.length;
  if (left > 0) scene.outputs.tell(`and ${left} more errors and warnings`, { level: "info", event: "configuration" });
  for (const remark of remarks) warn(scene, "configuration", remark);
}

/** Reports the error that ended a command: in one line, or with its stack if it is a mistake of ours. */
function explain(scene: Scene, error: unknown): ExitCode {
  const isToldInWords = error instanceof ListenError || error instanceof CaptureError || error instanceof NoFolderError;
  if (isToldInWords) return fail(scene, 1, "start", error.message);
  if (error instanceof UnreadableConfigError) return fail(scene, 1, "problem", error.message);
  if (error instanceof UnprovedError) return fail(scene, 1, "start", `refusing to start: ${error.message}`);
  if (error instanceof WorkersDiedError) return fail(scene, 70, "end", error.message);
  // An error of the system, for example a full disk.
  if (error instanceof Error && "code" in error) return fail(scene, 1, "problem", error.message);
  const details = error instanceof Error ? error.stack ?? error.message : String(error);
  return fail(scene, 70, "problem", `this is a mistake in sweepd, please report it: ${details}`);
}

function show({ outputs }: Scene, text: string): 0 {
  outputs.show(text);
  return 0;
}

function warn({ outputs }: Scene, event: Topic, message: string): void {
  outputs.tell(message, { level: "warning", event });
}

/** Reports all obstacles. Returns 1 if there are any. */
function failEach(scene: Scene, obstacles: readonly string[]): ExitCode {
  for (const obstacle of obstacles) fail(scene, 1, "configuration", obstacle);
  return obstacles.length === 0 ? 0 : 1;
}

function fail({ outputs }: Scene, code: ExitCode, event: Topic, message: string): ExitCode {
  outputs.tell(message, { level: "error", event });
  return code;
}

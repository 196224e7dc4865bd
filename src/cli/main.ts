/**
 * The commands: what each does, its exit code and its messages.
 * @module
 */

import { describeConfig } from "./check.ts";
import { type Command, parseCommandLine, type Serving, USAGE, wantsJson } from "./command_line.ts";
import { readBuild } from "../config/build.ts";
import { suggest, worstProblems } from "../config/diagnostic.ts";
import { absolutePath, findFolders, type Folders, leaveFolder, locate, NoFolderError } from "../config/folders.ts";
import type { Config } from "../config/config.ts";
import type { Loaded, Options } from "../config/load.ts";
import { describePermissions } from "../config/permissions.ts";
import { readText, UnreadableConfigError } from "../config/read.ts";
import type { Source } from "../config/source.ts";
import { VERBS } from "./flags.ts";
import type { Question } from "./question.ts";
import type { Topic } from "../log/message.ts";
import { ListenError } from "../process/address.ts";
import { addressProblems, type CheckedStart, checkReload, checkStart, sharedMemory } from "../process/start_checks.ts";
import { LogFileError } from "../log/log_file.ts";
import { CaptureError, Outputs } from "../process/outputs.ts";
import { describeProcess, givenPermissions, listPermissions, permissionsOfWorkers } from "../process/process.ts";
import { type Address, adminAddress, adminPermissions, adminPlace, rootGrant } from "../process/scope.ts";
import type { Signals } from "../process/signals.ts";
import { startEarly } from "../process/early_thread.ts";
import { WorkersDiedError } from "../process/worker_pool.ts";
import { SandboxTooWideError } from "../process/worker_thread.ts";
import { VERSION } from "../version.ts";

/**
 * 0: fine. 1: failed. 2: wrong usage. 70: a mistake of ours (`EX_SOFTWARE` of sysexits).
 * Above 128: a signal ended a command before it had finished.
 */
export type ExitCode = 0 | 1 | 2 | 70 | 129 | 130 | 143;

/** The outputs and the signals, which every command needs. */
interface Context {
  readonly outputs: Outputs;
  readonly signals: Signals;
}

/** All commands except serving. They end by themselves. */
type ShortCommand = Exclude<Command, { kind: "serve" }>;

/** Runs the command in `args`. Never throws. */
export async function main(args: readonly string[], signals: Signals): Promise<ExitCode> {
  const context = { outputs: new Outputs({ json: wantsJson(args) }), signals };
  const command = parseCommandLine(args);
  if (command.kind === "serve") return await runServer(context, command.options, command.how);
  return await Promise.race([runShortCommand(context, command), signals.ended.then(exitCodeOf)]);
}

/** Runs the server. At the end, it does not wait for a slow reader of its output. */
async function runServer(context: Context, options: Options, how: Serving): Promise<ExitCode> {
  const code = await attempt(context, () => serve(context, options, how));
  await Promise.race([context.outputs.closeSoon(), context.signals.forced]);
  return code;
}

/** Runs a command that ends by itself. At the end, it waits until its output has been read. */
async function runShortCommand(context: Context, command: ShortCommand): Promise<ExitCode> {
  const code = await attempt(context, () => run(context, command));
  const written = await context.outputs.close();
  return code === 0 && written === "lost" ? 1 : code;
}

function exitCodeOf(signal: Deno.Signal): ExitCode {
  if (signal === "SIGHUP") return 129;
  return signal === "SIGTERM" ? 143 : 130;
}

async function attempt(context: Context, work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    return reportError(context, error);
  }
}

async function run(context: Context, command: ShortCommand): Promise<ExitCode> {
  switch (command.kind) {
    case "help":
      return show(context, USAGE);
    case "version":
      return show(context, `sweepd ${VERSION}\n`);
    case "wrong usage":
      return fail(context, 2, "usage", command.message);
    case "check":
      return await check(context, command.options);
    case "doctor":
      return await examineAll(context, command.options);
    case "permissions":
      return await showPermissions(context, command.options);
    case "replay":
      return await replayFile(context, command);
    case "explain":
      return await explainRequest(context, command.options, command.question);
    case "certificate":
      return await makeCertificate(context, command.folder, command.options);
    case "top":
      return await top(context, command.address, command.options);
    case "order":
      return await sendTo(context, command);
    case "passwd":
      return await writePassword(context, command.file, command.user);
  }
}

async function serve(context: Context, options: Options, how: Serving): Promise<ExitCode> {
  const folders = findFolders();
  const found = await Promise.race([checkConfiguration(options, folders), context.signals.ended]);
  if (typeof found === "string") return 0; // A signal came first.
  const { source, loaded, problems } = found;
  if (loaded !== null) reportProblems(context, loaded);
  if (source === null || loaded === null || problems.length > 0) return failEach(context, problems);
  if (how.watch && source.kind === "fixed") {
    warn(context, "start", `--watch has nothing to look at: ${source.reason}`);
  }
  leaveFolder();
  const startThread = startEarly(loaded);
  const { serveUntilEnded } = await import("../process/serving.ts");
  const reload = () => reloadConfig(context, source, locate(options, folders));
  const called = { hasFolder: options.dir !== null, how: { ...how, capture: locateCapture(how, folders) } };
  await serveUntilEnded({ ...context, ...called, loaded, reload, startThread });
  return 0;
}

function locateCapture({ capture }: Serving, { standing }: Folders): string | null {
  return capture === null || capture === "-" ? capture : absolutePath(capture, standing);
}

/** Reads the configuration again and reports its problems; `null`: it cannot be used. */
async function reloadConfig(context: Context, source: Source, options: Options): Promise<Loaded | null> {
  const { loaded, problems } = await checkReload(source, options);
  if (loaded !== null) reportProblems(context, loaded);
  for (const problem of problems) fail(context, 1, "reload", `reload: ${problem}; the old configuration stays`);
  return problems.length === 0 ? loaded : null;
}

/** Makes all checks of a start, but does not serve. */
async function check(context: Context, options: Options): Promise<ExitCode> {
  const { loaded, problems } = await checkConfiguration(options, findFolders());
  if (loaded === null) return failEach(context, problems);
  const { config, source, file, withoutIndex } = loaded;
  show(context, `# ${source}\n${describeConfig(config, await sharedMemory(config))}`);
  const rows = describePermissions(permissionsOfWorkers(loaded));
  show(context, rows.map(([label, text]) => `# a worker ${label} ${text}\n`).join(""));
  show(context, adminPermissionRows(config).map((text) => `# the admin worker ${text}\n`).join(""));
  show(context, `# the process ${describeProcess(givenPermissions(config, file, readBuild()))}\n`);
  show(context, withoutIndex.map((name) => `# the root of host ${name} has no index, and listing is off\n`).join(""));
  reportProblems(context, loaded);
  return failEach(context, problems.length > 0 ? problems : await addressProblems(config));
}

/** Looks for problems of the configuration, the machine and the server. */
async function examineAll(context: Context, options: Options): Promise<ExitCode> {
  const { reportOn } = await import("../doctor/doctor.ts");
  const { text, hasFailed } = await reportOn(await checkConfiguration(options, findFolders()), context.outputs);
  show(context, text);
  return hasFailed ? 1 : 0;
}

/** What the worker of the admin listener may do; none: there is no such listener. */
function adminPermissionRows(config: Config): string[] {
  if (adminAddress(config) === null) return [];
  return describePermissions(adminPermissions(config)).map(([label, text]) => `${label} ${text}`);
}

/** Shows the permissions of the binary DIR, if that is a file; otherwise of this process. */
async function showPermissions(context: Context, options: Options): Promise<ExitCode> {
  const folders = findFolders();
  const { dir } = locate(options, folders);
  if (dir === null || !isFile(dir)) {
    const { loaded, problems } = await checkConfiguration(options, folders);
    if (loaded === null) return failEach(context, problems);
    return show(context, listPermissions(givenPermissions(loaded.config, loaded.file, readBuild())));
  }
  const { describeEmbedded, readEmbedded } = await import("./embedded.ts");
  const embedded = readEmbedded(Deno.readFileSync(dir));
  if (typeof embedded === "string") return fail(context, 1, "problem", `${dir}: ${embedded}`);
  return show(context, describeEmbedded(embedded));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
}

async function replayFile(
  context: Context,
  { file, options, debug }: Extract<Command, { kind: "replay" }>,
): Promise<ExitCode> {
  const { CAPTURE, describeReplay, parseCapture, replay } = await import("./replay.ts");
  const folders = findFolders();
  const { text } = await readText(absolutePath(file, folders.standing), { ...CAPTURE, name: file });
  const capture = parseCapture(text);
  if (typeof capture === "string") return fail(context, 1, "problem", `${file}:${capture}`);
  const { loaded, problems } = await checkConfiguration(options, folders);
  if (loaded === null) return failEach(context, problems);
  const replayed = await replay(capture, loaded.config, debug ? (line) => void show(context, line) : undefined);
  for (const problem of replayed.problems) fail(context, 1, "problem", problem);
  show(context, describeReplay(replayed));
  const { differenceAt } = replayed;
  if (differenceAt === null) return 0;
  return fail(context, 1, "problem", `${file}: the answers differ from byte ${differenceAt} on`);
}

/** What would be done with a request, by a server that starts with the same configuration. */
async function explainRequest(context: Context, options: Options, question: Question): Promise<ExitCode> {
  const { loaded, problems } = await checkConfiguration(options, findFolders());
  if (loaded !== null) reportProblems(context, loaded);
  if (loaded === null || problems.length > 0) return failEach(context, problems);
  const [{ explain, findAlternatives, hostOf }, texts] = await Promise.all([
    import("./explain.ts"),
    import("./explained.ts"),
  ]);
  const { config } = loaded;
  const explanation = await explain(question, config);
  const alternatives = await findAlternatives(explanation, config);
  const permission = rootGrant(permissionsOfWorkers(loaded), hostOf(explanation, config));
  const explained = { explanation, alternatives, permission };
  return show(context, context.outputs.json ? texts.explainedJson(explained) : texts.describeExplained(explained));
}

/** Writes a certificate for this machine and the hosts of the configuration. */
async function makeCertificate(context: Context, folder: string, options: Options): Promise<ExitCode> {
  const [{ CertificateError, writeCertificate }, { certificateNames }] = await Promise.all([
    import("./certificate.ts"),
    import("../process/own_certificate.ts"),
  ]);
  const folders = findFolders();
  const { loaded, problems } = await checkConfiguration(options, folders);
  if (loaded === null) return failEach(context, problems); // Its certificates may be missing, which this command mends.
  try {
    const path = absolutePath(folder, folders.standing);
    const names = certificateNames(loaded.config);
    return show(context, await writeCertificate({ folder: path, names, nowMs: Date.now() }));
  } catch (error) {
    if (error instanceof CertificateError) return fail(context, 1, "problem", error.message);
    throw error;
  }
}

/** Shows the connections of a running server. Without a terminal, shows them once. */
async function top(context: Context, written: string | null, options: Options): Promise<ExitCode> {
  const { lookOnce, showTop, TopError } = await import("./top.ts");
  const address = await findAdmin("top", written, options);
  if (typeof address === "string") return fail(context, 1, "problem", address);
  try {
    if (!Deno.stdout.isTerminal()) return show(context, await lookOnce(address));
    await showTop(address, context.signals.ended);
    return 0;
  } catch (error) {
    if (error instanceof TopError) return fail(context, 1, "problem", error.message);
    throw error;
  }
}

/** Sends an order to a running server. */
async function sendTo(context: Context, command: Extract<Command, { kind: "order" }>): Promise<ExitCode> {
  const { sendOrder } = await import("./order.ts");
  const address = await findAdmin(command.order, command.address, command.options);
  if (typeof address === "string") return fail(context, 1, "problem", address);
  const { isDone, message } = await sendOrder(command.order, address);
  return isDone ? show(context, `${message}\n`) : fail(context, 1, "problem", message);
}

/** The address of the admin listener: as written, or that of the configuration; or why there is none. */
async function findAdmin(verb: string, written: string | null, options: Options): Promise<Address | string> {
  const loaded = written === null ? (await checkConfiguration(options, findFolders())).loaded : null;
  const address = adminPlace(written ?? loaded?.config.parameters.admin.value ?? "off");
  if (address !== null && address.port !== 0) return address;
  return `${loaded?.source ?? "the configuration"} names no admin address; write: sweepd ${verb} PORT`;
}

/** Writes the line of a user into `file`. `-` shows the line, which needs no permission. */
async function writePassword(context: Context, file: string, user: string): Promise<ExitCode> {
  const { requirePermission, makeLine, PasswdError, writeLine } = await import("./passwd.ts");
  try {
    if (file === "-") return show(context, `${await makeLine(user)}\n`);
    const path = absolutePath(file, findFolders().standing);
    requirePermission(path, user);
    const outcome = await writeLine(path, await makeLine(user));
    return show(context, `${outcome} "${user}" in ${path}; a running server uses it after its next reload\n`);
  } catch (error) {
    if (error instanceof PasswdError) return fail(context, 1, "problem", error.message);
    throw error;
  }
}

/** Loads and checks the configuration. A missing folder may be a misspelled verb. */
async function checkConfiguration(options: Options, folders: Folders): Promise<CheckedStart> {
  const located = locate(options, folders);
  const verb = options.dir === null ? "" : suggest(options.dir, VERBS.map(({ name }) => name));
  if (verb === "" || isThere(located.dir!)) return await checkStart(located, folders);
  return { source: null, loaded: null, problems: [`${located.dir} is not there${verb}`] };
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
function reportProblems(context: Context, { diagnostics, remarks }: Loaded): void {
  const shown = worstProblems(diagnostics);
  for (const diagnostic of shown) context.outputs.tellDiagnostic(diagnostic);
  const left = diagnostics.length - shown.length;
  if (left > 0) context.outputs.tell(`and ${left} more errors and warnings`, { level: "info", event: "configuration" });
  for (const remark of remarks) warn(context, "configuration", remark);
}

/** Reports the error that ended a command: in one line, or with its stack if it is a mistake of ours. */
function reportError(context: Context, error: unknown): ExitCode {
  const isExplained = error instanceof ListenError || error instanceof LogFileError || error instanceof CaptureError ||
    error instanceof NoFolderError;
  if (isExplained) return fail(context, 1, "start", error.message);
  if (error instanceof UnreadableConfigError) return fail(context, 1, "problem", error.message);
  if (error instanceof SandboxTooWideError) return fail(context, 1, "start", `refusing to start: ${error.message}`);
  if (error instanceof WorkersDiedError) return fail(context, 70, "end", error.message);
  // An error of the system, for example a full disk.
  if (error instanceof Error && "code" in error) return fail(context, 1, "problem", error.message);
  const details = error instanceof Error ? error.stack ?? error.message : String(error);
  return fail(context, 70, "problem", `this is a mistake in sweepd, please report it: ${details}`);
}

function show({ outputs }: Context, text: string): 0 {
  outputs.show(text);
  return 0;
}

function warn({ outputs }: Context, event: Topic, message: string): void {
  outputs.tell(message, { level: "warning", event });
}

/** Reports all problems. Returns 1 if there are any. */
function failEach(context: Context, problems: readonly string[]): ExitCode {
  for (const problem of problems) fail(context, 1, "configuration", problem);
  return problems.length === 0 ? 0 : 1;
}

function fail({ outputs }: Context, code: ExitCode, event: Topic, message: string): ExitCode {
  outputs.tell(message, { level: "error", event });
  return code;
}

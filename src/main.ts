/**
 * What each command does, and how it ends: exit codes and the lines that a person reads.
 * @module
 */

import { describeConfig } from "./check.ts";
import { parseCommandLine, USAGE } from "./command_line.ts";
import { loadConfig, type Loaded, type Options, UnreadableConfigError } from "./config/load.ts";
import { formatDiagnostic } from "./config/diagnostic.ts";
import { ListenError, supervise } from "./supervisor.ts";
import { VERSION } from "./version.ts";

/** 0: fine. 1: could not. 2: wrong usage. 70: our own fault (`EX_SOFTWARE` of sysexits). */
export type ExitCode = 0 | 1 | 2 | 70;

/** Runs the command that `args` name. Never throws. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  try {
    return await run(args);
  } catch (error) {
    if (error instanceof UnreadableConfigError || error instanceof ListenError) return fail(1, error.message);
    if (error instanceof Error && "code" in error) return fail(1, error.message); // The system's: a full disk, a closed pipe.
    const details = error instanceof Error ? error.stack ?? error.message : String(error);
    return fail(70, `this is a mistake in sweepd, please report it: ${details}`);
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
    case "serve": {
      const loaded = loadConfig(command.options);
      if (complain(loaded) > 0) return fail(1, "the configuration has errors; nothing was started");
      await supervise({ loaded, debug: command.debug, quiet: command.quiet });
      return 0;
    }
  }
}

function check(options: Options): ExitCode {
  const loaded = loadConfig(options);
  say(`# ${loaded.source}\n${describeConfig(loaded.config)}`);
  return complain(loaded) > 0 ? 1 : 0;
}

/** More than that are one mistake: it is some other file. */
const DIAGNOSTICS_MAX = 50;

/** Tells what is wrong with a configuration; returns the number of errors. */
function complain({ diagnostics, remarks }: Loaded): number {
  for (const diagnostic of diagnostics.slice(0, DIAGNOSTICS_MAX)) console.error(formatDiagnostic(diagnostic));
  if (diagnostics.length > DIAGNOSTICS_MAX) console.error(`and ${diagnostics.length - DIAGNOSTICS_MAX} more`);
  for (const remark of remarks) console.error(`sweepd: warning: ${remark}`);
  return diagnostics.filter(({ severity }) => severity === "error").length;
}

function say(text: string): 0 {
  console.log(text.replace(/\n$/, ""));
  return 0;
}

function fail(code: ExitCode, message: string): ExitCode {
  console.error(`sweepd: ${message}`);
  return code;
}

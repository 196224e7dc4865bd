/**
 * Facts about the log files: whether they can be written. Leaves no file behind.
 * @module
 */

import { dirname } from "@std/path/dirname";
import { type Config, logFilesOf } from "../config/config.ts";
import type { Finding } from "./findings.ts";

/** One finding for each log file. */
export function checkLogs(config: Config): Finding[] {
  return logFilesOf(config).map(({ path }) => {
    const topic = "log files";
    try {
      tryToWrite(path);
      return { topic, verdict: "fine", text: `${path} can be written` };
    } catch (error) {
      const { text, advice } = explain(error, path);
      return { topic, verdict: "failed", text: `${path}: ${text}`, advice };
    }
  });
}

/** Opens the file as a start does. Permission bits would not tell of a read-only file system. */
function tryToWrite(path: string): void {
  const isThere = exists(path);
  Deno.openSync(path, { append: true, create: true }).close();
  if (!isThere) Deno.removeSync(path);
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    return true; // Then it must not be removed.
  }
}

function explain(error: unknown, path: string): { readonly text: string; readonly advice: string } {
  const folder = dirname(path);
  if (error instanceof Deno.errors.NotCapable) {
    return { text: "the runtime does not permit this process to write it", advice: "from source: deno task logged" };
  }
  if (error instanceof Deno.errors.NotFound) {
    return { text: `the folder ${folder} does not exist`, advice: `create it: mkdir -p ${folder}` };
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    const advice = `chown or chmod ${path} or ${folder} for the user of the server`;
    return { text: "the user of this process may not write it", advice };
  }
  const message = error instanceof Error ? error.message : String(error);
  const advice = `write to another folder, or let ReadWritePaths of the unit name ${folder}`;
  return { text: /os error 30/.test(message) ? "it is on a read-only file system" : message, advice };
}

/**
 * The log files of a configuration: where they are, and what is wrong with their places.
 * @module
 */

import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import type { Withheld } from "../files/withheld.ts";
import { isBelow } from "../paths.ts";
import { type Config, type HostEntry, logFilesOf, type Origin, type Setting } from "./config.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { absolutePath } from "./folders.ts";
import { deniedReason } from "./roots.ts";

/** Makes the paths of log files absolute. */
export function withPlacedLogs(config: Config, folder: string): Config {
  const place = <S extends Setting<string>>(setting: S): S => {
    const isFile = setting.value !== "off" && setting.value !== "default";
    return isFile ? { ...setting, value: absolutePath(setting.value, folder) } : setting;
  };
  const placeOwn = (host: HostEntry): HostEntry => {
    const { log } = host.settings;
    return log === undefined ? host : { ...host, settings: { ...host.settings, log: place(log) } };
  };
  const { parameters, settings, hosts } = config;
  return {
    ...config,
    parameters: {
      ...parameters,
      "access-log": place(parameters["access-log"]),
      "error-log": place(parameters["error-log"]),
    },
    settings: { ...settings, log: place(settings.log) },
    hosts: hosts.map(placeOwn),
  };
}

/** The paths of the log files without links. A file that is created later has another number, so only paths count. */
export function logPlaces(config: Config): Withheld[] {
  return logFilesOf(config).map(({ path }) => ({ path: realPathOfFile(path), dev: 0, ino: null }));
}

/** Log files whose folder is not there, or is below a root. */
export function logProblems(config: Config): Diagnostic[] {
  return logFilesOf(config).flatMap(({ path, origins }) => {
    const closed = deniedReason(path);
    if (closed !== null) {
      const remark = "the access log goes to standard output anyway";
      return at(origins, "error", `the log file ${path} ${closed.replace(/;.*/, "")}; ${remark}`);
    }
    const folder = folderOf(path);
    if (folder === "missing") return at(origins, "error", `the folder of the log file ${path} is not there`);
    if (folder === "folder") return at(origins, "error", `the log file ${path} is a folder; add the name of a file`);
    const place = realPathOfFile(path);
    const host = config.hosts.find(({ root }) => isBelow(realPath(root), place));
    const remark = "it is never served, but its rotated copies would be; keep it elsewhere";
    return host === undefined ? [] : at(origins, "warning", `${path} is in the root of host "${host.name}"; ${remark}`);
  });
}

function at(origins: readonly Origin[], severity: Diagnostic["severity"], message: string): Diagnostic[] {
  const lines = new Set(origins.flatMap((origin) => origin.kind === "file" ? [origin] : []));
  return [...lines].map(({ file, line }) => ({ severity, file, line, column: 1, message }));
}

function folderOf(path: string): "fine" | "missing" | "folder" {
  try {
    if (!Deno.statSync(dirname(path)).isDirectory) return "missing";
    return Deno.statSync(path).isDirectory ? "folder" : "fine";
  } catch (error) {
    const isAbsent = error instanceof Deno.errors.NotFound;
    return isAbsent && !isThere(dirname(path)) ? "missing" : "fine"; // Other problems show when it is opened.
  }
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}

function realPathOfFile(path: string): string {
  return realPath(path) === path ? join(realPath(dirname(path)), basename(path)) : realPath(path);
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path; // It is not there, or this process may not look at it.
  }
}

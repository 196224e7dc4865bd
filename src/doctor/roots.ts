/**
 * Facts about the folders that are served: readable, on a network share, with or without letter case.
 * @module
 */

import { statfsSync } from "node:fs";
import { join } from "@std/path/join";
import type { Config, HostEntry } from "../config/config.ts";
import type { Finding } from "./findings.ts";

/** A site may have millions of files. The first ones tell enough. */
const ENTRIES_MAX = 200;

/** Findings about all roots, and what other checks need of them. */
export interface RootFindings {
  readonly findings: readonly Finding[];
  /** A file that can be opened; `null`: none was seen. */
  readonly file: string | null;
  /** When the newest of the files that were seen was changed; `null`: none was seen. */
  readonly newestMs: number | null;
}

/** Looks at each root once. */
export function checkRoots({ hosts }: Config): RootFindings {
  const roots = new Map(hosts.map((host) => [host.root, host]));
  const seen = [...roots.values()].map(lookAt);
  const newest = seen.flatMap(({ newestMs }) => newestMs ?? []);
  return {
    findings: seen.flatMap(({ findings }) => findings),
    file: seen.find(({ file }) => file !== null)?.file ?? null,
    newestMs: newest.length === 0 ? null : Math.max(...newest),
  };
}

function lookAt({ name, root, written }: HostEntry): RootFindings {
  const shown = `${written ?? root} (host ${name})`;
  const finding = (verdict: Finding["verdict"], text: string, advice?: string): Finding => {
    return { topic: "folders", verdict, text: `${shown}: ${text}`, ...advice === undefined ? {} : { advice } };
  };
  try {
    const names = firstNames(root);
    const files = names.map((each) => ({ path: join(root, each), state: stateOf(join(root, each)) }));
    const denied = files.filter(({ state }) => state === "denied").map(({ path }) => path);
    const newest = files.flatMap(({ state }) =>
      typeof state === "object" && state.mtime ? [state.mtime.getTime()] : []
    );
    return {
      findings: [
        denied.length === 0
          ? finding(
            "fine",
            `readable, with ${countOf(names)}${describeCase(root, names)}`,
          )
          : finding(
            "failed",
            `${denied.length} of its entries cannot be read, for example ${denied[0]}`,
            advicePermissions(denied[0]!),
          ),
        ...shareFindings(root, finding),
      ],
      file: files.find(({ state }) => typeof state === "object" && state.isFile)?.path ?? null,
      newestMs: newest.length === 0 ? null : Math.max(...newest),
    };
  } catch (error) {
    return { findings: [finding("failed", ...explain(error, root))], file: null, newestMs: null };
  }
}

function countOf({ length }: readonly string[]): string {
  if (length === 1) return "one entry";
  return `${length === ENTRIES_MAX ? "at least " : ""}${length} entries`;
}

function firstNames(root: string): string[] {
  const names: string[] = [];
  for (const { name } of Deno.readDirSync(root)) {
    if (names.push(name) === ENTRIES_MAX) break;
  }
  return names;
}

/** The state of an entry that can be read. A link that leads nowhere or out of the root is not our matter. */
function stateOf(path: string): Deno.FileInfo | "denied" | "other" {
  try {
    const state = Deno.lstatSync(path);
    if (state.isFile) Deno.openSync(path).close();
    if (state.isDirectory) { for (const _ of Deno.readDirSync(path)) break; }
    return state;
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied ? "denied" : "other";
  }
}

function explain(error: unknown, root: string): [text: string, advice: string] {
  if (error instanceof Deno.errors.NotFound) return ["it does not exist", "create it, or correct the host line"];
  if (error instanceof Deno.errors.NotCapable) {
    return ["the runtime does not permit this process to read it", "see sweepd --permissions"];
  }
  if (error instanceof Deno.errors.PermissionDenied) return ["it cannot be read", advicePermissions(root)];
  if (error instanceof Deno.errors.NotADirectory) return ["it is a file and no folder", "name the folder"];
  return [error instanceof Error ? error.message : String(error), "look at the folder with ls -la"];
}

function advicePermissions(path: string): string {
  return `let the user of the server read it: chmod o+rX ${path}, and o+x for each folder above`;
}

/** Whether another letter case leads to the same file. */
function describeCase(root: string, names: readonly string[]): string {
  for (const name of names) {
    const other = name.toUpperCase() === name ? name.toLowerCase() : name.toUpperCase();
    if (other === name || names.includes(other)) continue;
    try {
      Deno.lstatSync(join(root, other));
      return "; letter case does not matter there, so a link with a wrong one fails only on other machines";
    } catch {
      return ""; // There is no such file: case matters, as on the web.
    }
  }
  return "";
}

/** Numbers of network file systems in statfs(2). */
const SHARES: Readonly<Record<string, string>> = {
  "6969": "NFS",
  "517b": "SMB",
  "fe534d42": "SMB",
  "ff534d42": "SMB",
  "65735546": "FUSE, perhaps a network share",
  "1021997": "9p, a folder of another machine",
  "c36400": "Ceph",
  "5346414f": "AFS",
};

function shareFindings(
  root: string,
  finding: (verdict: Finding["verdict"], text: string, advice?: string) => Finding,
): Finding[] {
  try {
    const share = SHARES[(statfsSync(root).type >>> 0).toString(16)];
    if (share === undefined) return [];
    const advice = "use several workers, and a larger parameter revalidate; --live may not notice changes";
    return [finding("warning", `it is on ${share}, and a worker waits for the network when it opens a file`, advice)];
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    return [
      finding("note", "whether it is a network share is not known: this process may not ask (deno task doctor may)"),
    ];
  }
}

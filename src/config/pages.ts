/**
 * Checks that the pages in settings exist in the roots of their hosts. Does the I/O for `parseConfig`.
 * @module
 */

import { join } from "@std/path/join";
import { isBelow } from "../paths.ts";
import { type Config, type HostEntry, type Origin, settingsFor, writtenRoot } from "./config.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { reasonOf } from "./read.ts";

/** A page of a host, and the setting that names it. */
interface NamedPage {
  readonly what: string;
  /** What the server sends while the page is missing. */
  readonly meanwhile: string;
  readonly path: string;
  readonly origin: Origin;
}

/** The problems of the pages. Roots are absolute. A missing root is reported elsewhere. */
export function pageProblems(config: Config): Diagnostic[] {
  return config.hosts.flatMap((host) => {
    const root = realPathOf(host.root);
    if (root === null) return [];
    const { dotfiles } = settingsFor(config, host);
    return pagesOf(config, host).flatMap((page) => judge(host, { root, page, dotFiles: dotfiles.value }) ?? []);
  });
}

function pagesOf(config: Config, host: HostEntry): NamedPage[] {
  const { error, fallback } = settingsFor(config, host);
  const pages = error.lines.map(({ value: { status, path }, origin }) => {
    return { what: `error ${status}`, meanwhile: "the built-in page is sent", path, origin };
  });
  const { value: path, origin } = fallback;
  return path === null ? pages : [...pages, { what: "fallback", meanwhile: "404 is sent", path, origin }];
}

interface Place {
  /** The real path of the root. */
  readonly root: string;
  readonly page: NamedPage;
  readonly dotFiles: boolean;
}

/** A missing page causes only a warning, like a missing root, because it may be built later. */
function judge(host: HostEntry, { root, page: { what, meanwhile, path, origin }, dotFiles }: Place): Diagnostic | null {
  if (origin.kind !== "file") return null;
  const say = (severity: Diagnostic["severity"], words: string): Diagnostic => ({
    severity,
    file: origin.file,
    line: origin.line,
    column: origin.column ?? 1,
    message: `${what}: ${path}, below the root ${writtenRoot(host)} of host "${host.name}", ${words}`,
  });
  const isHidden = path.slice(1).split("/").some((name, index) =>
    name.startsWith(".") && (index > 0 || name !== ".well-known")
  );
  if (isHidden && !dotFiles) return say("warning", "begins with a dot, so it is never sent without dotfiles on");
  const place = join(host.root, path);
  try {
    if (!Deno.statSync(place).isFile) return say("error", "is not a file");
    return isBelow(root, Deno.realPathSync(place)) ? null : say("error", "is a link that leads out of the root");
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return null; // Missing permissions are reported elsewhere.
    const reason = error instanceof Deno.errors.NotFound
      ? "is not there"
      : `is not accessible: ${reasonOf(place, error)}`;
    return say("warning", `${reason}; until it is, ${meanwhile}`);
  }
}

function realPathOf(path: string): string | null {
  try {
    return Deno.realPathSync(path);
  } catch {
    return null; // It does not exist or is not accessible, which is reported elsewhere.
  }
}

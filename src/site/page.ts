/**
 * Files of a root that a host sends instead of others: error pages, and the fallback page.
 * Knows files; not when they are sent.
 * @module
 */

import type { Resource } from "../files/resource.ts";
import type { FoundFolder, NotFound } from "../files/look_up.ts";
import type { FilePath } from "../files/file_path.ts";
import type { Services } from "./steps.ts";

/** The segments of a page's path below the root, or why the path is invalid. */
export function pageSegments(path: string): readonly string[] | string {
  if (!path.startsWith("/")) {
    return `"${path}" does not begin with a slash; paths are those of the root, like /errors/404.html`;
  }
  if (/[\\\0]/.test(path)) return `"${path}" has a backslash; write /`;
  if (/%[0-9A-Fa-f]{2}/.test(path)) return `"${path}" is the name of a file; write the character itself, not %XX`;
  const segments = path.slice(1).split("/");
  if (segments.includes("..")) return `"${path}" lies outside the root`;
  const isPath = segments.every((segment) => segment !== "" && segment !== ".");
  return isPath ? segments : `"${path}" names no file; write one without empty names and dots, like /errors/404.html`;
}

/** One page. */
export class Page {
  readonly #path: FilePath;
  readonly #host: string;
  #isMissing = false;

  /** `host` is the name of the host, for messages. */
  constructor(host: string, path: FilePath) {
    this.#host = host;
    this.#path = path;
  }

  /** The segments of its path below the root. */
  get segments(): readonly string[] {
    return this.#path.segments;
  }

  /** The page, which the caller must close; `null`: it cannot be sent. That is reported once until it works again. */
  open({ cache, clock, report }: Services): Resource | null {
    const found = cache.find(this.#path, clock.now());
    if (found.kind === "file") {
      this.#isMissing = false;
      return found;
    }
    if (!this.#isMissing) {
      report(`cannot send /${this.#path.segments.join("/")} of host ${this.#host}`, reasonOf(found));
      this.#isMissing = true;
    }
    return null;
  }
}

function reasonOf(found: FoundFolder | NotFound): string {
  if (found.kind === "folder") return "it is a folder";
  switch (found.why) {
    case "absent":
      return "it is not there";
    case "forbidden":
      return "it may not be sent";
    case "busy":
      return "there are no descriptors left";
  }
}

/**
 * Finds redirects that form a loop together with those that the server makes by itself: to the slash of a folder, and
 * to the address without `.html`. Looks at the roots. Loops of redirects alone are found without that, see
 * `host_rules.ts`.
 * @module
 */

import { join } from "@std/path/join";
import { findLoop } from "../site/redirect_loop.ts";
import { compileRedirect, type Redirect } from "../site/redirect_rule.ts";
import { type Config, type HostEntry, settingsFor } from "./config.ts";
import type { Diagnostic } from "./diagnostic.ts";

/** The loops, each with the line of the redirect. Roots are absolute. */
export function loopProblems(config: Config): Diagnostic[] {
  return config.hosts.flatMap((host) => loopsOf(config, host));
}

function loopsOf(config: Config, host: HostEntry): Diagnostic[] {
  const { redirect: { lines }, ...settings } = settingsFor(config, host);
  const redirects = lines.map(({ value }) => compileRedirect(value) as Redirect); // The parser has refused invalid ones.
  const builtIn = builtInRedirects({
    root: host.root,
    index: settings.index.value,
    clean: settings["clean-urls"].value,
  });
  return redirects.flatMap((redirect, at): Diagnostic[] => {
    const { origin } = lines[at]!;
    const isKnown = findLoop(redirects, redirect) !== null;
    const trail = isKnown ? null : findLoop(redirects, redirect, builtIn);
    if (trail === null || origin.kind !== "file") return [];
    const message = `redirect: this forms a loop with a redirect that host "${host.name}" makes by itself: ${
      trail.slice(0, 4).join(" -> ")
    }`;
    return [{ severity: "error", file: origin.file, line: origin.line, column: origin.column ?? 1, message }];
  });
}

interface Addresses {
  readonly root: string;
  readonly index: readonly string[];
  readonly clean: boolean;
}

/** Where the server redirects a path by itself; `null`: nowhere. */
function builtInRedirects({ root, index, clean }: Addresses): (path: string) => string | null {
  return (path) => {
    if (path.endsWith("/")) return null;
    const kind = kindOf(join(root, path));
    if (kind === "folder") return `${path}/`;
    const [, folder = "", name = ""] = /^(.*\/)([^/]+)\.html$/.exec(path) ?? [];
    if (!clean || kind !== "file" || name === "") return null;
    return index.includes(`${name}.html`) ? folder : folder + name;
  };
}

function kindOf(path: string): "file" | "folder" | null {
  try {
    return Deno.statSync(path).isDirectory ? "folder" : "file";
  } catch {
    return null; // It does not exist or is not accessible, so the server does not redirect it.
  }
}

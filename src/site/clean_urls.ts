/**
 * Addresses without `.html`: the file for an address, and the address for a file.
 * @module
 */

import { filePathBelow } from "../files/file_path.ts";
import { encodePath, encodeQuery } from "../http/target.ts";
import type { Host } from "./host.ts";
import type { Visit } from "./steps.ts";

/** The omitted extension. */
export const EXTENSION = ".html";

/** The file for `/about` if no file has that name. */
export function withExtension(segments: readonly string[]): readonly string[] {
  return [...segments.slice(0, -1), segments.at(-1)! + EXTENSION];
}

/** Whether the request is for a file that may have a shorter address: one with the extension, or an index without it. */
export function mayOmitExtension({ cleanUrls, index }: Host, { segments, directory }: Visit["target"]): boolean {
  const name = segments.at(-1) ?? "";
  if (!cleanUrls || directory || name === EXTENSION) return false;
  return name.endsWith(EXTENSION) || index.includes(name + EXTENSION);
}

/**
 * The address to which a request for an existing file is redirected, with its query: the one without the extension, or
 * that of the folder for an index. `null`: that address leads to something else, or the requested name to its own file.
 */
export function cleanLocation({ host, target, services }: Visit, nowMs: number): string | null {
  const { segments, query } = target;
  const folder = segments.slice(0, -1);
  const name = segments.at(-1)!;
  const exists = (path: readonly string[]) => {
    const found = services.cache.find(filePathBelow(host, path), nowMs);
    if (found.kind === "file") found.close();
    return found.kind !== "none" || found.why !== "absent";
  };
  const short = name.endsWith(EXTENSION) ? name.slice(0, -EXTENSION.length) : name;
  const place = host.index.indexOf(short + EXTENSION);
  const before = place < 0 ? [short] : host.index.slice(0, place);
  if ((short === name ? [name, ...before] : before).some((other) => exists([...folder, other]))) return null;
  return encodePath(place < 0 ? [...folder, short] : folder, place >= 0) + encodeQuery(query);
}

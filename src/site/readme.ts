/**
 * The README of a folder: which file it is, and its text as safe HTML. The renderer is loaded for the first one.
 * @module
 */

import type { Entry } from "../files/folder.ts";
import { filePathBelow } from "../files/file_path.ts";
import type { Resource } from "../files/resource.ts";
import type { Slices } from "../files/slices.ts";
import type { Visit } from "./steps.ts";

/** Longer files are not shown, because rendering takes a second for a megabyte. */
const BYTES_MAX = 256 * 1024;

/** A README, which the caller must close. */
export interface Readme {
  readonly name: string;
  readonly resource: Resource;
}

/** Whether an entry has the name of a README. */
export function isReadme({ name, kind, size }: Entry): boolean {
  return kind === "file" && (size ?? 0) <= BYTES_MAX && /^readme\.(?:md|markdown)$/i.test(name);
}

/** The README among the entries that are shown; `null`: there is none, or it cannot be opened. */
export function findReadme({ host, target, services }: Visit, entries: readonly Entry[]): Readme | null {
  const found = entries.filter(isReadme);
  const { name } = found.find(({ name }) => name === "README.md") ?? found[0] ?? {};
  if (name === undefined) return null;
  const resource = services.cache.find(filePathBelow(host, [...target.segments, name]));
  if (resource.kind !== "file") return null;
  if (resource.length <= BYTES_MAX) return { name, resource };
  resource.close();
  return null;
}

/** Rendered texts by entity tag, the latest last. */
const rendered = new Map<string, string>();
const RENDERED_MAX = 8;

/** The text of a README as safe HTML. Closes the resource. */
export async function renderReadme(resource: Resource, slices: Slices): Promise<string> {
  try {
    const { etag } = resource;
    const known = rendered.get(etag);
    if (known !== undefined) return known;
    const text = new TextDecoder().decode(bytesOf(resource)); // Before the first wait, while the file is the found one.
    const { renderMarkdown } = await import("./markdown.ts");
    const html = await renderMarkdown(text, slices);
    if (etag.startsWith("W/")) return html; // The file may still change.
    if (rendered.size >= RENDERED_MAX) rendered.delete(rendered.keys().next().value!);
    rendered.set(etag, html);
    return html;
  } finally {
    resource.close();
  }
}

function bytesOf(resource: Resource): Uint8Array {
  const piece = resource.slice(0, resource.length);
  if (piece instanceof Uint8Array) return piece;
  const bytes = new Uint8Array(piece.length);
  let at = 0;
  while (at < bytes.length) {
    const count = piece.source.readAt(piece.position + at, bytes.subarray(at));
    if (count === 0) break; // It became shorter, and the next answer will have the new text.
    at += count;
  }
  return bytes.subarray(0, at);
}

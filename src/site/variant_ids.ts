/**
 * Numbers for the ways in which hosts send files. A cache of files outlives a site, and may serve several of them, so that one
 * list holds for all.
 * @module
 */

/** By what a number stands for, as JSON. */
const known = new Map<string, string>();

/** Longer lists are those of configurations that are gone, or of thousands of hosts. */
const CHARS_MAX = 1024 * 1024;

let chars = 0;
let count = 0;

/** The same for the same description as long as that is remembered, and never the same for two. */
export function variantId(description: unknown): string {
  const text = JSON.stringify(description);
  const id = known.get(text) ?? String(count++);
  if (known.has(text)) return id;
  if (chars + text.length > CHARS_MAX) {
    known.clear();
    chars = 0;
  }
  chars += text.length;
  known.set(text, id);
  return id;
}

/**
 * Numbers for the variants in which hosts send files. There is one list for all sites, because a cache outlives a site
 * and may serve several.
 * @module
 */

/** Numbers by the description of the variant, as JSON. */
const known = new Map<string, string>();

/** A longer list contains variants of old configurations, or of thousands of hosts. */
const CHARS_MAX = 1024 * 1024;

let chars = 0;
let count = 0;

/** The number of a description. It is the same as long as the list is kept, and unique. */
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

/**
 * Origins (RFC 6454) that a host lets read its answers from scripts, as web.conf and browsers write them. Pure.
 * @module
 */

/** `*` alone: every origin. Else the origins as browsers send them; none: no other than the host's own. */
export type Origins = readonly string[];

/** The origins that `words` name; of a word that names none, its index and why. */
export function readOrigins(words: readonly string[]): Origins | { readonly index: number; readonly message: string } {
  if (words.length === 1 && words[0] === "none") return [];
  if (words.length === 1 && words[0] === "*") return ["*"];
  const origins: string[] = [];
  for (const [index, word] of words.entries()) {
    const origin = originOf(word);
    if (origin === null) return { index, message: explain(word) };
    if (!origins.includes(origin)) origins.push(origin);
  }
  return origins;
}

/** As a browser sends it: scheme and host in lower case and ASCII, no port that is the scheme's own. */
function originOf(word: string): string | null {
  const [, scheme, rest = ""] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#\\@*\s]+)$/.exec(word) ?? [];
  if (scheme === undefined) return null;
  if (!/^https?$/i.test(scheme)) return `${scheme}://${rest}`.toLowerCase(); // Of an application with pages of its own.
  return URL.parse(word)?.origin ?? null;
}

function explain(word: string): string {
  if (word === "null") return `"null" is the origin of any page that hides its own; it names nobody`;
  if (word === "*" || word === "none") return `"${word}" stands alone`;
  if (word.includes("*")) return `"${word}" has a wildcard, which no browser sends; write each origin, or * alone`;
  const origin = URL.parse(word)?.origin ?? "null";
  const remedy = origin === "null" ? "write one like https://app.example" : `write: ${origin}`;
  return `"${word}" is not an origin, which is a scheme and a host; ${remedy}`;
}

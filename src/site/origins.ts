/**
 * Origins (RFC 6454) whose scripts may read a host's answers, in the forms of web.conf and of browsers. Pure.
 * @module
 */

/** `*` alone: every origin. Otherwise origins in the form of browsers. None: only the host's own. */
export type Origins = readonly string[];

/** Parses origins. If a word is invalid, returns its index and the reason. */
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

/** The origin in the form of browsers: scheme and host in lower case and ASCII, without the scheme's default port. */
function originOf(word: string): string | null {
  const [, scheme, rest = ""] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#\\@*\s]+)$/.exec(word) ?? [];
  if (scheme === undefined) return null;
  if (!/^https?$/i.test(scheme)) return `${scheme}://${rest}`.toLowerCase(); // An application with its own pages.
  return URL.parse(word)?.origin ?? null;
}

function explain(word: string): string {
  if (word === "null") return `"null" is the origin of every page that hides its own, so it identifies none`;
  if (word === "*" || word === "none") return `"${word}" must be the only word`;
  if (word.includes("*")) return `"${word}" has a wildcard, which no browser sends; write each origin, or * alone`;
  const origin = URL.parse(word)?.origin ?? "null";
  const remedy = origin === "null" ? "write one like https://app.example" : `write: ${origin}`;
  return `"${word}" is not an origin, which is a scheme and a host; ${remedy}`;
}

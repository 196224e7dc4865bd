/**
 * A reference for the preconditions of GET (RFC 9110, section 13.2.2). It follows the steps of the RFC, on parsed conditions.
 * It was written from the RFC, and not from the code that it checks.
 */

/** An entity tag. */
export interface Tag {
  readonly isWeak: boolean;
  /** The tag with its quotes. */
  readonly opaque: string;
}

/** The preconditions of a request; `null`: the field is absent, or its date is invalid. */
export interface Conditions {
  readonly ifMatch: "*" | readonly Tag[] | null;
  readonly ifUnmodifiedSinceMs: number | null;
  readonly ifNoneMatch: "*" | readonly Tag[] | null;
  readonly ifModifiedSinceMs: number | null;
}

/** The current representation. Its time of modification may be unknown. */
export interface State {
  readonly etag: string;
  readonly modifiedMs: number | null;
}

export function judge(conditions: Conditions, { etag, modifiedMs }: State): "pass" | "not modified" | "failed" {
  const { ifMatch, ifUnmodifiedSinceMs, ifNoneMatch, ifModifiedSinceMs } = conditions;
  const own = { isWeak: etag.startsWith("W/"), opaque: etag.replace(/^W\//, "") };
  // 1. When recipient is the origin server and If-Match is present
  if (ifMatch !== null) {
    const isTrue = ifMatch === "*" ||
      ifMatch.some(({ isWeak, opaque }) => !isWeak && !own.isWeak && opaque === own.opaque);
    if (!isTrue) return "failed";
  }
  // 2. When ... If-Match is not present, and If-Unmodified-Since is present
  if (ifMatch === null && ifUnmodifiedSinceMs !== null && modifiedMs !== null) {
    if (!(modifiedMs <= ifUnmodifiedSinceMs)) return "failed";
  }
  // 3. When If-None-Match is present
  if (ifNoneMatch !== null) {
    const isTrue = ifNoneMatch !== "*" && !ifNoneMatch.some(({ opaque }) => opaque === own.opaque);
    if (!isTrue) return "not modified";
  }
  // 4. When the method is GET or HEAD, If-None-Match is not present, and If-Modified-Since is present
  if (ifNoneMatch === null && ifModifiedSinceMs !== null && modifiedMs !== null) {
    const isTrue = !(modifiedMs <= ifModifiedSinceMs);
    if (!isTrue) return "not modified";
  }
  return "pass"; // 5. and 6. are about Range and the method itself.
}

/** Whether If-Range, a tag or a time, lets Range count (13.1.5): what it names must be strong, and the same. */
export function judgeIfRange(ifRange: Tag | number | null, { etag, modifiedMs }: State, nowMs: number): boolean {
  if (ifRange === null) return true;
  if (etag.startsWith("W/")) return false; // A time is no stronger than the tag beside it.
  if (typeof ifRange !== "number") return !ifRange.isWeak && ifRange.opaque === etag;
  return modifiedMs !== null && ifRange === modifiedMs && nowMs - modifiedMs >= 1000;
}

/**
 * The tags of a field value (RFC 9110, sections 8.8.3 and 5.6.1), `"*"`, or `null` if it is malformed.
 * One character at a time: a comma within quotes is part of the tag.
 */
export function readTags(value: string): "*" | Tag[] | null {
  if (value === "*") return "*";
  const tags: Tag[] = [];
  let at = 0;
  const skipBlanks = () => {
    while (value[at] === " " || value[at] === "\t") at++;
  };
  for (;;) {
    skipBlanks();
    if (at < value.length && value[at] !== ",") {
      const isWeak = value.startsWith("W/", at);
      if (isWeak) at += 2;
      const end = value.indexOf('"', at + 1);
      if (value[at] !== '"' || end < 0) return null;
      const opaque = value.slice(at, end + 1);
      if (/[^!-~\x80-\xff]/.test(opaque)) return null;
      tags.push({ isWeak, opaque });
      at = end + 1;
      skipBlanks();
    }
    if (at >= value.length) return tags;
    if (value[at++] !== ",") return null;
  }
}

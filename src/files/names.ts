/**
 * Names with a special meaning on some platforms: devices, streams, short names.
 * Pure: decides from a segment and a platform, so that every rule is tested on every platform.
 * @module
 */

/** An operating system, as the runtime names it. */
export type Platform = typeof Deno.build.os;

/** Why a name is never looked up. */
export type RejectionReason =
  | "hidden"
  | "not UTF-8"
  | "drive or stream"
  | "forbidden character"
  | "device"
  | "trailing dot or blank"
  | "short name"
  | "ignored character";

/** Whether names that begin with a dot are served. */
export type DotFiles = "hidden" | "served";

/** A segment and its index in the path. */
export interface PathSegment {
  readonly segment: string;
  readonly index: number;
}

/** Whether each of `segments`, from a root down, has no special meaning and is not hidden. */
export function areServed(segments: readonly string[], platform: Platform, dotFiles: DotFiles): boolean {
  return segments.every((segment, index) => rejectedNameReason({ segment, index }, platform, dotFiles) === null);
}

/** Why a segment is rejected on `platform`; `null`: it is accepted. */
export function rejectedNameReason(
  { segment, index }: PathSegment,
  platform: Platform,
  dotFiles: DotFiles,
): RejectionReason | null {
  // `/.well-known/` is meant for clients (RFC 8615).
  const isHidden = segment.startsWith(".") && !(index === 0 && segment === ".well-known");
  if (isHidden && dotFiles === "hidden") return "hidden";
  // The runtime's names are strings, so it would look for a name with U+FFFD instead of each such octet.
  if (!segment.isWellFormed()) return "not UTF-8";
  if (platform === "windows") return reasonOnWindows(segment);
  if (platform === "darwin") return reasonOnDarwin(segment);
  return null;
}

/**
 * Letter case needs no rule of its own: these rules ignore it, hidden names begin with a dot, and the containment check
 * uses the real path, in the spelling of the system.
 */
function reasonOnWindows(segment: string): RejectionReason | null {
  if (segment.includes(":")) return "drive or stream"; // `C:` is another disk, `a.txt::$DATA` another name of a.txt.
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f"*/<>?\\|]/.test(segment)) return "forbidden character"; // Some calls take them as wildcards or separators.
  if (/[. ]$/.test(segment)) return "trailing dot or blank"; // The system drops them: `a.txt.` is a.txt.
  if (isDevice(segment)) return "device";
  return isShortName(segment) ? "short name" : null;
}

/** Whether it is a device name, in any case and with any extension. The superscript digits count as digits. */
function isDevice(segment: string): boolean {
  const [stem = ""] = segment.split(".", 1);
  return /^(?:CON|PRN|AUX|NUL|CLOCK\$|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9\u00b9\u00b2\u00b3]) *$/i.test(stem);
}

/**
 * `GIT~1` may be `.git`, and `WEB~1.CON` may be a name that another rule rejects. The name alone does not show whether
 * it is, so a file that is really called `a~1.txt` is not served on Windows.
 */
function isShortName(segment: string): boolean {
  return /^(?=[^.]{1,8}(?:\.|$))[^.]*~[0-9]+(?:\.[^.]{0,3})?$/.test(segment);
}

/** HFS+ ignores these characters in names, so that `.g\u200cit` is `.git`, and `\u200c.git` is too. */
function reasonOnDarwin(segment: string): RejectionReason | null {
  return /[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/.test(segment) ? "ignored character" : null;
}

/**
 * Names that mean something else to a platform than to the one who checks them: devices, streams, short names.
 * Pure: a segment of a path and a platform in, a reason out, so that every rule is tested on every platform.
 * @module
 */

/** An operating system, as the runtime names it. */
export type Platform = typeof Deno.build.os;

/** Why a name is never looked up. */
export type Trouble =
  | "hidden"
  | "not UTF-8"
  | "drive or stream"
  | "forbidden character"
  | "device"
  | "trailing dot or blank"
  | "short name"
  | "ignored character";

/** Whether names that begin with a dot are for visitors. */
export type DotFiles = "hidden" | "served";

/** A segment, and how many stand before it. */
export interface Placed {
  readonly segment: string;
  readonly index: number;
}

/** Whether each of `segments`, from a root down, names what it says and is for visitors. */
export function areServed(segments: readonly string[], platform: Platform, dotFiles: DotFiles): boolean {
  return segments.every((segment, index) => troubleWith({ segment, index }, platform, dotFiles) === null);
}

/** What is wrong with a segment on `platform`; `null`: it names what it says, and is for visitors. */
export function troubleWith({ segment, index }: Placed, platform: Platform, dotFiles: DotFiles): Trouble | null {
  // `/.well-known/` is made for visitors (RFC 8615).
  const isHidden = segment.startsWith(".") && !(index === 0 && segment === ".well-known");
  if (isHidden && dotFiles === "hidden") return "hidden";
  // The runtime's names are strings: it would look for another name, with U+FFFD in the place of each octet.
  if (!segment.isWellFormed()) return "not UTF-8";
  if (platform === "windows") return troubleOnWindows(segment);
  if (platform === "darwin") return troubleOnDarwin(segment);
  return null;
}

/**
 * Case needs no rule of its own: these compare without it, the hidden names have none in their first character, and whether
 * a file lies inside its root is asked of its real path, which the system spells.
 */
function troubleOnWindows(segment: string): Trouble | null {
  if (segment.includes(":")) return "drive or stream"; // `C:` is another disk, `a.txt::$DATA` is a.txt unfiltered.
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f"*/<>?\\|]/.test(segment)) return "forbidden character"; // Wildcards to some calls, separators to others.
  if (/[. ]$/.test(segment)) return "trailing dot or blank"; // Dropped by the system: `a.txt.` is a.txt.
  if (isDevice(segment)) return "device";
  return isShortName(segment) ? "short name" : null;
}

/** In every folder, in any case, with any extension; the superscript digits count as digits. */
function isDevice(segment: string): boolean {
  const [stem = ""] = segment.split(".", 1);
  return /^(?:CON|PRN|AUX|NUL|CLOCK\$|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9\u00b9\u00b2\u00b3]) *$/i.test(stem);
}

/**
 * `GIT~1` may be `.git`, and `WEB~1.CON` a name that another rule refuses. Whether it is nobody can tell from the name, so that
 * a file that is really called `a~1.txt` is not served on Windows.
 */
function isShortName(segment: string): boolean {
  return /^(?=[^.]{1,8}(?:\.|$))[^.]*~[0-9]+(?:\.[^.]{0,3})?$/.test(segment);
}

/** The older of its file systems ignores these in names, so that `.g\u200cit` is `.git`, and `\u200c.git` too. */
function troubleOnDarwin(segment: string): Trouble | null {
  return /[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/.test(segment) ? "ignored character" : null;
}

/**
 * The address of the admin listener: whether it is also one of the server's own. Pure.
 * @module
 */

import type { Config } from "./config.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { listenersOf } from "./listeners.ts";

/** An error if the server itself listens on the admin address. */
export function adminProblems(config: Config): Diagnostic[] {
  const { value, origin } = config.parameters.admin;
  const [, hostname, digits] = /^\[?(.*?)\]?:(\d+)$/.exec(value) ?? [];
  if (hostname === undefined || digits === "0" || origin.kind !== "file") return [];
  const isTaken = listenersOf(config).some((each) => {
    return each.port === Number(digits) && overlaps(each.hostname, hostname);
  });
  const message = `admin: the server itself listens on port ${digits}; choose another port`;
  return isTaken ? [{ severity: "error", file: origin.file, line: origin.line, column: 1, message }] : [];
}

/** `::` is every address, and `0.0.0.0` every IPv4 address. */
function overlaps(a: string, b: string): boolean {
  const isWild = (address: string, other: string) => {
    return address === "::" || address === "0.0.0.0" && !other.includes(":");
  };
  return a === b || isWild(a, b) || isWild(b, a);
}

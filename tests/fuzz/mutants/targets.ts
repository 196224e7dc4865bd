/**
 * Mutated targets. `parseTarget` and `requestHost` agree with the slow reference. The segments cannot lead out of a root.
 * Written as a path and parsed again, they are the same.
 */

import { isRefusal } from "../../../src/http/status.ts";
import { encodePath, parseHost, parseTarget, requestHost, type Target } from "../../../src/http/target.ts";
import { headOf } from "../../http/heads.ts";
import { agree, insist } from "../agree.ts";
import { mutating } from "../mutating.ts";
import { toText } from "../mutate.ts";
import { readHost, readTarget, type TargetRead } from "../reference/target.ts";
import { TARGET_WORDS, TARGETS } from "../seeds.ts";

export const targets = mutating({
  name: "targets",
  runsInTests: 3000,
  share: 3,
  seeds: TARGETS,
  dictionary: TARGET_WORDS,
  bytesMax: 1000,
  check: (bytes) => ["GET", "OPTIONS", "CONNECT"].map((method) => checkTarget(toText(bytes), method)).join(", "),
});

const HOST_FIELD = "Other.Example:80";

function checkTarget(raw: string, method: string): string {
  const target = parseTarget(raw, method);
  if (!/^[!-"$-~\x80-\xff]+$/.test(raw)) return "no target"; // parseHead refuses these octets.
  checkHost(raw);
  const reference = readTarget(raw, method);
  if (isRefusal(target)) {
    // requestHost checks the authority. parseTarget only checks that there is one.
    agree(reference, null, `refused: ${target.reason}`);
    return `${target.status} ${target.reason}`;
  }
  const host = requestHost(headOf([`Host: ${HOST_FIELD}`]), target);
  if (reference === null) {
    insist(isRefusal(host) && target.authority !== null, `the reference refuses: ${JSON.stringify(target)}`);
    return "400 authority";
  }
  agree(host, reference.host ?? "other.example", "the host");
  return checkMeaning(target, reference);
}

function checkMeaning(target: Target, reference: TargetRead): string {
  agree(target.kind === "path", reference.kind === "path", "the form");
  if (target.kind !== "path" || reference.kind !== "path") return target.kind;
  const { segments, directory, query } = target;
  agree([segments, query], [reference.segments, reference.query], "the path");
  for (const segment of segments) checkSegment(segment);
  const path = encodePath(segments, directory);
  insist(/^\/(?:[^/]|$)/.test(path), `a path that names a host: ${path}`);
  insist(/^[!-"$-~]*$/.test(path), `a path with octets that no field may hold: ${path}`);
  agree(parseTarget(path, "GET"), {
    kind: "path",
    segments,
    directory: directory || segments.length === 0,
    query: "",
    authority: null,
  }, "the path, written and read again");
  return `${Math.min(segments.length, 9)} segments${directory ? ", a folder" : ""}${
    target.authority === null ? "" : ", absolute"
  }`;
}

/** Checks that a segment is an ordinary name without separators. */
export function checkSegment(segment: string): void {
  const isName = segment !== "" && segment !== "." && segment !== ".." && !/[/\\\0]/.test(segment);
  insist(isName, `a segment that is not a name: ${JSON.stringify(segment)}`);
}

/** Compares parser and reference for the same text as a value of Host. */
function checkHost(value: string): void {
  const host = parseHost(value);
  agree(isRefusal(host) ? null : host, readHost(value), "as a value of Host");
}

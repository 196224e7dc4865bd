/**
 * Mutated targets: `parseTarget` refuses or gives segments that cannot leave a root, as the slow reference does, and what it
 * gives survives being written as a path and read again; `requestHost` agrees about the host.
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
  if (!/^[!-"$-~\x80-\xff]+$/.test(raw)) return "no target"; // No head lets these octets through; not to throw is enough.
  checkHost(raw);
  const reference = readTarget(raw, method);
  if (isRefusal(target)) {
    // An authority is judged with the host; until then it only has to be there.
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

/** Nothing that names another place, or could be read as a separator. */
export function checkSegment(segment: string): void {
  const isName = segment !== "" && segment !== "." && segment !== ".." && !/[/\\\0]/.test(segment);
  insist(isName, `a segment that is no name: ${JSON.stringify(segment)}`);
}

/** The same text as a value of Host. */
function checkHost(value: string): void {
  const host = parseHost(value);
  agree(isRefusal(host) ? null : host, readHost(value), "as a value of Host");
}

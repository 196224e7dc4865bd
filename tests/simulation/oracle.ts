/**
 * What may answer a message: status, fields and content to the byte where nothing happened to the file, and what can
 * still be said where something did. Knows the disk; not the server.
 */

import type { Answer } from "./answers.ts";
import { contentAt, isEqual } from "./content.ts";
import type { MemoryDisk } from "./disk.ts";
import type { FileNode } from "./nodes.ts";
import { mayBeIgnored, multipartProblem, type Range, resolveRanges } from "./ranges.ts";
import type { Condition, Expected, Memory, Message, RangeAsk } from "./requests.ts";
import { isHidden } from "./sites.ts";

/** Everything that bears on whether an answer is right. */
export interface Circumstances {
  readonly disk: MemoryDisk;
  /** What happened to files before cannot excuse anything. */
  readonly sinceMs: number;
  /** When the message's first byte was sent. */
  readonly sentWallMs: number;
  readonly wallMs: number;
  /** Whether the message may have taken longer than it is allowed to, so that 408 is right too. */
  readonly mayBeOverdue: boolean;
  /** Whether the client has ended its side before the message's end. */
  readonly isAbandoned: boolean;
  /** Whether all of the message was sent. */
  readonly isSent: boolean;
  /** Whether the server has been told to end. */
  readonly isEnding: boolean;
  /** Whether it had been told before the message was sent: then it answers this one and no more. */
  readonly mustEnd: boolean;
  /** What was seen of files, by their paths; an exact answer is added. */
  readonly memories: Map<string, Memory>;
}

type FileExpected = Extract<Expected, { kind: "file" }>;

/** What is wrong with `answer`, or `null`. It may be cut off: then what there is must be right. */
export function judge(message: Message, answer: Answer, circumstances: Circumstances): string | null {
  const { expected } = message;
  const { status, closes } = answer;
  if (status === 408) return circumstances.mayBeOverdue && closes ? null : "408 without a reason";
  const problem = judgeFields(answer, circumstances) ?? judgePersistence(message, answer, circumstances);
  if (problem !== null) return problem;
  if (status === 400 && closes && circumstances.isAbandoned) return null;
  if (expected.kind !== "file") {
    return expected.statuses.includes(status) ? null : `${status} instead of ${expected.statuses.join(" or ")}`;
  }
  const isEarly = closes && status >= 400 && (message.expectsContinue || circumstances.isAbandoned);
  if (!circumstances.isSent && !isEarly) return `${status} before the request's end`;
  return judgeFile(message, expected, answer, circumstances);
}

function judgeFields({ fields, status }: Answer, { sentWallMs, wallMs }: Circumstances): string | null {
  const date = Date.parse(fields.get("date") ?? "");
  if (!(date >= Math.floor(sentWallMs / 1000) * 1000 && date <= wallMs)) return `Date: ${fields.get("date")}`;
  if (fields.get("server") !== "sweepd") return "no Server";
  const modified = fields.get("last-modified");
  if (modified !== undefined && !(Date.parse(modified) <= date)) return `Last-Modified: ${modified} after Date`;
  return status === 405 && fields.get("allow") === undefined ? "405 without Allow" : null;
}

function judgePersistence(message: Message, answer: Answer, circumstances: Circumstances): string | null {
  const { expected, persists, isOld, expectsContinue } = message;
  const { isEnding, mustEnd, isAbandoned } = circumstances;
  const mustClose = expected.kind === "refusal" || !persists || mustEnd;
  if (mustClose && !answer.closes) return `${answer.status} without Connection: close`;
  // A client that waits for 100 and gets an error must not be made to send (RFC 9110, section 10.1.1).
  const mayClose = mustClose || isEnding || isAbandoned || (expectsContinue && answer.status >= 400);
  if (answer.closes && !mayClose) return `${answer.status} with Connection: close for no reason`;
  return isOld && !answer.closes && answer.fields.get("connection") !== "keep-alive" ? "no keep-alive for 1.0" : null;
}

function judgeFile(
  message: Message,
  expected: FileExpected,
  answer: Answer,
  circumstances: Circumstances,
): string | null {
  const { disk, sinceMs } = circumstances;
  const { path, host } = expected.place;
  if (path === null) return answer.status === 404 ? null : `${answer.status} for a hidden file`;
  if (disk.troubledMs(path) >= sinceMs) return judgeTroubled(path, message, answer, circumstances);
  const found = disk.look(path);
  if (found instanceof Error) return is(answer, 404, `nothing (${found.name})`);
  if (!found.path.startsWith(`${host.root}/`)) return is(answer, 403, "something outside");
  if (isHidden(found.path.slice(host.root.length))) return is(answer, 403, "a link to something hidden");
  const { node } = found;
  if (node.kind === "special") return is(answer, 403, "a FIFO");
  if (node.kind === "directory") return judgeFolder(expected, answer);
  if (node.isForbidden) return is(answer, 403, "a forbidden file");
  return judgeExact(message, expected, node, answer, circumstances) ?? remember(path, node, answer, circumstances);
}

/** A folder is at its slash; one that stands where an index should be is nothing. */
function judgeFolder({ place, query }: FileExpected, answer: Answer): string | null {
  if (place.target.endsWith("/")) return is(answer, 404, "a folder instead of an index");
  const field = answer.fields.get("location");
  const location = `${place.target}/${query}`;
  return is(answer, 301, "a folder") ?? (field === location ? null : `Location: ${field} instead of ${location}`);
}

function is({ status }: Answer, right: number, what: string): string | null {
  return status === right ? null : `${status} for ${what}`;
}

/** A file to which nothing happened between the request and now. */
function judgeExact(
  message: Message,
  expected: FileExpected,
  node: FileNode,
  answer: Answer,
  { sentWallMs }: Circumstances,
): string | null {
  const content = contentAt(node.offset, node.length);
  const outcomes = outcomesOf(expected.condition, node, sentWallMs);
  const { status } = answer;
  if (status === 304 || status === 412) return outcomes.has(status) ? null : `${status} against ${textOf(expected)}`;
  if (!outcomes.has("whole") && !outcomes.has("ranges")) return `${status} against ${textOf(expected)}`;
  const mayIgnore = outcomes.has("whole") || expected.ranges === null || mayBeIgnored(expected.ranges, node.length);
  if (status === 200) return mayIgnore ? sameContent(message, content, answer) : `200 against ${textOf(expected)}`;
  if (expected.ranges === null || !outcomes.has("ranges")) return `${status} instead of 200`;
  return judgeRanges(expected.ranges, content, answer);
}

function textOf({ condition, ranges, place }: FileExpected): string {
  return `${condition?.field}: ${condition?.value}, ${JSON.stringify(ranges)} for ${place.target}`;
}

/** `ranges`: what is asked for, all or part; `whole`: all, whatever part is asked for. */
type Outcome = 304 | 412 | "whole" | "ranges";

/** What a precondition leaves of the answers: several where nobody can know whether it holds. */
function outcomesOf(condition: Condition | null, node: FileNode, fromWallMs: number): Set<Outcome> {
  if (condition === null) return new Set(["ranges"]);
  const holds = condition.holds(node, fromWallMs);
  return new Set((holds === null ? [true, false] : [holds]).map((each) => outcomeWhen(condition.field, each)));
}

function outcomeWhen(field: Condition["field"], holds: boolean): Outcome {
  switch (field) {
    case "If-Match":
    case "If-Unmodified-Since":
      return holds ? "ranges" : 412;
    case "If-None-Match":
    case "If-Modified-Since":
      return holds ? 304 : "ranges";
    case "If-Range":
      return holds ? "ranges" : "whole";
  }
}

function sameContent({ isHead }: Message, content: Uint8Array, answer: Answer): string | null {
  if (answer.length !== content.length) return `Content-Length ${answer.length} instead of ${content.length}`;
  if (isHead) return null;
  const isSame = isEqual(answer.content, content.subarray(0, answer.content.length));
  return isSame ? null : `other content, ${answer.content.length} of ${content.length} bytes`;
}

function judgeRanges(asks: readonly RangeAsk[], content: Uint8Array, answer: Answer): string | null {
  const ranges = resolveRanges(asks, content.length);
  const field = answer.fields.get("content-range");
  if (content.length === 0) return `${answer.status} for a part of nothing`;
  if (ranges.length === 0) {
    return is(answer, 416, "ranges beyond the end") ??
      (field === `bytes */${content.length}` ? null : `416 with ${field}`);
  }
  if (answer.status !== 206) return `${answer.status} instead of 206`;
  if (ranges.length > 1) return multipartProblem(ranges, content, answer);
  const [{ first, last }] = ranges as [Range];
  const part = content.subarray(first, last + 1);
  if (field !== `bytes ${first}-${last}/${content.length}`) return `Content-Range: ${field} for ${first}-${last}`;
  if (answer.length !== part.length) return `Content-Length ${answer.length} instead of ${part.length}`;
  return isEqual(answer.content, part.subarray(0, answer.content.length)) ? null : "other content in a range";
}

const STATUSES_IN_TROUBLE = [200, 206, 301, 304, 403, 404, 412, 416, 500, 503];

/** Something happened to the file meanwhile: each byte must be one that stood at its place at some time. */
function judgeTroubled(path: string, { isHead }: Message, answer: Answer, circumstances: Circumstances): string | null {
  const { status, length, content, fields } = answer;
  if (!STATUSES_IN_TROUBLE.includes(status)) return `${status} for a file in trouble`;
  const [, first, last] = /^bytes ([0-9]+)-([0-9]+)\//.exec(fields.get("content-range") ?? "") ?? [];
  if (status !== 200 && first === undefined) return null;
  const from = Number(first ?? 0);
  if (first !== undefined && length !== Number(last) - from + 1) return `Content-Length ${length} for ${first}-${last}`;
  if (isHead) return null;
  const versions = circumstances.disk.contentsSince(path, circumstances.sinceMs).map((each) => each.subarray(from));
  if (versions.some((version) => isEqual(content, version.subarray(0, content.length)))) return null;
  const isKnown = content.every((octet, at) => versions.some((version) => version[at] === octet));
  return isKnown ? null : "content that never was in the file";
}

/** Keeps what an exact answer says of a file, and holds that the same state always has the same tag. */
function remember(path: string, node: FileNode, answer: Answer, circumstances: Circumstances): string | null {
  const { memories, sentWallMs: fromWallMs, wallMs: toWallMs } = circumstances;
  const etag = answer.fields.get("etag");
  if (etag === undefined) return answer.status < 400 ? `${answer.status} without ETag` : null;
  const { version, mtimeMs, length } = node;
  const before = memories.get(path);
  const isSettled = !etag.startsWith("W/") && before?.etag.startsWith("W/") === false; // Weak ones are those of a moment.
  if (before?.version === version && before.etag !== etag && isSettled) return "another ETag for the same state";
  const differs = before !== undefined && (before.length !== length || before.mtimeMs !== mtimeMs);
  if (differs && before.etag === etag) return "the same ETag for another state";
  const lastModified = answer.fields.get("last-modified");
  if (lastModified === undefined) return null;
  memories.set(path, { etag, lastModified, version, mtimeMs, length, fromWallMs, toWallMs });
  return null;
}

/**
 * Decides whether an answer is right. If the file has not changed, status, fields and every byte of the content are known.
 * If it has, each byte must be one that the file had at this position at some time. Knows the disk; not the server.
 */

import { equals } from "@std/bytes/equals";
import { CODINGS } from "../../src/http/semantics/coding.ts";
import type { Answer } from "./answers.ts";
import { codingOf, codingProblem, contentIn, decodedContent, lengthsOf } from "./codings.ts";
import { contentAt } from "./content.ts";
import type { MemoryDisk } from "./disk.ts";
import type { Invariant } from "./invariants.ts";
import type { FileNode } from "./nodes.ts";
import { mayBeIgnored, multipartProblem, type Range, resolveRanges } from "./ranges.ts";
import {
  type Asked,
  type Condition,
  type Expected,
  hasDate,
  hasSameContent,
  type Memory,
  type RangeAsk,
} from "./requests.ts";
import { isHidden } from "./sites.ts";
import { Violation } from "./trace.ts";

/** Everything that the right answer depends on. */
export interface Circumstances {
  readonly disk: MemoryDisk;
  /** Value of the Server field of the configuration by which the answer was made. */
  readonly serverName: string;
  /** Changes of files before this time do not matter, because the server's cache cannot be older. */
  readonly sinceMs: number;
  /** When the client sent the first byte of the message. */
  readonly sentWallMs: number;
  readonly wallMs: number;
  /** Whether the message may have missed its deadline, so that 408 is right, too. */
  readonly mayBeOverdue: boolean;
  /** Whether the client has closed its side before the end of the message. */
  readonly isAbandoned: boolean;
  /** Whether the client has sent the whole message. */
  readonly isSent: boolean;
  /** Whether the server has been told to end. */
  readonly isEnding: boolean;
  /** Whether the server was told to end before the message was sent. Then this answer must be the last one. */
  readonly mustEnd: boolean;
  /** Facts from earlier answers, by path. The facts of a right answer are added. */
  readonly memories: Map<string, Memory>;
}

type FileExpected = Extract<Expected, { kind: "file" }>;

/** The invariant that `answer` violates, or `null`. If the answer is cut off, the received part must be right. */
export function judge(message: Asked, answer: Answer, circumstances: Circumstances): Violation | null {
  const { expected } = message;
  const { status, closes } = answer;
  if (status === 408) return refusal(circumstances.mayBeOverdue && closes ? null : "408 without a reason");
  const violation = violated("answers have true fields", judgeFields(answer, circumstances)) ??
    violated("answers have an accepted coding", judgeCoding(message, answer)) ??
    violated("connections persist as both sides say", judgePersistence(message, answer, circumstances));
  if (violation !== null) return violation;
  if (status === 400 && closes && circumstances.isAbandoned) return null;
  if (expected.kind !== "file") {
    return refusal(
      expected.statuses.includes(status) ? null : `${status} instead of ${expected.statuses.join(" or ")}`,
    );
  }
  const isEarly = closes && status >= 300 && (message.expectsContinue || circumstances.isAbandoned);
  if (!circumstances.isSent && !isEarly) return refusal(`${status} before the request's end`);
  return judgeFile(message, expected, answer, circumstances);
}

function refusal(problem: string | null): Violation | null {
  return violated("refusals have the right status", problem);
}

function violated(invariant: Invariant, problem: string | null): Violation | null {
  return problem === null ? null : new Violation(invariant, problem);
}

function judgeFields(
  { fields, status, framing }: Answer,
  { sentWallMs, wallMs, serverName }: Circumstances,
): string | null {
  if (framing === "chunked" || framing === "close") return "no Content-Length, though all lengths are known";
  const date = Date.parse(fields.get("date") ?? "");
  if (!(date >= Math.floor(sentWallMs / 1000) * 1000 && date <= wallMs)) return `Date: ${fields.get("date")}`;
  if (fields.get("server") !== serverName) return "no Server";
  const isKept = fields.has("etag") || status >= 400;
  if (isKept !== (fields.get("cache-control") === "no-cache")) return `Cache-Control: ${fields.get("cache-control")}`;
  const modified = fields.get("last-modified");
  if (modified !== undefined && !(Date.parse(modified) <= date)) return `Last-Modified: ${modified} after Date`;
  return status === 405 && fields.get("allow") === undefined ? "405 without Allow" : null;
}

/** Only files have codings. HTML and text say that the answer depends on what is accepted, and pictures do not. */
function judgeCoding({ expected }: Asked, answer: Answer): string | null {
  if (expected.kind !== "file") return answer.fields.has("content-encoding") ? "a coding without a file" : null;
  const vary = answer.fields.get("vary");
  const isFile = answer.fields.has("etag") || answer.status === 406;
  if (isFile && vary !== "Accept-Encoding" && /(?:\.html|\.txt|\/)$/.test(expected.place.target)) {
    return `Vary: ${vary}`;
  }
  if (vary !== undefined && /\.(?:png|bin)$/.test(expected.place.target) && answer.status !== 406) {
    return `Vary: ${vary}`;
  }
  return codingProblem(expected.accepted, answer);
}

function judgePersistence(message: Asked, answer: Answer, circumstances: Circumstances): string | null {
  const { expected, persists, isOld, expectsContinue } = message;
  const { isEnding, mustEnd, isAbandoned } = circumstances;
  const mustClose = expected.kind === "refusal" || !persists || mustEnd;
  if (mustClose && !answer.closes) return `${answer.status} without Connection: close`;
  // A client that waits for 100 and gets an error or a redirect must not be made to send (RFC 9110, section 10.1.1).
  const mayClose = mustClose || isEnding || isAbandoned || (expectsContinue && answer.status >= 300);
  if (answer.closes && !mayClose) return `${answer.status} with Connection: close for no reason`;
  return isOld && !answer.closes && answer.fields.get("connection") !== "keep-alive" ? "no keep-alive for 1.0" : null;
}

function judgeFile(
  message: Asked,
  expected: FileExpected,
  answer: Answer,
  circumstances: Circumstances,
): Violation | null {
  const { disk, sinceMs } = circumstances;
  const { path, host } = expected.place;
  const asIs = (problem: string | null) => violated("files are answered as they are", problem);
  if (path === null) return asIs(is(answer, 404, "a hidden file"));
  if (disk.troubledMs(path) >= sinceMs) {
    const problem = judgeTroubled(path, message, answer, circumstances);
    return violated("files that change are answered with bytes that they had", problem);
  }
  const found = disk.look(path);
  if (found instanceof Error) return asIs(is(answer, 404, `nothing (${found.name})`));
  if (!found.path.startsWith(`${host.root}/`)) return asIs(is(answer, 403, "something outside"));
  if (isHidden(found.path.slice(host.root.length))) return asIs(is(answer, 403, "a link to something hidden"));
  const { node } = found;
  if (node.kind === "special") return asIs(is(answer, 403, "a FIFO"));
  if (node.kind === "directory") return asIs(judgeFolder(expected, answer));
  if (node.isForbidden) return asIs(is(answer, 403, "a forbidden file"));
  return asIs(judgeExact(message, expected, node, answer, circumstances)) ??
    violated("an entity tag names one state", remember(path, node, expected, answer, circumstances));
}

/** A folder without a slash redirects to the slash. A folder named index.html is not found. */
function judgeFolder({ place, query }: FileExpected, answer: Answer): string | null {
  if (place.target.endsWith("/")) return is(answer, 404, "a folder instead of an index");
  const field = answer.fields.get("location");
  const location = `${place.target}/${query}`;
  return is(answer, 301, "a folder") ?? (field === location ? null : `Location: ${field} instead of ${location}`);
}

function is({ status }: Answer, right: number, what: string): string | null {
  return status === right ? null : `${status} for ${what}`;
}

/** Checks the answer for a file that has not changed between the request and now. */
function judgeExact(
  message: Asked,
  expected: FileExpected,
  node: FileNode,
  answer: Answer,
  { sentWallMs }: Circumstances,
): string | null {
  const file = contentAt(node.offset, node.length);
  if (answer.status === 406) return null; // Whether a form is there depends on the memory of the server.
  if (answer.status === 416 && expected.accepted !== null) return judgeUnsatisfied(expected.ranges, file, answer);
  const content = contentIn(codingOf(answer), file);
  const outcomes = outcomesOf(expected.condition, node, sentWallMs);
  const { status } = answer;
  if (status === 304 || status === 412) return outcomes.has(status) ? null : `${status} against ${textOf(expected)}`;
  if (!outcomes.has("whole") && !outcomes.has("ranges")) return `${status} against ${textOf(expected)}`;
  const mayIgnore = outcomes.has("whole") || expected.ranges === null || mayBeIgnored(expected.ranges, content.length);
  if (status === 200) return mayIgnore ? sameContent(message, content, answer) : `200 against ${textOf(expected)}`;
  if (expected.ranges === null || !outcomes.has("ranges")) return `${status} instead of 200`;
  return judgeRanges(expected.ranges, content, answer);
}

/** The test does not know which form the ranges were compared with. It must be one of them. */
function judgeUnsatisfied(asks: readonly RangeAsk[] | null, file: Uint8Array, { fields }: Answer): string | null {
  const field = fields.get("content-range");
  const length = lengthsOf(file).find((each) => field === `bytes */${each}`);
  if (length === undefined) return `416 with ${field} for ${file.length} bytes`;
  return asks !== null && resolveRanges(asks, length).length === 0 ? null : `416 for ranges of ${length} bytes`;
}

function textOf({ condition, ranges, place }: FileExpected): string {
  return `${condition?.field}: ${condition?.value}, ${JSON.stringify(ranges)} for ${place.target}`;
}

/** `ranges`: the requested ranges, or all if there are none. `whole`: all, even if ranges are requested. */
type Outcome = 304 | 412 | "whole" | "ranges";

/** The answers that a precondition permits. There are several if the test cannot know whether the precondition holds. */
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

function sameContent({ isHead }: Asked, content: Uint8Array, answer: Answer): string | null {
  if (answer.length !== content.length) return `Content-Length ${answer.length} instead of ${content.length}`;
  if (isHead) return null;
  const isSame = equals(answer.content, content.subarray(0, answer.content.length));
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
  return equals(answer.content, part.subarray(0, answer.content.length)) ? null : "other content in a range";
}

const STATUSES_IN_TROUBLE = [200, 206, 301, 304, 403, 404, 406, 412, 416, 500, 503];

/** Checks the answer for a file that has changed. The file must have had each byte at its position at some time. */
function judgeTroubled(path: string, { isHead }: Asked, answer: Answer, circumstances: Circumstances): string | null {
  const { status, length, fields } = answer;
  if (!STATUSES_IN_TROUBLE.includes(status)) return `${status} for a file in trouble`;
  const [, first, last] = /^bytes ([0-9]+)-([0-9]+)\//.exec(fields.get("content-range") ?? "") ?? [];
  if (status !== 200 && first === undefined) return null;
  const from = Number(first ?? 0);
  if (first !== undefined && length !== Number(last) - from + 1) return `Content-Length ${length} for ${first}-${last}`;
  if (isHead) return null;
  const received = decodedContent(answer);
  if (received === null) return null; // A part of an encoded form.
  const versions = circumstances.disk.contentsSince(path, circumstances.sinceMs).map((each) => each.subarray(from));
  if (versions.some((version) => equals(received, version.subarray(0, received.length)))) return null;
  const isKnown = received.every((octet, at) => versions.some((version) => version[at] === octet));
  return isKnown ? null : "content that never was in the file";
}

/** Stores the validators of a right answer, and checks that the same state of a file always has the same tag. */
function remember(
  path: string,
  node: FileNode,
  { accepted }: FileExpected,
  answer: Answer,
  circumstances: Circumstances,
): string | null {
  const { memories, sentWallMs: fromWallMs, wallMs: toWallMs } = circumstances;
  const etag = answer.fields.get("etag");
  if (etag === undefined) return answer.status < 400 ? `${answer.status} without ETag` : null;
  const { version, mtimeMs, length, offset } = node;
  const isStrong = !etag.startsWith("W/");
  if (isStrong && toWallMs - node.ctimeMs <= UNSETTLED_MS) return "a strong ETag right after a change";
  const coding = codingOf(answer);
  const form = coding === null ? path : `${path} in ${coding}`;
  if (accepted !== null && answer.status !== 200 && answer.status !== 206) return null; // Any form may have been meant.
  const before = memories.get(form);
  const others = [null, ...CODINGS].map((each) => each === null ? path : `${path} in ${each}`).filter((each) =>
    each !== form
  );
  if (isStrong && others.some((other) => memories.get(other)?.etag === etag)) return "the same ETag for another coding";
  const wasStrong = before?.etag.startsWith("W/") === false; // A weak tag belongs to one moment.
  if (before?.version === version && before.etag !== etag && isStrong && wasStrong) {
    return "another ETag for the same state";
  }
  if (isStrong && before?.etag === etag && !hasSameContent(before, node)) return "the same ETag for other content";
  const lastModified = answer.fields.get("last-modified") ?? null;
  if (lastModified === null && answer.status !== 200) return null;
  if (lastModified !== expectedModified(node, answer)) return `Last-Modified: ${lastModified}`;
  memories.set(form, { etag, accepted, lastModified, version, mtimeMs, length, offset, fromWallMs, toWallMs });
  return null;
}

/** Within this time after a change, another one may be invisible. The runtime reports the ctime in whole seconds. */
const UNSETTLED_MS = 1500;

/** The expected Last-Modified: the time of modification, Date if that is earlier, or `null` (RFC 9110, 8.8.2.1). */
function expectedModified(node: FileNode, { fields }: Answer): string | null {
  if (!hasDate(node)) return null;
  const date = fields.get("date")!;
  return node.mtimeMs! > Date.parse(date) + 999 ? date : new Date(node.mtimeMs!).toUTCString();
}

/**
 * Generates valid requests in many spellings, each with a description of the expected answer.
 * Knows requests; the oracle knows which answers are right.
 */

import { latin1Bytes } from "../../src/http/syntax.ts";
import type { MemoryDisk } from "./disk.ts";
import type { FileNode } from "./nodes.ts";
import type { Random } from "./random.ts";
import { someAccepted } from "./codings.ts";
import { type Place, swapped } from "./sites.ts";

/** A requested range. In a suffix range `first` is `null` and `last` is the length. */
export interface RangeAsk {
  readonly first: number | null;
  readonly last: number | null;
}

/** A precondition. */
export interface Condition {
  readonly field: "If-Match" | "If-None-Match" | "If-Modified-Since" | "If-Unmodified-Since" | "If-Range";
  readonly value: string;
  /** Whether the validator matches `node`, which the server checked after `fromWallMs`; `null`: the test cannot know. */
  readonly holds: (node: FileNode, fromWallMs: number) => boolean | null;
}

/** The expected answer. */
export type Expected =
  | {
    readonly kind: "file";
    readonly place: Place;
    readonly query: string;
    readonly ranges: readonly RangeAsk[] | null;
    readonly condition: Condition | null;
    /** Value of Accept-Encoding; `null`: the field is not sent. */
    readonly accepted: string | null;
  }
  /** One of these statuses. The connection stays open. */
  | { readonly kind: "status"; readonly statuses: readonly number[] }
  /** One of these statuses. The connection ends. */
  | { readonly kind: "refusal"; readonly statuses: readonly number[] };

/** What a request says, in whichever version of HTTP. */
export interface Ask {
  readonly method: string;
  /** In origin form, or in absolute form with an authority of its own. */
  readonly target: string;
  readonly host: string;
  /** The fields that are no matter of a connection or of content. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly expected: Expected;
}

/** What the oracle must know of a message. */
export interface Asked {
  readonly isHead: boolean;
  readonly isOld: boolean;
  /** Whether the client wants to keep the connection open. */
  readonly persists: boolean;
  readonly expectsContinue: boolean;
  readonly expected: Expected;
}

/** A request in HTTP/1.0 or 1.1. */
export interface Message extends Asked {
  readonly bytes: Uint8Array;
}

/** Facts about a file from an earlier answer. */
export interface Memory {
  readonly etag: string;
  /** What the client that got it had accepted. */
  readonly accepted: string | null;
  readonly lastModified: string | null;
  readonly version: number;
  readonly mtimeMs: number | null;
  readonly length: number;
  readonly offset: number;
  /** The server checked the file between these two times. */
  readonly fromWallMs: number;
  readonly toWallMs: number;
}

/** Values from which requests are generated. */
export interface Material {
  readonly random: Random;
  readonly places: readonly Place[];
  readonly disk: MemoryDisk;
  /** Keys are paths on disk. */
  readonly memories: ReadonlyMap<string, Memory>;
}

/** What a valid request asks for. `bytesMax`: maximum length of the requested file. */
export function makeAsk(material: Material, bytesMax = Infinity): Ask {
  const { random, disk } = material;
  const place = somePlace(material, bytesMax);
  const method = random.weigh([[16, "GET"], [4, "HEAD"], [1, "OPTIONS"], [1, "POST"], [1, "DELETE"], [1, "FROB"]]);
  const query = random.chance(0.1) ? "?q=/../%00" : "";
  const isRead = method === "GET" || method === "HEAD";
  const accepted = isRead ? someAccepted(random) : null;
  const condition = isRead && random.chance(0.3)
    ? forCodings(makeCondition(material, place), accepted, material, place)
    : null;
  const asksRange = method === "GET" && (condition?.field === "If-Range" || random.chance(0.25));
  const ranges = asksRange ? makeRanges(random, place.path === null ? 10 : disk.lengthOf(place.path)) : null;
  const target = spell(place, query, random);
  // The authority of the target wins over Host (RFC 9112, section 3.2.2).
  const host = target.startsWith("/") ? place.host.name : "other.example";
  const fields: [string, string][] = [];
  if (random.chance(0.2)) fields.push(["User-Agent", "x".repeat(random.integer(1, 300))]);
  if (random.chance(0.05)) fields.push(["X-Long", "y".repeat(random.integer(1000, 8000))]);
  if (condition !== null) fields.push([condition.field, condition.value]);
  if (accepted !== null) fields.push(["Accept-Encoding", accepted]);
  if (ranges !== null) fields.push(["Range", `bytes=${ranges.map(rangeText).join(",")}`]);
  const expected: Expected = isRead
    ? { kind: "file", place, query, ranges, condition, accepted }
    : { kind: "status", statuses: STATUSES[method]! };
  return { method, target, host, fields, expected };
}

/** A valid request. `isLast`: it may end the connection. `bytesMax`: maximum length of the requested file. */
export function makeRequest(material: Material, isLast: boolean, bytesMax = Infinity): Message {
  const { random } = material;
  const { method, target, host, fields, expected } = makeAsk(material, bytesMax);
  const isOld = random.chance(0.15);
  const persists = !isLast || random.chance(0.7);
  const lines = [`${method} ${target} HTTP/1.${isOld ? 0 : 1}`, `Host: ${host}`];
  if (isOld && persists) lines.push("Connection: Keep-Alive");
  if (!isOld && !persists) lines.push("connection: foo, close");
  for (const [name, value] of fields) lines.push(`${name}: ${value}`);
  const content = makeContent(random, isOld);
  lines.push(...content.lines);
  const head = `${random.chance(0.03) ? "\r\n" : ""}${lines.join("\r\n")}\r\n\r\n`;
  return {
    bytes: latin1Bytes(head + content.text),
    isHead: method === "HEAD",
    isOld,
    persists,
    expectsContinue: content.lines.some((line) => line.startsWith("Expect")),
    expected,
  };
}

/** The simplest request for a file of at most `bytesMax` bytes, and of at least `bytesMin`, if there is one. */
export function makePlainAsk(material: Material, bytesMax: number, bytesMin = 0): Ask {
  const place = somePlace(material, bytesMax, bytesMin);
  const expected: Expected = { kind: "file", place, query: "", ranges: null, condition: null, accepted: null };
  return { method: "GET", target: place.target, host: place.host.name, fields: [], expected };
}

/** A GET of minimum length plus `padding` bytes, for a file of at most `bytesMax` bytes. */
export function makePlainRequest(material: Material, bytesMax: number, padding = 0): Message {
  const { target, host, expected } = makePlainAsk(material, bytesMax);
  const pad = padding > 0 ? `X: ${"y".repeat(padding)}\r\n` : "";
  return {
    bytes: latin1Bytes(`GET ${target} HTTP/1.1\r\nHost:${host}\r\n${pad}\r\n`),
    isHead: false,
    isOld: false,
    persists: true,
    expectsContinue: false,
    expected,
  };
}

function somePlace({ random, places, disk }: Material, bytesMax: number, bytesMin = 0): Place {
  const lengthOf = ({ path }: Place) => path === null ? 0 : disk.lengthOf(path);
  const small = places.filter((place) => Math.max(lengthOf(place), lengthOf(swapped(place))) <= bytesMax);
  const fitting = bytesMin === 0 ? small : small.filter((place) => lengthOf(place) >= bytesMin);
  return random.pick(fitting.length === 0 ? small : fitting);
}

/**
 * The same message where the hosts have exchanged their roots: it asks for another file. Whether a condition holds for that,
 * which was made for the first one, the test does not know.
 */
export function underSwappedRoots<Any extends Asked>(message: Any): Any {
  const { expected } = message;
  if (expected.kind !== "file") return message;
  const condition = expected.condition === null ? null : { ...expected.condition, holds: () => null };
  return { ...message, expected: { ...expected, place: swapped(expected.place), condition } };
}

const STATUSES: Readonly<Record<string, readonly number[]>> = {
  OPTIONS: [200],
  POST: [405],
  DELETE: [405],
  FROB: [501],
};

/** The target in a random spelling. */
function spell({ target, host }: Place, query: string, random: Random): string {
  const spelled = random.weigh([
    [8, () => target],
    [
      1,
      () => target.replace(/[a-z]/g, (letter) => random.chance(0.3) ? `%${letter.charCodeAt(0).toString(16)}` : letter),
    ],
    [1, () => `/x/..${target}`],
    [1, () => `/.${target}`],
    [1, () => `http://${host.name.toUpperCase()}:8080${target}`],
  ])();
  return spelled + query;
}

/** Content that looks like a request. A server that frames messages wrongly would answer it. */
const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

function makeContent(random: Random, isOld: boolean): { readonly lines: string[]; readonly text: string } {
  if (random.chance(0.8)) return { lines: [], text: "" };
  const lines = !isOld && random.chance(0.3) ? ["Expect: 100-continue"] : [];
  const text = SMUGGLED.repeat(random.weigh([[4, 1], [2, random.integer(2, 40)], [1, random.integer(40, 1500)]]));
  if (isOld || random.chance(0.5)) return { lines: [...lines, `Content-Length: ${text.length}`], text };
  const trailer = random.chance(0.3) ? "X-Trailer: 1\r\n" : "";
  return { lines: [...lines, "Transfer-Encoding: chunked"], text: `${chunk(text, random)}0\r\n${trailer}\r\n` };
}

function chunk(text: string, random: Random): string {
  let chunks = "";
  for (let at = 0; at < text.length;) {
    const part = text.slice(at, at + random.integer(1, Math.max(1, text.length / 2)));
    const extension = random.chance(0.2) ? ';a="b\\"c"' : "";
    chunks += `${part.length.toString(16)}${extension}\r\n${part}\r\n`;
    at += part.length;
  }
  return chunks;
}

function makeRanges(random: Random, length: number): RangeAsk[] {
  const one = (): RangeAsk => {
    const first = random.integer(0, length + (random.chance(0.2) ? 1000 : 0));
    return random.weigh<RangeAsk>([
      [4, { first, last: first + random.integer(0, length) }],
      [2, { first, last: null }],
      [2, { first: null, last: random.integer(1, length + 5) }],
      [1, { first, last: first }],
    ]);
  };
  return Array.from({ length: random.weigh([[5, 1], [2, 2], [1, 5]]) }, one);
}

function rangeText({ first, last }: RangeAsk): string {
  return `${first ?? ""}-${last ?? ""}`;
}

const EPOCH = "Thu, 01 Jan 1970 00:00:00 GMT";

function makeCondition({ random, memories }: Material, { path }: Place): Condition {
  const memory = path === null ? undefined : memories.get(path);
  const tagged = random.pick(["If-Match", "If-None-Match", "If-None-Match", "If-Range"] as const);
  const dated = random.pick(["If-Modified-Since", "If-Unmodified-Since", "If-Range"] as const);
  if (memory === undefined || random.chance(0.2)) return inventCondition(random, tagged, dated);
  const { etag, lastModified } = memory;
  if (lastModified === null || random.chance(0.6)) {
    return { field: tagged, value: etag, holds: (now) => holdsTag(tagged, memory, now) };
  }
  const holds: Condition["holds"] = (now, fromWallMs) => {
    if (!hasDate(now)) return isIgnored(dated);
    const isSame = holdsTime(memory, now, fromWallMs);
    // A time is a strong validator only if it is a second older than the answer (RFC 9110, 8.8.2.2). The test cannot know.
    return dated === "If-Range" && isSame ? null : isSame;
  };
  return { field: dated, value: lastModified, holds };
}

/** If codings are involved, the test does not know whether a tag matches, because it does not know which form is sent. */
function forCodings(condition: Condition, accepted: string | null, { memories }: Material, { path }: Place): Condition {
  const memory = path === null ? undefined : memories.get(path);
  const isPlain = accepted === null && (memory?.accepted ?? null) === null;
  const isTag = /^(?:W\/)?"/.test(condition.value);
  return isPlain || !isTag ? condition : { ...condition, holds: () => null };
}

/** Conditions of a client that has never received the file. */
function inventCondition(
  random: Random,
  tagged: Condition["field"],
  dated: Condition["field"],
): Condition {
  return random.weigh<Condition>([
    [1, { field: tagged, value: '"none such"', holds: () => false }],
    [1, { field: tagged === "If-Range" ? "If-Match" : tagged, value: "*", holds: () => true }],
    [1, sinceEpoch(dated === "If-Range" ? "If-Modified-Since" : dated)],
  ]);
}

function sinceEpoch(field: Condition["field"]): Condition {
  const holds = (now: FileNode) => hasDate(now) ? (now.mtimeMs! < 1000 ? null : false) : isIgnored(field);
  return { field, value: EPOCH, holds };
}

/** Whether an HTTP date can express the time of the file. Otherwise dates in conditions are ignored. */
export function hasDate({ mtimeMs }: FileNode): boolean {
  return mtimeMs !== null && /^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} /.test(new Date(mtimeMs).toUTCString());
}

/** An ignored condition has the same effect as one that holds or does not hold, depending on the field. */
function isIgnored(field: Condition["field"]): boolean {
  return field === "If-Unmodified-Since";
}

/**
 * The same state has the same tag, and other content another one, unless the file was too new for a strong tag. A weak tag
 * matches only in If-None-Match, and only the answer that it came with.
 */
function holdsTag(field: Condition["field"], memory: Memory, now: FileNode): boolean | null {
  if (memory.etag.startsWith("W/")) return field === "If-None-Match" ? null : false;
  // A time in the future looks like a change when it comes, and the tag is weak for a moment.
  if (now.version === memory.version) return (now.mtimeMs ?? 0) > now.ctimeMs ? null : true;
  return hasSameContent(memory, now) ? null : false;
}

export function hasSameContent({ length, offset }: Memory, now: FileNode): boolean {
  return now.length === length && now.offset === offset;
}

/** HTTP dates have a resolution of a second, and times in the future are sent as the present (RFC 9110, 8.8.2.1). */
function holdsTime(memory: Memory, now: FileNode, nowFromWallMs: number): boolean | null {
  const { version, mtimeMs, fromWallMs, toWallMs } = memory;
  if (now.version === version) return (mtimeMs ?? 0) <= fromWallMs ? true : null;
  return Math.min(now.mtimeMs ?? 0, nowFromWallMs) > Math.min(mtimeMs ?? 0, toWallMs) + 1000 ? false : null;
}

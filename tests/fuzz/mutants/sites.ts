/**
 * Mutated pipelines to a site of a few files. Every answer equals the one that slow references for target, preconditions and
 * ranges predict. No file stays open.
 */

import { FileCache } from "../../../src/files/cache.ts";
import { entityTag } from "../../../src/files/file_validator.ts";
import { files } from "../../../src/site/handler.ts";
import { formatDate, parseDate } from "../../../src/http/date.ts";
import { splitEvery } from "../../feed.ts";
import { WALL_MS } from "../../http/conversation.ts";
import type { Clock } from "../../../src/net/clock.ts";
import { preferred } from "../../http/codings.ts";
import { codingOf, decode } from "../../simulation/codings.ts";
import { Random } from "../../simulation/random.ts";
import { VirtualClock } from "../../virtual_clock.ts";
import { agree, insist } from "../agree.ts";
import { type Answer, hold, type Logged } from "../conversing.ts";
import { cutRandomly, seedOf } from "../cuts.ts";
import { MemoryDisk } from "../memory_disk.ts";
import { mutating } from "../mutating.ts";
import { toBytes } from "../mutate.ts";
import { judge, readTags } from "../reference/preconditions.ts";
import { readRanges } from "../reference/range.ts";
import { readTarget } from "../reference/target.ts";
import { CONDITION_WORDS, HEADS, HTTP_WORDS, PIPELINES, RANGE_WORDS, TARGET_WORDS } from "../seeds.ts";

const ROOT = "/site";
const MODIFIED_MS = WALL_MS - 3_600_000;
const LAST_MODIFIED = formatDate(MODIFIED_MS);

const FILES = new Map(
  Object.entries({
    "index.html": "<p>Home",
    "text.txt": "0123456789",
    "empty": "",
    "folder/index.html": "<p>Folder",
    "a b/\u00e9": "\x01\x02",
    "big": "line of text\r\n".repeat(5_000),
  }).map(([path, text]) => [`${ROOT}/${path}`, text]),
);

const DISK_FILES = new Map([...FILES].map(([path, text]) => [path, toBytes(text)]));

const PATHS = ["/", "/text.txt", "/empty", "/folder/", "/folder", "/a%20b/%c3%a9", "/big", "/none", "/text.txt/"];

/** What a tag is made of is a matter of its own; here it stays the same and is the right one. */
function etagOf(path: string): string {
  return entityTag(new MemoryDisk(DISK_FILES, MODIFIED_MS).stat(`${ROOT}/${path}`), WALL_MS);
}

const CONDITIONS = [
  `If-None-Match: ${etagOf("text.txt")}\r\n`,
  `If-Match: ${etagOf("empty")}\r\n`,
  `If-Range: ${etagOf("text.txt")}\r\nRange: bytes=1-2,4-5\r\n`,
  `If-Range: ${LAST_MODIFIED}\r\nRange: bytes=-3\r\n`,
  `If-Modified-Since: ${LAST_MODIFIED}\r\n`,
  `If-Unmodified-Since: ${LAST_MODIFIED}\r\n`,
  "Range: bytes=99-\r\n",
  "Range: bytes=65530-65545, 0-0, -1\r\n",
  "Accept-Encoding: gzip, deflate, br\r\n",
  "Accept-Encoding: zstd\r\nRange: bytes=5-9\r\n",
  "Accept-Encoding: identity;q=0, *;q=0.5\r\n",
  "Accept-Encoding: br;q=0, *;q=0\r\n",
];

const get = (path: string, lines = "") => `GET ${path} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`;

export const sites = mutating({
  name: "sites",
  runsInTests: 200,
  share: 6,
  seeds: [
    ...PIPELINES.slice(-2),
    HEADS.at(-1)!,
    PATHS.map((path) => get(path)).join(""),
    PATHS.map((path) => get(path).replace("GET", "HEAD")).join(""),
    ...CONDITIONS.map((lines) => [...PATHS.slice(1, 4), "/big"].map((path) => get(path, lines)).join("")),
  ],
  dictionary: [
    ...HTTP_WORDS,
    ...TARGET_WORDS,
    ...RANGE_WORDS,
    ...CONDITION_WORDS,
    ...CONDITIONS,
    ...PATHS.map((path) => `GET ${path} `),
    ...PATHS.map((path) => `${get(path)}`),
  ],
  check: checkSite,
});

async function checkSite(bytes: Uint8Array): Promise<string> {
  const random = new Random(seedOf(bytes));
  const ways = [[bytes], cutRandomly(bytes, random), ...bytes.length < 1500 ? [splitEvery(bytes, 1)] : []];
  const clock = new VirtualClock(WALL_MS);
  // All conversations share one cache, so the first one may fill it and the others read from it.
  const disk = new MemoryDisk(DISK_FILES, MODIFIED_MS);
  const cache = new FileCache({
    disk,
    clock: withoutTurns(clock),
    media: {},
    bytesMax: random.pick([0, 4096, 1 << 20]),
    revalidateMs: 0,
  });
  const handler = files(ROOT, { cache, clock });
  const statuses: number[] = [];
  for (const chunks of ways) {
    const { answers, logged } = await hold(chunks, handler, random.pick([Infinity, 1000]));
    for (const [index, answer] of answers.entries()) checkAnswer(logged[index]!, answer);
    cache.closeUnused();
    agree(disk.openFiles, 0, "files left open");
    agree(clock.pending, 0, "pending timers");
    agree(
      answers.map(({ status }) => status),
      chunks === ways[0] ? answers.map(({ status }) => status) : statuses,
      "statuses",
    );
    statuses.splice(0, Infinity, ...answers.map(({ status }) => status));
  }
  return [...new Set(statuses)].slice(-3).join(" ");
}

/** A clock for a cache that encodes as much in one turn as it likes, because this fuzzer does not move the clock. */
function withoutTurns(clock: VirtualClock): Clock {
  return {
    now: () => clock.now(),
    wall: () => clock.wall(),
    every: (periodMs, call) => clock.every(periodMs, call),
    sleep: () => Promise.resolve(),
  };
}

function checkAnswer(request: Logged, { status, fields, content }: Answer): void {
  const { method, target, problem } = request;
  if (problem !== null || (method !== "GET" && method !== "HEAD")) {
    return insist(status === 200 || status >= 400, `${status}`);
  }
  const path = readTarget(target, method);
  if (path?.kind !== "path") return insist(status >= 400, "a target that cannot be served");
  const isFolder = /(?:^|\/)(?:\.|%2e){0,2}$/i.test(target.split("?")[0]!.replace(/^http:\/\/[^/]*/i, ""));
  const segments = isFolder || path.segments.length === 0 ? [...path.segments, "index.html"] : path.segments;
  const file = segments.join("/");
  const text = FILES.get(`${ROOT}/${file}`);
  if (text === undefined || segments.some((segment) => segment.startsWith("."))) {
    const isPlainFolder = segments.length === 1 && ["folder", "a b"].includes(segments[0]!);
    return agree(status, isPlainFolder ? 301 : 404, `the status of ${target}`);
  }
  const accepted = request.fields["accept-encoding"];
  if (accepted !== undefined) return checkCoded(accepted, request, { status, fields, content }, text);
  const wanted = expected(request, text, etagOf(file));
  if (wanted === null) return insist([200, 206, 304, 412, 416].includes(status), `${status}`);
  agree(status, wanted.status, `the status of ${target}`);
  if (status === 200 || status === 206) agree(fields.get("etag"), etagOf(file), "ETag");
  if (status === 200) agree(fields.get("content-length"), String(text.length), "Content-Length");
  if (method === "HEAD" || status === 412) return;
  if (status === 416) agree(fields.get("content-range"), `bytes */${text.length}`, "Content-Range");
  else if (status === 200) agree(content, text, "content");
  else if (status === 206) checkParts(wanted.ranges, text, fields, content);
}

/** Whether the file is encoded depends on the memory. If it is, the client accepts that, and it decodes to the file. */
function checkCoded(
  accepted: string,
  { method }: Logged,
  { status, fields, content }: Omit<Answer, "interims">,
  text: string,
): void {
  if (status === 406) return agree(preferred(accepted, []), "406", `406 for ${accepted}`);
  insist([200, 206, 304, 412, 416].includes(status), `${status}`);
  agree(fields.get("vary"), "Accept-Encoding", "Vary");
  if (status !== 200 && status !== 206) return;
  if (method === "HEAD" && fields.get("content-type")?.startsWith("multipart/")) return;
  const coding = codingOf({ fields, content: toBytes(content) });
  agree(preferred(accepted, coding === null ? [] : [coding]), coding ?? "identity", `for ${accepted}`);
  if (method === "GET" && status === 200) agree(latin1Of(decode(toBytes(content), coding)), text, "content");
}

function latin1Of(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

type Ranges = readonly (readonly [first: number, last: number])[];

/** The predicted answer to GET or HEAD for an existing file; `null` if a list of tags is malformed. */
function expected({ method, fields }: Logged, text: string, etag: string): { status: number; ranges: Ranges } | null {
  const state = { etag, modifiedMs: MODIFIED_MS };
  const list = (value: string | undefined) => value === undefined ? undefined : readTags(value);
  const date = (value: string | undefined) => value === undefined ? null : parseDate(value, WALL_MS);
  const [ifMatch, ifNoneMatch] = [list(fields["if-match"]), list(fields["if-none-match"])];
  if (ifMatch === null || ifNoneMatch === null) return null;
  const judgement = judge({
    ifMatch: ifMatch ?? null,
    ifUnmodifiedSinceMs: date(fields["if-unmodified-since"]),
    ifNoneMatch: ifNoneMatch ?? null,
    ifModifiedSinceMs: date(fields["if-modified-since"]),
  }, state);
  if (judgement !== "pass") return { status: judgement === "failed" ? 412 : 304, ranges: [] };
  const ifRange = fields["if-range"];
  const applies = ifRange === undefined || ifRange === state.etag || parseDate(ifRange, WALL_MS) === MODIFIED_MS;
  const reading = method === "GET" && fields.range !== undefined && applies
    ? readRanges(fields.range, text.length)
    : "ignore";
  if (reading === "ignore") return { status: 200, ranges: [] };
  return reading === "unsatisfiable" ? { status: 416, ranges: [] } : { status: 206, ranges: reading };
}

/** The content of a single part, or of several as multipart/byteranges (RFC 9110, section 14.6). */
function checkParts(ranges: Ranges, text: string, fields: Answer["fields"], content: string): void {
  const parts = ranges.map(([first, last]) =>
    [`bytes ${first}-${last}/${text.length}`, text.slice(first, last + 1)] as const
  );
  if (parts.length === 1) return agree([fields.get("content-range"), content], parts[0], "the part");
  const boundary = /^multipart\/byteranges; boundary=([\w-]+)$/.exec(fields.get("content-type") ?? "")?.[1];
  insist(boundary !== undefined, "no boundary");
  const [preamble, ...rest] = `\r\n${content}`.split(`\r\n--${boundary}`);
  agree([preamble, rest.pop()], ["", "--\r\n"], "around the parts");
  const read = rest.map((part) =>
    /^\r\nContent-Type: [^\r]+\r\nContent-Range: ([^\r]+)\r\n\r\n([^]*)$/.exec(part)?.slice(1)
  );
  agree(read, parts, "the parts");
}

/**
 * Files over HTTP: method, site, representation, preconditions, ranges, in that order (RFC 9110, section 13.2).
 * Gives response values; writes nothing.
 * @module
 */

import { type Clock, systemClock } from "../net/clock.ts";
import { evaluate, rangeApplies } from "../http/conditional.ts";
import type { Handler } from "../http/handler.ts";
import { type ByteRange, contentRange, selectRanges } from "../http/range.ts";
import {
  type Content,
  errorResponse,
  type Field,
  NO_CONTENT,
  type Piece,
  type Response,
  type Room,
  share,
} from "../http/response.ts";
import type { Request } from "../http/request.ts";
import { encodePath, encodeQuery, type Target } from "../http/target.ts";
import { FileCache } from "./cache.ts";
import type { ServedFile } from "./served_file.ts";
import { Site } from "./site.ts";

/** What files are served with. */
export interface FilesOptions {
  /** What finds and opens the files; one of their own unless said. */
  readonly cache?: FileCache | undefined;
  /** What conditional requests are judged by; the system's clock unless said. */
  readonly clock?: Clock | undefined;
}

/** Where files come from, complete. */
interface Files {
  readonly site: Site;
  readonly cache: FileCache;
  readonly clock: Clock;
}

const ALLOW: Field = ["Allow", "GET, HEAD, OPTIONS"];
const KNOWN_METHODS = new Set(["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"]);
const INDEX = "index.html";

/**
 * A handler that serves the files of a site by GET and HEAD: of one folder for every host, where the site is the path of a
 * folder.
 */
export function files(site: Site | string, options: FilesOptions = {}): Handler {
  const { clock = systemClock, cache = new FileCache({ clock }) } = options;
  const served = { site: typeof site === "string" ? new Site([{ name: "default", root: site }]) : site, cache, clock };
  return (request) => {
    const { method } = request;
    if (method !== "GET" && method !== "HEAD") return withoutFiles(method);
    const root = served.site.rootFor(request.host);
    if (root === null || request.target.kind !== "path") return errorResponse(400);
    return answer(served, root, request, request.target);
  };
}

function withoutFiles(method: string): Response {
  if (method === "OPTIONS") return describeOptions();
  return KNOWN_METHODS.has(method) ? errorResponse(405, [ALLOW]) : errorResponse(501);
}

/** RFC 9110, section 9.3.7. */
function describeOptions(): Response {
  return { status: 200, fields: [ALLOW, ["Content-Type", "text/plain; charset=utf-8"]], content: NO_CONTENT };
}

type PathTarget = Extract<Target, { kind: "path" }>;

function answer({ cache, clock }: Files, root: string, request: Request, target: PathTarget): Response {
  const isIndex = target.directory || target.segments.length === 0;
  const segments = isIndex ? indexOf(target) : target.segments;
  const found = cache.find(root, segments, request.askedMs);
  switch (found) {
    case "not found":
      return errorResponse(404);
    case "forbidden":
      return errorResponse(403);
    case "busy":
      return errorResponse(503, [["Retry-After", "1"]]);
    case "directory":
      if (isIndex) return errorResponse(404); // A folder called index.html is not what was asked for.
      return redirect(encodePath(segments, true) + encodeQuery(target.query));
  }
  return request.fields.isSelecting ? represent(request, found, clock.wall()) : whole(found);
}

const indexes = new WeakMap<PathTarget, readonly string[]>();

/** The segments of a folder's index: the same object for the same target. */
function indexOf(target: PathTarget): readonly string[] {
  return remember(indexes, target, () => [...target.segments, INDEX]);
}

/** What answers any number of requests for the same file, as long as that is remembered. */
const wholes = new WeakMap<ServedFile, Response>();
const unchangeds = new WeakMap<ServedFile, Response>();

function whole(file: ServedFile): Response {
  return file.isKept ? remember(wholes, file, () => share(makeWhole(file))) : makeWhole(file);
}

/** With neither type nor length: a 304 speaks of what the client has (15.4.5). */
function notModified(file: ServedFile): Response {
  return remember(unchangeds, file, () => share({ status: 304, fields: [etagField(file)], content: NO_CONTENT }));
}

function remember<Key extends WeakKey, Value>(known: WeakMap<Key, Value>, key: Key, make: () => Value): Value {
  const before = known.get(key);
  if (before !== undefined) return before;
  const value = make();
  known.set(key, value);
  return value;
}

function redirect(location: string): Response {
  return errorResponse(301, [["Location", location]]);
}

function represent({ method, fields }: Request, file: ServedFile, nowMs: number): Response {
  const outcome = evaluate(fields, file.validator, nowMs);
  if (outcome !== "pass") {
    file.close();
    return outcome === "failed" ? errorResponse(412) : notModified(file);
  }
  const field = method === "GET" ? fields.value("range") : null; // Defined for GET only (14.2).
  const ranges = field !== null && rangeApplies(fields, file.validator, nowMs)
    ? selectRanges(field, file.length)
    : null;
  if (ranges === null) return whole(file);
  if (ranges !== "unsatisfiable") return partial(file, ranges, fields.has("if-range"));
  file.close();
  return errorResponse(416, [["Content-Range", `bytes */${file.length}`]]);
}

function makeWhole(file: ServedFile): Response {
  return {
    status: 200,
    lastModified: file.lastModified,
    fields: [...mediaFields(file), etagField(file), ["Accept-Ranges", "bytes"]],
    content: fileContent(file, [file.slice(0, file.length)], file.room),
  };
}

/** `hasIfRange`: the client has the rest, with its fields, already (15.3.7). */
function partial(file: ServedFile, ranges: readonly ByteRange[], hasIfRange: boolean): Response {
  const lastModified = hasIfRange ? null : file.lastModified;
  const [range] = ranges;
  if (ranges.length > 1 || range === undefined) {
    const boundary = crypto.randomUUID(); // Never to be found in the content, with a likelihood that nobody can beat.
    return {
      status: 206,
      lastModified,
      fields: [["Content-Type", `multipart/byteranges; boundary=${boundary}`], etagField(file)],
      content: fileContent(file, multipart(file, ranges, boundary)),
    };
  }
  return {
    status: 206,
    lastModified,
    fields: [...mediaFields(file), ["Content-Range", contentRange(range, file.length)], etagField(file)],
    content: fileContent(file, [pieceOf(file, range)]),
  };
}

function mediaFields({ type, coding }: ServedFile): Field[] {
  const typeField: Field = ["Content-Type", type];
  return coding === null ? [typeField] : [typeField, ["Content-Encoding", coding]];
}

function etagField({ validator }: ServedFile): Field {
  return ["ETag", validator.etag];
}

/** RFC 9110, section 14.6. A coding is that of each part's file, not of the parts together, so each part tells it. */
function multipart(file: ServedFile, ranges: readonly ByteRange[], boundary: string): Piece[] {
  const text = new TextEncoder();
  const parts = ranges.flatMap((range, index) => {
    const fields: Field[] = [...mediaFields(file), ["Content-Range", contentRange(range, file.length)]];
    const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    return [text.encode(`${index === 0 ? "" : "\r\n"}--${boundary}\r\n${lines}\r\n`), pieceOf(file, range)];
  });
  return [...parts, text.encode(`\r\n--${boundary}--\r\n`)];
}

function pieceOf(file: ServedFile, { first, last }: ByteRange): Piece {
  return file.slice(first, last - first + 1);
}

function fileContent(file: ServedFile, pieces: readonly Piece[], room: Room | null = null): Content {
  const content = { length: pieces.reduce((sum, { length }) => sum + length, 0), pieces, close: () => file.close() };
  return room === null ? content : { ...content, room };
}

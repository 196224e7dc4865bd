/**
 * Live reload as a handler around that of a site: inserts a script into pages, and answers with the script and with
 * the stream of changes. Knows requests and responses; not how changes are noticed.
 * @module
 */

import { merge } from "../http/additions.ts";
import type { Handler } from "../http/handler.ts";
import type { Request } from "../http/request.ts";
import {
  alter,
  bytesContent,
  errorResponse,
  type Field,
  type KnownContent,
  type KnownResponse,
  type Piece,
  type Response,
  type StreamedContent,
} from "../http/response.ts";
import type { Site } from "../site/host.ts";
import type { Changes } from "./changes.ts";
import { insertionPoint } from "./insertion.ts";
import { permitLive } from "./policy.ts";
import { LIVE_FOLDER, LIVE_SCRIPT, scriptTag } from "./script.ts";
import { WholeFields } from "./whole_fields.ts";

/** The site, and its changes. */
export interface LiveOptions {
  readonly site: Site;
  readonly changes: Changes;
}

/** Longer pages are sent as they are, because a page must be in memory to be changed. */
const PAGE_BYTES_MAX = 8 * 1024 * 1024;

/** `handler` with live reload. */
export function withLiveReload(handler: Handler, { site, changes }: LiveOptions): Handler {
  return (request) => {
    const name = ownName(request);
    if (name !== null) return then(handler(request), (response) => answerOwn(name, request, response));
    if (request.method !== "GET" && request.method !== "HEAD") return handler(request);
    const asked = { ...request, fields: new WholeFields(request.fields) };
    return then(handler(asked), (response) => {
      request.user = asked.user; // For the log.
      const page = withScript(response, { version: changes.version, authority: request.fields.value("host") });
      if (page !== null) return page;
      if (!asked.fields.hidesAny) return fresh(response);
      response.content.close();
      return then(handler(request), fresh); // No page: ranges, conditions and codings count.
    });
  };

  /** The site has answered first, so that its rules of access hold here, too. It has no file of this name. */
  function answerOwn(name: string, { method, host }: Request, response: Response): Response {
    if (response.status !== 404 && response.status !== 200 || method !== "GET" && method !== "HEAD") return response;
    if (name === "live.js") return instead(response, scriptResponse());
    const root = site.hostFor(host)?.root;
    if (name !== "events" || root === undefined) return response;
    const chunks = changes.stream(root);
    if (chunks === null) return instead(response, errorResponse(503, [["Retry-After", "1"]]));
    const fields: Field[] = [["Content-Type", "text/event-stream"], NOT_STORED];
    return instead(response, { status: 200, fields, content: { kind: "streamed", chunks, close: () => {} } });
  }
}

/** Does not wait if there is nothing to wait for. */
function then(response: Response | Promise<Response>, next: (response: Response) => Response | Promise<Response>) {
  return response instanceof Promise ? response.then(next) : next(response);
}

function instead(before: Response, after: Response): Response {
  before.content.close();
  return after;
}

/** The name of a target in our folder; `null`: it is another target. */
function ownName({ target }: Request): string | null {
  if (target.kind !== "path" || target.segments.length !== 2 || target.segments[0] !== LIVE_FOLDER) return null;
  return target.segments[1]!;
}

const NOT_STORED: Field = ["Cache-Control", "no-store"];

function scriptResponse(): KnownResponse {
  const fields: Field[] = [["Content-Type", "text/javascript; charset=utf-8"], NOT_STORED];
  return { status: 200, fields, content: bytesContent(new TextEncoder().encode(LIVE_SCRIPT)) };
}

/**
 * The page with the script. It has no validators and offers no ranges, because both would be about other bytes than
 * those of the file, and it must not be stored, because a later server may not insert the script. `null`: no page.
 */
function withScript(response: Response, { version, authority }: Asked): Response | null {
  const { content } = response;
  if (!isPage(response)) return null;
  const script = new TextEncoder().encode(scriptTag(version));
  const changed = content.kind === "known" ? inserted(content, script) : appended(content, script);
  if (changed === null) return null;
  const fields = merge(response.fields, PAGE_FIELDS).map(([name, value]): Field => {
    const isPolicy = authority !== null && name.toLowerCase() === "content-security-policy";
    return [name, isPolicy ? permitLive(value, authority) : value];
  });
  return { ...alter(response, { lastModified: null, fields }), content: changed };
}

/** What a page depends on besides its file. */
interface Asked {
  readonly version: number;
  /** The value of Host; `null`: a client of HTTP/1.0 sent none. */
  readonly authority: string | null;
}

/** The server's own pages are made as they are sent. A browser adds what comes after the end of html to the body. */
function appended({ chunks, close }: StreamedContent, script: Uint8Array): StreamedContent {
  return { kind: "streamed", chunks: append(chunks, script), close };
}

async function* append(chunks: AsyncIterable<Uint8Array>, last: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* chunks;
  yield last;
}

/** The content with the script before the end of body; `null`: it is too long, or no text that extends ASCII. */
function inserted(content: KnownContent, script: Uint8Array): KnownContent | null {
  if (content.length > PAGE_BYTES_MAX) return null;
  const page = bytesOf(content);
  const at = page === null ? null : insertionPoint(page);
  if (page === null || at === null) return null;
  const bytes = new Uint8Array(page.length + script.length);
  bytes.set(page.subarray(0, at));
  bytes.set(script, at);
  bytes.set(page.subarray(at), at + script.length);
  content.close();
  return bytesContent(bytes);
}

/** An empty value removes the field. Intermediaries must not change the length. */
const PAGE_FIELDS: readonly Field[] = [["ETag", ""], ["Accept-Ranges", ""], ["Last-Modified", ""], NOT_STORED];

/** A whole page of HTML, also that of an error: when the file is there again, the error page is replaced. */
function isPage({ status, fields }: Response): boolean {
  if (status !== 200 && status < 400) return false;
  const valueOf = (name: string) => fields.find(([other]) => other.toLowerCase() === name)?.[1] ?? "";
  const isDownload = /^\s*attachment/i.test(valueOf("content-disposition"));
  return /^text\/html\s*(?:;(?!.*utf-?(?:16|32)).*)?$/i.test(valueOf("content-type")) &&
    valueOf("content-encoding") === "" && !isDownload;
}

/** The content in one piece; `null`: its file has become shorter. */
function bytesOf({ pieces, length }: KnownContent): Uint8Array | null {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    if (!fill(bytes.subarray(at, at + piece.length), piece)) return null;
    at += piece.length;
  }
  return at === length ? bytes : null;
}

function fill(into: Uint8Array, piece: Piece): boolean {
  if (piece instanceof Uint8Array) {
    into.set(piece);
    return true;
  }
  for (let at = 0; at < into.length;) {
    const count = piece.source.readAt(piece.position + at, into.subarray(at));
    if (count === 0) return false;
    at += count;
  }
  return true;
}

/** What belongs to a page is asked for again at each reload, even where `cache` lines say otherwise. */
function fresh(response: Response): Response {
  const field = response.fields.find(([name]) => name.toLowerCase() === "cache-control");
  if (field === undefined || field[1] === "no-cache" || field[1] === "no-store") return response;
  return alter(response, { fields: merge(response.fields, [["Cache-Control", "no-cache"]]) });
}

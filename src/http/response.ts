/**
 * Responses as values, and the pages of errors.
 * Knows statuses, fields and content; not how they are written to a connection.
 * @module
 */

import type { ContentRange } from "./byte_range.ts";
import type { DateValue } from "./date.ts";
import { type ErrorExplanation, renderErrorPage } from "./error_page.ts";
import type { Status } from "./status.ts";

/** Name and value of one field line, ASCII. */
export type Field = readonly [name: string, value: string];

/** A source of content that is not in memory. */
export interface Source {
  /** Reads at most `into.length` bytes from `position` on. Returns their number, 0 at the end. Throws system errors. */
  readAt(position: number, into: Uint8Array): number;
}

/** Bytes in memory, or `length` bytes of a source from `position` on. */
export type Piece = Uint8Array | { readonly source: Source; readonly position: number; readonly length: number };

/** The content of a response. It is closed once per use, sent or not; a shared response is used several times. */
export type Content = KnownContent | StreamedContent;

/** Pieces in their order, `length` bytes in all. */
export interface KnownContent {
  readonly kind: "known";
  /** Bytes in all. */
  readonly length: number;
  /** The parts of the content, in order. */
  readonly pieces: readonly Piece[];
  /** Free memory before the only piece, for a head. */
  readonly headSpace?: HeadSpace | undefined;
  /** Closes what the pieces keep open. */
  close(): void;
}

/**
 * Content of unknown length. Each chunk is sent as soon as it is made, and the next one is requested when the system
 * has accepted it. If the source throws, the connection ends, so that the client does not take a part for the whole.
 */
export interface StreamedContent {
  readonly kind: "streamed";
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Closes what the source keeps open. The iterator's own `return` is called before. */
  close(): void;
}

/**
 * Throws `RangeError` if the pieces are not `length` bytes in all. Otherwise the client would mistake the end of the
 * content for the next answer, or the next answer for content.
 */
export function checkLength(pieces: readonly Piece[], length: number): void {
  const sum = pieces.reduce((bytes, piece) => bytes + piece.length, 0);
  if (sum !== length) throw new RangeError("The pieces of a response are not as long as its content");
}

/** Free memory before some bytes, into which the head of one response can be written, so that one buffer holds both. */
export interface HeadSpace {
  /**
   * Returns the last `length` free bytes with all that follows; `null` if fewer are free. Succeeds only once, because
   * another response with the same content, or another server, has another head.
   */
  claim(length: number): Uint8Array | null;
}

/**
 * The forms that a protocol has encoded a shared response to. They are stored with the response. Parts of one
 * representation share them, because their heads differ only in numbers.
 */
export interface Encoded {
  /** The head writer that made the forms. */
  by: object | null;
  /** Its forms, one for each value of the Connection field. */
  plain: object | null;
  close: object | null;
  keepAlive: object | null;
  /** The field block for HTTP/2. */
  block: object | null;
}

/**
 * A response. Date, Server, Last-Modified, Content-Length and Connection are added when it is written. Content is left
 * out where HTTP requires that.
 */
export interface Response {
  /** The status code. */
  readonly status: Status;
  /** The value for Last-Modified. If it is in the future, Date is sent instead. */
  readonly lastModified?: DateValue | null;
  /** Field lines, in the order in which they are sent. */
  readonly fields: readonly Field[];
  /** Value of the Server field instead of the server's own; empty: the field is not sent. */
  readonly serverName?: string;
  /** Of a 206 with one range: the range (RFC 9110, section 14.4). */
  readonly contentRange?: ContentRange;
  /** The content after the head. */
  readonly content: Content;
  /** Present if the response is used for several requests, see `share`. */
  readonly encoded?: Encoded;
}

/** A response with content of known length. */
export type KnownResponse = Response & { readonly content: KnownContent };

/** A copy of the response that can be used for several requests. A protocol stores its encoded forms in it. */
export function share(response: KnownResponse): KnownResponse {
  return { ...response, encoded: { by: null, plain: null, close: null, keepAlive: null, block: null } };
}

/** The response with `changes`, without its encoded forms, because they are not valid any more. */
export function alter<R extends Response>(response: R, changes: Partial<Omit<Response, "content">>): R {
  const { encoded: _, ...others } = response;
  return { ...others, ...changes } as R;
}

/** A response with one range of a representation. `template` has everything except the numbers and the content. */
export function partOf(template: KnownResponse, contentRange: ContentRange, content: KnownContent): KnownResponse {
  return { ...template, contentRange, content };
}

/** Content from one byte array. */
export function bytesContent(bytes: Uint8Array): KnownContent {
  return { kind: "known", length: bytes.length, pieces: [bytes], close: () => {} };
}

/** The content coding of a response; `null`: none. */
export function codingOf({ fields }: Response): string | null {
  for (const [name, value] of fields) if (name === "Content-Encoding") return value;
  return null;
}

/** A response of plain text. */
export function textResponse(text: string, status: Status = 200): KnownResponse {
  const fields: readonly Field[] = [["Content-Type", "text/plain; charset=utf-8"]];
  return { status, fields, content: bytesContent(new TextEncoder().encode(text)) };
}

/** Empty content. */
export const NO_CONTENT: KnownContent = { kind: "known", length: 0, pieces: [], close: () => {} };

const plainErrors = new Map<Status, KnownResponse>();

/**
 * An error or a redirect, with a page that explains the status and says nothing about the request or this machine.
 * Caches must not reuse an error without asking, because a missing file may exist a moment later.
 */
export function errorResponse(status: Status, fields: readonly Field[] = []): KnownResponse {
  if (fields.length > 0) return makeError(status, fields);
  const response = plainErrors.get(status) ?? share(makeError(status, []));
  plainErrors.set(status, response);
  return response;
}

/** An error whose page says where it happened, or why in other words than usual. */
export function explainedError(
  status: Status,
  fields: readonly Field[],
  explanation: ErrorExplanation,
): KnownResponse {
  return makeError(status, fields, encoder.encode(renderErrorPage(status, explanation)));
}

const encoder = new TextEncoder();

/** Sent with each error. */
export const NOT_KEPT: Field = ["Cache-Control", "no-cache"];

function makeError(status: Status, fields: readonly Field[], page = errorPage(status)): KnownResponse {
  return {
    status,
    fields: [["Content-Type", "text/html; charset=utf-8"], ...status < 400 ? [] : [NOT_KEPT], ...fields],
    content: bytesContent(page),
  };
}

const pages = new Map<Status, Uint8Array>();

/** The page for an error. */
export function errorPage(status: Status): Uint8Array {
  const page = pages.get(status) ?? encoder.encode(renderErrorPage(status));
  pages.set(status, page);
  return page;
}

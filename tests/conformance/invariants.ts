/**
 * Rules for every response. They are checked for each response of each case. A topic or a case
 * that tests an exception lists it in `allows`.
 */

import { siteWallMs } from "../site.ts";
import { type Allowance, SMUGGLED_CONTENT } from "./case.ts";
import type { Response } from "./wire.ts";

/** IMF-fixdate (RFC 9110, section 5.6.7). */
const IMF_FIXDATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/;

/** A Location of this server: an absolute path that begins with one slash, and an optional query (RFC 3986, 3.3, 3.4). */
const PCHAR = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";
const PATH_REFERENCE = new RegExp(`^/(?!/)(?:${PCHAR}|/)*(?:[?](?:${PCHAR}|[/?])*)?$`);

const ENTITY_TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

/** Any URI reference (RFC 3986, section 4.1). */
const URI_REFERENCE = /^(?:[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$/;

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const TOKENS = new RegExp(`^${TOKEN}(?:, ${TOKEN})*$`);

/** Fields that must not occur twice, even if a case allows repeated fields. */
const SINGLE = new Set([
  "age",
  "content-length",
  "content-location",
  "content-range",
  "content-type",
  "date",
  "etag",
  "expires",
  "last-modified",
  "location",
  "retry-after",
  "server",
  "transfer-encoding",
]);

/** Maximum difference of Date from the clock of this machine, on which the server runs. */
const DATE_TOLERANCE_MS = 5000;

/** Throws an error with the section of the RFC if `response` breaks a rule. */
export function checkInvariants(response: Response, toHead: boolean, allows: readonly Allowance[] = []): void {
  const { status, field, framing } = response;
  checkRepeated(response, allows);
  const isChunked = field("transfer-encoding") !== undefined;
  demand(!isChunked || allows.includes("chunked"), "Transfer-Encoding, which nothing here needs (9112 6.1)");
  const isOpen = framing === "close";
  demand(!isOpen || allows.includes("content until close"), "content without a length, which nothing here needs");
  demand(!response.content.includes(SMUGGLED_CONTENT), "a smuggled request was answered (9112 11.2)");
  if (status < 200) return checkInterim(response);
  checkDates(response);
  checkValues(response);
  checkLocation(response, allows);
  checkConnection(response, allows);
  checkStatus(response);
  const hasContent = !toHead && status !== 204 && status !== 304;
  if (hasContent && response.content !== "") demand(field("content-type") !== undefined, "no Content-Type (9110 8.3)");
  if (hasContent && status >= 400) demand(response.content !== "", "an error that explains nothing (9110 15.5)");
}

function checkRepeated({ fields }: Response, allows: readonly Allowance[]): void {
  const names = fields.map(([name]) => name.toLowerCase());
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  const forbidden = allows.includes("repeated field") ? repeated.filter((name) => SINGLE.has(name)) : repeated;
  demand(forbidden.length === 0, `a field comes twice: ${forbidden} (9110 5.3)`);
}

/** RFC 9110, sections 8.6 and 15.2. */
function checkInterim({ field, status }: Response): void {
  demand(field("content-length") === undefined, `Content-Length with ${status} (9110 8.6)`);
  demand(field("connection") === undefined, `Connection with ${status}`);
}

function checkDates({ status, field }: Response): void {
  const date = field("date");
  demand(date !== undefined, `${status} without Date (9110 6.6.1)`);
  const time = parseOwnDate("Date", date);
  demand(Math.abs(time - siteWallMs()) < DATE_TOLERANCE_MS, `Date is off: ${date} (9110 6.6.1)`);
  const modified = field("last-modified");
  if (modified === undefined) return;
  demand(parseOwnDate("Last-Modified", modified) <= time, `Last-Modified is in the future: ${modified} (9110 8.8.2.1)`);
}

function parseOwnDate(name: string, value: string): number {
  const time = Date.parse(value);
  const isRight = IMF_FIXDATE.test(value) && new Date(time).toUTCString() === value; // Checks the weekday, too.
  demand(isRight, `${name} is not an IMF-fixdate: ${value} (9110 5.6.7)`);
  return time;
}

/** Fields that the server must generate according to their grammar (RFC 9110, section 2.2). */
function checkValues({ field }: Response): void {
  const etag = field("etag");
  demand(etag === undefined || ENTITY_TAG.test(etag), `ETag: ${etag} (9110 8.8.3)`);
  const allow = field("allow");
  demand(allow === undefined || /^[A-Z]+(?:, [A-Z]+)*$/.test(allow), `Allow: ${allow} (9110 10.2.1)`);
  const server = field("server");
  demand(server === undefined || /^[!-~]+(?: [!-~]+)*$/.test(server), `Server: ${server} (9110 10.2.4)`);
}

function checkLocation({ field }: Response, allows: readonly Allowance[]): void {
  const location = field("location");
  if (location === undefined) return;
  const isRight = allows.includes("foreign location") ? isUri(location) : PATH_REFERENCE.test(location);
  demand(isRight, `Location is no URI reference: ${location} (9110 10.2.2)`);
}

function isUri(text: string): boolean {
  return URI_REFERENCE.test(text) && URL.canParse(text, "http://a/");
}

function checkConnection({ field }: Response, allows: readonly Allowance[]): void {
  const connection = field("connection");
  const isNamed = field("keep-alive") === undefined || connection === "keep-alive";
  demand(isNamed, "Keep-Alive is not in Connection (9110 7.6.1)");
  if (connection === undefined) return;
  const grammar = allows.includes("other connection options") ? TOKENS : /^(?:close|keep-alive)$/;
  demand(grammar.test(connection), `Connection: ${connection} (9110 7.6.1)`);
}

/** Fields that a status requires. */
function checkStatus({ status, field, content }: Response): void {
  const range = field("content-range");
  switch (status) {
    case 206:
      return checkPartial({ field, content });
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return demand(field("location") !== undefined, `${status} without Location (9110 15.4)`);
    case 304:
      demand(field("etag") !== undefined, "304 without ETag, which 200 has (9110 15.4.5)");
      return demand(field("content-length") === undefined, "304 with Content-Length, which need not be (9110 8.6)");
    case 405:
      return demand(/\bGET\b.*\bHEAD\b/.test(field("allow") ?? ""), "405 without Allow (9110 15.5.6)");
    case 416:
      return demand(/^bytes \*\/[0-9]+$/.test(range ?? ""), `416 with Content-Range ${range} (9110 15.5.17)`);
    default:
      return demand(range === undefined, `${status} with Content-Range (9110 14.4)`);
  }
}

/** RFC 9110, sections 15.3.7.1 and 15.3.7.2. */
function checkPartial({ field, content }: Pick<Response, "field" | "content">): void {
  demand(field("etag") !== undefined, "206 without ETag, which 200 has (9110 15.3.7)");
  const range = field("content-range");
  if (field("content-type")?.startsWith("multipart/byteranges") === true) {
    return demand(range === undefined, "Content-Range in the head of a multipart response (9110 15.3.7.2)");
  }
  const [, first, last, length] = /^bytes ([0-9]+)-([0-9]+)\/([0-9]+)$/.exec(range ?? "") ?? [];
  demand(length !== undefined, `206 with Content-Range ${range} (9110 15.3.7.1)`);
  demand(
    Number(first) <= Number(last) && Number(last) < Number(length),
    `an invalid Content-Range ${range} (9110 14.4)`,
  );
  demand(content.length === Number(last) - Number(first) + 1, `${content.length} octets for ${range} (9110 15.3.7.1)`);
}

function demand(holds: boolean, problem: string): asserts holds {
  if (!holds) throw new Error(problem);
}

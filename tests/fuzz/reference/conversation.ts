/**
 * A slow reference for a whole stream of bytes to a server: which requests it contains, and where the server must refuse it.
 * It uses the slow references for head, target, host and content (RFC 9112, section 9).
 */

import { readChunked, readCounted, readFraming } from "./content.ts";
import { fieldValue, type HeadRead, readHead, trim } from "./head.ts";
import { readHost, readTarget } from "./target.ts";

/** An expected answer. */
export interface Due {
  /** The request line of the handled request; `null`: the request is refused before the handler is called. */
  readonly requestLine: string | null;
  /** The expected status; `null`: any error. */
  readonly status: number | null;
  /** Whether the server may send a 100 first. */
  readonly mayContinue: boolean;
}

/** The answers to `text`, after which the peer closes its side. `statusOf` is the handler's status for a method. */
export function answersDue(text: string, statusOf: (method: string) => number): Due[] {
  const due: Due[] = [];
  for (let rest = text;;) {
    const head = readHead(rest);
    if (head.kind === "partial" && /^(?:\r\n)*$/.test(rest)) return due;
    if (head.kind !== "complete" || !isUnderstood(head)) return [...due, REFUSED];
    const requestLine = `${head.method} ${head.target} HTTP/1.${head.minorVersion}`;
    const status = statusOf(head.method);
    const expects = expectations(head).length > 0;
    const framed = readFraming(head);
    const hasContent = framed !== "none";
    // The handler's error or redirect is sent without waiting for the content, and ends the connection.
    if (hasContent && expects && status >= 300) return [...due, { requestLine, status, mayContinue: false }];
    const behind = rest.slice(head.length);
    const length = framed === "none" ? 0 : readContent(framed, behind);
    const isWhole = typeof length === "number";
    due.push({ requestLine, status: isWhole ? status : null, mayContinue: hasContent && expects });
    if (!isWhole || !persists(head)) return due;
    rest = behind.slice(length);
  }
}

const REFUSED: Due = { requestLine: null, status: null, mayContinue: false };

function readContent(framed: ReturnType<typeof readFraming>, text: string): ReturnType<typeof readChunked> {
  if (typeof framed === "object") return readCounted(text, framed.length);
  return framed === "chunked" ? readChunked(text) : "refused";
}

/** Whether framing, target, host and expectation are valid and supported. */
function isUnderstood(head: HeadRead): boolean {
  if (readFraming(head) === "refused") return false;
  const hosts = head.fields.filter(([name]) => name === "host");
  if (hosts.length > 1 || (hosts.length === 0 && head.minorVersion === 1)) return false;
  if (hosts.some(([, value]) => readHost(value) === null)) return false;
  if (readTarget(head.target, head.method) === null) return false;
  const isAlone = head.target.startsWith("/") || head.target === "*"; // Only the Host field names the host.
  if (isAlone && head.minorVersion === 1 && hosts[0]?.[1] === "") return false;
  return expectations(head).every((member) => member.toLowerCase() === "100-continue");
}

/** The members of Expect (RFC 9110, section 10.1.1). The field is ignored in HTTP/1.0. */
function expectations(head: HeadRead): string[] {
  const value = head.minorVersion === 1 ? fieldValue(head, "expect") : null;
  return (value ?? "").split(",").map(trim).filter((member) => member !== "");
}

/** RFC 9112, section 9.3. */
function persists(head: HeadRead): boolean {
  const options = (fieldValue(head, "connection") ?? "").toLowerCase().split(",").map(trim);
  return !options.includes("close") && (head.minorVersion === 1 || options.includes("keep-alive"));
}

/**
 * What a stream of bytes to a server means, from its first byte to its end: which requests, in which order, and where it
 * must be refused. Built from the slow references for head, target, host and content (RFC 9112, section 9).
 */

import { readChunked, readCounted, readFraming } from "./content.ts";
import { fieldValue, type HeadRead, readHead, trim } from "./head.ts";
import { readHost, readTarget } from "./target.ts";

/** One answer that is due. */
export interface Due {
  /** The request that is handled; `null`: it is refused before that. */
  readonly requestLine: string | null;
  /** `null`: some status over 399. */
  readonly status: number | null;
  /** Whether 100 may come before it. */
  readonly mayContinue: boolean;
}

/** The answers to `text`, behind which the peer has ended its side. `statusOf` is what the handler says to a method. */
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
    // The handler's error ends the connection before the content comes.
    if (hasContent && expects && status >= 400) return [...due, { requestLine, status, mayContinue: false }];
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

/** Whether framing, target, host and expectation are ones that may be acted upon. */
function isUnderstood(head: HeadRead): boolean {
  if (readFraming(head) === "refused") return false;
  const hosts = head.fields.filter(([name]) => name === "host");
  if (hosts.length > 1 || (hosts.length === 0 && head.minorVersion === 1)) return false;
  if (hosts.some(([, value]) => readHost(value) === null)) return false;
  if (readTarget(head.target, head.method) === null) return false;
  const isAlone = head.target.startsWith("/") || head.target === "*"; // Only Host says which host it is for.
  if (isAlone && head.minorVersion === 1 && hosts[0]?.[1] === "") return false;
  return expectations(head).every((member) => member.toLowerCase() === "100-continue");
}

/** The members of Expect (RFC 9110, section 10.1.1), which says nothing in HTTP/1.0. */
function expectations(head: HeadRead): string[] {
  const value = head.minorVersion === 1 ? fieldValue(head, "expect") : null;
  return (value ?? "").split(",").map(trim).filter((member) => member !== "");
}

/** RFC 9112, section 9.3. */
function persists(head: HeadRead): boolean {
  const options = (fieldValue(head, "connection") ?? "").toLowerCase().split(",").map(trim);
  return !options.includes("close") && (head.minorVersion === 1 || options.includes("keep-alive"));
}

/**
 * Finds out where the content of a request ends (RFC 9112, section 6). Pure rules over the head.
 * @module
 */

import { type BodyFraming, type BodyLimits, BodyReader } from "./body.ts";
import type { RequestHead } from "./head.ts";
import { CHUNK_FRAMING_BYTES_MAX, CONTENT_BYTES_MAX } from "../limits.ts";
import type { Malformed } from "./line_reader.ts";
import { type Refusal, refuse, type Status } from "../status.ts";
import { trimBlanks } from "../syntax.ts";

/** How a request marks the end of its content. */
export type Framing = Exclude<BodyFraming, { readonly kind: "until close" }>;

const NO_CONTENT: Framing = { kind: "none" };
const CHUNKED: Framing = { kind: "chunked" };

/**
 * How the request marks the end of its content. A request that another parser could read differently is refused and its
 * connection closed, because attackers use such requests to smuggle others.
 */
export function framing(head: RequestHead): Framing | Refusal {
  if (!head.hasContentFields) return NO_CONTENT;
  const coding = head.value("transfer-encoding");
  if (coding !== null) return transferCoded(head, coding);
  return head.has("content-length") ? counted(head) : NO_CONTENT;
}

function transferCoded(head: RequestHead, coding: string): Framing | Refusal {
  if (head.minorVersion === 0) return refuse(400, "Transfer-Encoding in HTTP/1.0"); // 6.1
  if (head.has("content-length")) return refuse(400, "both Transfer-Encoding and Content-Length"); // 6.1, 6.3
  const names = coding.split(",").map((name) => trimBlanks(name).toLowerCase());
  if (names.at(-1) !== "chunked") return refuse(400, "Transfer-Encoding does not end with chunked"); // 6.3
  if (names.length === 1) return CHUNKED;
  if (names.includes("chunked") && names.indexOf("chunked") < names.length - 1) return refuse(400, "chunked twice"); // 7
  if (names.includes("")) return refuse(400, "an empty member in Transfer-Encoding");
  return refuse(501, "a transfer coding that is not implemented"); // 6.1
}

function counted(head: RequestHead): Framing | Refusal {
  // Equal values may be accepted (RFC 9110, section 8.6). They are refused here, because recipients differ.
  if (head.count("content-length") > 1) return refuse(400, "Content-Length more than once");
  const digits = head.value("content-length")!;
  if (!/^[0-9]+$/.test(digits)) return refuse(400, "Content-Length is not a number");
  if (isBeyond64Bits(digits)) return refuse(400, "Content-Length is over 63 bits");
  const length = Number(digits);
  if (!Number.isSafeInteger(length)) return refuse(413, "Content-Length is too large");
  return length === 0 ? NO_CONTENT : { kind: "length", length };
}

/** Such lengths overflow in other software, which would read another length. */
function isBeyond64Bits(digits: string): boolean {
  const significant = digits.replace(/^0+/, "");
  return significant.length > 18 && (significant.length > 19 || BigInt(significant) >= 1n << 63n);
}

const LIMITS: BodyLimits = {
  contentBytes: CONTENT_BYTES_MAX,
  framingBytes: CHUNK_FRAMING_BYTES_MAX,
  framingGrows: false,
};

/** Skips a request's content. No method here uses it, but its end is where the next request begins. */
export function requestBody(framing: Framing): BodyReader {
  return new BodyReader(framing, LIMITS);
}

const STATUSES: Readonly<Record<Malformed["what"], Status>> = {
  "syntax": 400,
  "line too long": 400,
  "content too long": 413,
  "trailer too long": 431,
  "short": 400,
};

/** The refusal of a request whose content cannot be read further. */
export function refuseContent({ what, words }: Malformed): Refusal {
  return refuse(STATUSES[what], words);
}

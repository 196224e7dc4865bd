/**
 * Status codes (RFC 9110, section 15) and refusals.
 * @module
 */

/**
 * The codes that this server sends, with their reason phrases.
 * @internal
 */
const REASONS = {
  100: "Continue",
  200: "OK",
  204: "No Content",
  206: "Partial Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  410: "Gone",
  412: "Precondition Failed",
  413: "Content Too Large",
  414: "URI Too Long",
  416: "Range Not Satisfiable",
  417: "Expectation Failed",
  421: "Misdirected Request",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
} as const;

/** A status code that this server sends. */
export type Status = keyof typeof REASONS;

/**
 * Every status code that this server sends, in ascending order.
 * @internal
 */
export const STATUSES: readonly Status[] = Object.keys(REASONS).map((code) => Number(code) as Status);

/** Whether a response never has content, nor a length of it (RFC 9110, sections 6.4.1 and 8.6). */
export function isWithoutContent(status: Status): boolean {
  return status === 304 || status === 204;
}

export function reasonPhrase(status: Status): string {
  return REASONS[status];
}

/**
 * A client's mistake as a value: the status of the answer and the reason for the log.
 * The connection closes after it, because the beginning of the next request is uncertain.
 */
export class Refusal {
  /** Distinguishes a refusal from other values with a status and a reason, such as answers of other servers. */
  readonly kind = "refusal";

  constructor(readonly status: Status, readonly reason: string) {}
}

export function refuse(status: Status, reason: string): Refusal {
  return new Refusal(status, reason);
}

/** Whether a rule returned a refusal instead of its usual value. */
export function isRefusal(value: unknown): value is Refusal {
  return value instanceof Refusal;
}

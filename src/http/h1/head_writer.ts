/**
 * Writes the head of a response: status line, Date, Server, the fields of the response, framing, Connection.
 * Knows values and the time; not where the text is sent.
 * @module
 */

import type { Clock } from "../../net/clock.ts";
import { formatContentRange } from "../byte_range.ts";
import { formatDate } from "../date.ts";
import type { RequestHead } from "./head.ts";
import { type ConnectionOption, keepAliveSeconds } from "./persistence.ts";
import type { Content, Response } from "../response.ts";
import { isWithoutContent, reasonPhrase } from "../status.ts";
import { latin1Bytes } from "../syntax.ts";

/** Whether content follows the head (RFC 9112, section 6.3). */
export function hasContent(head: RequestHead, response: Response): boolean {
  return head.method !== "HEAD" && !isWithoutContent(response.status);
}

/** Writes heads for one server. */
export class HeadWriter {
  /** The Date field. */
  readonly date: DateField;
  readonly #server: string;
  readonly #keepAlive: string;

  /** `idleMs`: how long a connection may wait for the next request, see `keepAliveSeconds`. */
  constructor(clock: Clock, serverName: string, idleMs = Infinity) {
    this.date = new DateField(clock);
    this.#server = `Server: ${serverName}\r\n`;
    const seconds = keepAliveSeconds(idleMs);
    // Keep-Alive is a field of one connection, so Connection must name it (RFC 9110, section 7.6.1).
    this.#keepAlive = seconds === null ? "" : `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n`;
  }

  /**
   * The head with its empty line, in ASCII. `connection` is the value of the Connection field, `null` for none. `nowMs`
   * is on the monotonic clock. `isChunked`: content of unknown length is chunked; otherwise it ends with the
   * connection.
   */
  write(response: Response, connection: ConnectionOption, nowMs: number, isChunked = true): string {
    const { status, lastModified, fields, contentRange, content, serverName } = response;
    const date = this.date.valueAt(nowMs);
    let text = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\nDate: ${date}\r\n`;
    if (serverName === undefined) text += this.#server;
    else if (serverName !== "") text += `Server: ${serverName}\r\n`;
    // Not later than Date (RFC 9110, section 8.8.2.1).
    if (lastModified) {
      text += `Last-Modified: ${lastModified.ms > this.date.msAt(nowMs) ? date : lastModified.text}\r\n`;
    }
    for (const [name, value] of fields) text += `${name}: ${value}\r\n`;
    if (contentRange !== undefined) text += `Content-Range: ${formatContentRange(contentRange)}\r\n`;
    if (!isWithoutContent(status)) text += framingField(content, isChunked);
    if (connection === "close" || (connection !== null && this.#keepAlive === "")) {
      text += `Connection: ${connection}\r\n`;
    } else text += this.#keepAlive;
    return text + "\r\n";
  }

  /**
   * Whether only the Date of the head can change later. This is not so while `lastModified` is later than Date: the
   * file has a time in the future, or the system's clock was set back. `nowMs` is on the monotonic clock.
   */
  isLasting({ lastModified }: Response, nowMs: number): boolean {
    return lastModified === undefined || lastModified === null || lastModified.ms <= this.date.msAt(nowMs);
  }
}

/** The field that marks the end of the content (RFC 9112, section 6). */
function framingField(content: Content, isChunked: boolean): string {
  if (content.kind === "known") return `Content-Length: ${content.length}\r\n`;
  return isChunked ? "Transfer-Encoding: chunked\r\n" : "";
}

/** The value of the Date field (RFC 9110, section 6.6.1), made once per second. */
export class DateField {
  readonly #clock: Clock;
  /** The value is valid until this time of the monotonic clock. Reading the wall clock each time would be expensive. */
  #untilMs = -Infinity;
  #ms = NaN;
  #value = "";
  #bytes = new Uint8Array(0);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The value at `nowMs` of the monotonic clock, which must be the current time or slightly earlier. */
  valueAt(nowMs: number): string {
    if (nowMs >= this.#untilMs) this.#refresh();
    return this.#value;
  }

  /** The second of the value, in milliseconds since 1970. */
  msAt(nowMs: number): number {
    if (nowMs >= this.#untilMs) this.#refresh();
    return this.#ms;
  }

  /** The value as bytes, for a block. */
  bytesAt(nowMs: number): Uint8Array {
    if (nowMs >= this.#untilMs) this.#refresh();
    return this.#bytes;
  }

  #refresh(): void {
    const wallMs = this.#clock.wall();
    this.#untilMs = this.#clock.now() + 1000 - wallMs % 1000;
    this.#ms = wallMs - wallMs % 1000;
    this.#value = formatDate(wallMs);
    this.#bytes = latin1Bytes(this.#value);
  }
}

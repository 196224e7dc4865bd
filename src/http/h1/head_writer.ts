/**
 * The head of a response as it is sent: status line, then Date and Server, then what the response says, then how the
 * content is framed and what becomes of the connection. Knows values and what time it is; not where the text goes.
 * @module
 */

import type { Clock } from "../../net/clock.ts";
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
  /** What stands in Date. */
  readonly date: DateField;
  readonly #server: string;
  readonly #keepAlive: string;

  /** `idleMs`: how long a connection may wait for the next request, see `keepAliveSeconds`. */
  constructor(clock: Clock, serverName: string, idleMs = Infinity) {
    this.date = new DateField(clock);
    this.#server = `Server: ${serverName}\r\n`;
    const seconds = keepAliveSeconds(idleMs);
    // Keep-Alive is a field for this connection only, which Connection must name (RFC 9110, section 7.6.1).
    this.#keepAlive = seconds === null ? "" : `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n`;
  }

  /**
   * The head, empty line included; ASCII. `connection` is the value of the Connection field, or `null` for none; `nowMs` is
   * the monotonic clock. `isChunked`: so is content of unknown length, which else ends with the connection.
   */
  write(response: Response, connection: ConnectionOption, nowMs: number, isChunked = true): string {
    const { status, lastModified, fields, content, serverName } = response;
    const date = this.date.valueAt(nowMs);
    let text = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\nDate: ${date}\r\n`;
    if (serverName === undefined) text += this.#server;
    else if (serverName !== "") text += `Server: ${serverName}\r\n`;
    // Never later than Date (RFC 9110, section 8.8.2.1).
    if (lastModified) {
      text += `Last-Modified: ${lastModified.ms > this.date.msAt(nowMs) ? date : lastModified.text}\r\n`;
    }
    for (const [name, value] of fields) text += `${name}: ${value}\r\n`;
    if (!isWithoutContent(status)) text += framingField(content, isChunked);
    if (connection === "close" || (connection !== null && this.#keepAlive === "")) {
      text += `Connection: ${connection}\r\n`;
    } else text += this.#keepAlive;
    return text + "\r\n";
  }

  /**
   * Whether the head stays the same but for its Date. It does not while `lastModified` is later than Date: because the file has a
   * time in the future, or because the system's clock was set back. `nowMs` is on the monotonic clock.
   */
  isLasting({ lastModified }: Response, nowMs: number): boolean {
    return lastModified === undefined || lastModified === null || lastModified.ms <= this.date.msAt(nowMs);
  }
}

/** How the end of the content is told (RFC 9112, section 6). */
function framingField(content: Content, isChunked: boolean): string {
  if (content.kind === "known") return `Content-Length: ${content.length}\r\n`;
  return isChunked ? "Transfer-Encoding: chunked\r\n" : "";
}

/** The Date field's value (RFC 9110, section 6.6.1), made once a second. */
export class DateField {
  readonly #clock: Clock;
  /** Until when it is right, on the monotonic clock: to ask the other one each time would cost more than all else here. */
  #untilMs = -Infinity;
  #ms = NaN;
  #value = "";
  #bytes = new Uint8Array(0);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The value at `nowMs` of the monotonic clock, which must be now or a moment ago. */
  valueAt(nowMs: number): string {
    if (nowMs >= this.#untilMs) this.#refresh();
    return this.#value;
  }

  /** The second that it names, in milliseconds since 1970. */
  msAt(nowMs: number): number {
    if (nowMs >= this.#untilMs) this.#refresh();
    return this.#ms;
  }

  /** The same as it stands in a block. */
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

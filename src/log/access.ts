/**
 * Lines of the access log, one per request, in the formats that log analysers know.
 * Knows exchanges; not where the lines are written.
 * @module
 */

import type { LogFormat } from "../config/parameters.ts";
import type { Exchange } from "../http/handler.ts";
import { plainHost } from "../net/peer.ts";

/** Makes a line, with its LF, for an exchange that ended at `wallMs`. */
export type AccessFormat = (exchange: Exchange, wallMs: number) => string;

/** The format called `name`. `off` silences standard output only, so it is that of log files too: the default. */
export function accessFormat(name: LogFormat): AccessFormat {
  switch (name) {
    case "combined":
    case "off":
      return (exchange, wallMs) => `${common(exchange, wallMs)} ${agents(exchange)} ${milliseconds(exchange)}\n`;
    case "common":
      return (exchange, wallMs) => `${common(exchange, wallMs)} ${milliseconds(exchange)}\n`;
    case "json":
      return json;
  }
}

/** Host, user, time, request line, status and bytes, in the order that analysers expect. Our additions come last. */
function common({ peer, head, user, status, contentBytes }: Exchange, wallMs: number): string {
  const request = !head.hasRequestLine ? "-" : escapeQuoted(head.requestLine);
  return `${plainHost(peer.hostname)} - ${user ? escapeWord(user) : "-"} [${
    commonTime(wallMs)
  }] "${request}" ${status} ${contentBytes}`;
}

function agents({ head }: Exchange): string {
  return `"${quotable(head.value("referer"))}" "${quotable(head.value("user-agent"))}"`;
}

function quotable(value: string | null): string {
  return value === null ? "-" : escapeQuoted(value);
}

/** Three decimals. `toFixed` takes twice as long. */
function milliseconds({ durationMs }: Exchange): string {
  const microseconds = Math.round(durationMs * 1000);
  const fraction = microseconds % 1000;
  return `${(microseconds - fraction) / 1000}.${fraction < 10 ? "00" : fraction < 100 ? "0" : ""}${fraction}`;
}

/** Escapes a client's text, so that it cannot end the quotes, begin a line, or control a terminal. */
function escapeQuoted(text: string): string {
  return text.replace(/["\\]|[^\x20-\x7e]/g, (char) => `\\x${hex(char).padStart(2, "0")}`);
}

/** Escapes a user's name octet by octet: blanks, because they end the field, and a lone `-`, which means no user. */
function escapeWord(text: string): string {
  const octets = String.fromCharCode(...new TextEncoder().encode(text));
  return text === "-" ? "\\x2d" : escapeQuoted(octets).replaceAll(" ", "\\x20");
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16);
}

let formattedSecond = NaN;
let formattedTime = "";

/** `21/Nov/2026:01:22:00 +0000`, made once per second. */
function commonTime(wallMs: number): string {
  const second = Math.floor(wallMs / 1000);
  if (second !== formattedSecond) {
    const [, day, month, year, time] = new Date(wallMs).toUTCString().split(" "); // "Sat, 21 Nov 2026 01:22:00 GMT"
    formattedSecond = second;
    formattedTime = `${day}/${month}/${year}:${time} +0000`;
  }
  return formattedTime;
}

function json(
  { peer, isSecure, head, user, status, contentBytes, durationMs, problem }: Exchange,
  wallMs: number,
): string {
  const hasRequest = head.hasRequestLine;
  const entry = {
    time: new Date(wallMs).toISOString(),
    peer: plainHost(peer.hostname),
    port: peer.port,
    user,
    method: hasRequest ? head.method : null,
    target: hasRequest ? head.target : null,
    version: hasRequest ? head.version : null,
    scheme: isSecure ? "https" : "http",
    host: head.value("host"),
    status,
    bytes: contentBytes,
    ms: Number(durationMs.toFixed(3)),
    referer: head.value("referer"),
    agent: head.value("user-agent"),
    problem,
  };
  // Only ASCII, because other characters include controls for terminals.
  return JSON.stringify(entry).replace(/[\x7f-\uffff]/g, (char) => `\\u${hex(char).padStart(4, "0")}`) + "\n";
}

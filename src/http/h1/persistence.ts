/**
 * Whether a connection persists after an exchange, and which field announces that (RFC 9112, section 9).
 * Pure rules over request heads.
 * @module
 */

import type { RequestHead } from "./head.ts";
import { latin1Bytes, listMembers } from "../syntax.ts";

/**
 * How the connection goes on after an exchange. `close`: the client wants that and has sent nothing more. `linger`: our
 * side closes first, and the rest later. `gone`: the peer is gone.
 */
export type Next = "persist" | "close" | "linger" | "gone";

const KEEP_ALIVE = latin1Bytes("keep-alive");
const CLOSE = latin1Bytes("close");

/** RFC 9112, section 9.3. */
export function wantsToPersist(head: RequestHead): boolean {
  if (!head.has("connection")) return head.minorVersion === 1;
  if (head.isIgnoringCase("connection", KEEP_ALIVE)) return true; // Browsers send this.
  if (head.isIgnoringCase("connection", CLOSE)) return false;
  const options = listMembers(head.value("connection")?.toLowerCase() ?? "");
  if (options.includes("close")) return false;
  return head.minorVersion === 1 || options.includes("keep-alive");
}

/** Value of the Connection field, or `null` for none. */
export type ConnectionOption = "close" | "keep-alive" | null;

/** The Connection field to send: `keep-alive` for HTTP/1.0 clients if we persist, `close` if we do not. */
export function connectionOption(head: RequestHead, next: Next): ConnectionOption {
  if (next !== "persist") return "close";
  return head.minorVersion === 0 ? "keep-alive" : null;
}

/**
 * For how many seconds clients are told that they may keep a connection (RFC 2068, section 19.7.1.1) which is kept for
 * `idleMs`: a second less, so that no request is on its way when the connection ends. `null`: less than a second
 * remains.
 */
export function keepAliveSeconds(idleMs: number): number | null {
  const seconds = Math.floor(idleMs / 1000) - 1;
  return seconds >= 1 && seconds < Infinity ? seconds : null;
}

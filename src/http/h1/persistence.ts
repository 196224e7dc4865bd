/**
 * Whether a connection goes on after an exchange, and how that is said (RFC 9112, section 9).
 * Pure rules over request heads.
 * @module
 */

import type { RequestHead } from "./head.ts";
import { latin1Bytes, listMembers } from "../syntax.ts";

/**
 * What becomes of the connection after an exchange. `close`: the client asked for it, and has sent nothing more; `linger`
 * ends it in stages; `gone`: there is nobody to end it for.
 */
export type Next = "persist" | "close" | "linger" | "gone";

const KEEP_ALIVE = latin1Bytes("keep-alive");
const CLOSE = latin1Bytes("close");

/** RFC 9112, section 9.3. */
export function wantsToPersist(head: RequestHead): boolean {
  if (!head.has("connection")) return head.minorVersion === 1;
  if (head.isWord("connection", KEEP_ALIVE)) return true; // What browsers send.
  if (head.isWord("connection", CLOSE)) return false;
  const options = listMembers(head.value("connection")?.toLowerCase() ?? "");
  if (options.includes("close")) return false;
  return head.minorVersion === 1 || options.includes("keep-alive");
}

/** Value of the Connection field, or `null` for none. */
export type ConnectionOption = "close" | "keep-alive" | null;

/** The Connection field to send: HTTP/1.0 clients must be told that we persist, HTTP/1.1 clients that we do not. */
export function connectionOption(head: RequestHead, next: Next): ConnectionOption {
  if (next !== "persist") return "close";
  return head.minorVersion === 0 ? "keep-alive" : null;
}

/**
 * For how many seconds clients are told that they may keep a connection (RFC 2068, section 19.7.1.1) which is kept for `idleMs`:
 * a second less, so that no request is on its way when it ends. `null`: nothing can be told in whole seconds.
 */
export function keepAliveSeconds(idleMs: number): number | null {
  const seconds = Math.floor(idleMs / 1000) - 1;
  return seconds >= 1 && seconds < Infinity ? seconds : null;
}

/**
 * Sends requests to the files handler, parsed from the bytes of a client, and reads the whole responses.
 */

import { assertEquals } from "@std/assert";
import { makeCache } from "../files/cached.ts";
import type { FileCache } from "../../src/files/cache.ts";
import { files } from "../../src/site/handler.ts";
import { Site } from "../../src/site/host.ts";
import type { Handler } from "../../src/http/handler.ts";
import type { Request } from "../../src/http/request.ts";
import type { KnownContent, Response } from "../../src/http/response.ts";
import { formatContentRange } from "../../src/http/byte_range.ts";
import { isRefusal } from "../../src/http/status.ts";
import { parseTarget, requestHost } from "../../src/http/target.ts";
import { headOf } from "../http/heads.ts";
import { VirtualClock } from "../virtual_clock.ts";
import { WatchedDisk } from "../files/folder.ts";

/** A request as the handler gets it. A Host field is added if there is none. */
export function requestOf(requestLine: string, ...fieldLines: readonly string[]): Request {
  const hasHost = fieldLines.some((line) => /^host:/i.test(line));
  const head = headOf(hasHost ? fieldLines : [...fieldLines, "Host: localhost"], requestLine);
  const target = parseTarget(head.target, head.method);
  if (isRefusal(target)) throw new Error(`${target.status}: ${target.reason}`);
  const host = requestHost(head, target);
  if (isRefusal(host)) throw new Error(`${host.status}: ${host.reason}`);
  const peer: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: 50_000 };
  const route = { found: null, servedBy: null };
  const nowMs = performance.now();
  return { method: head.method, fields: head, target, host, isSecure: false, peer, nowMs, route, user: null };
}

/** A response. */
export interface Answer {
  readonly status: number;
  /** Keys are the names as they are sent. */
  readonly fields: Readonly<Record<string, string>>;
  /** The value of Content-Length. */
  readonly length: number;
  readonly text: string;
}

/** A handler with its clock and its disk. */
export interface Asked {
  readonly clock: VirtualClock;
  readonly disk: WatchedDisk;
  readonly cache: FileCache;
  ask(requestLine: string, ...fieldLines: readonly string[]): Promise<Answer>;
  /** Sends a request without field lines, and returns only the status. */
  status(requestLine: string): Promise<number>;
}

/** Serves `root` for every host, or `hosts`. Every file is an hour old, or has the time that the test has set. */
export function asking(
  root: string,
  { hosts = [{ name: "default", root }], disk = new WatchedDisk(), bytesMax = 64 * 1024 * 1024 }: {
    readonly hosts?: readonly { readonly name: string; readonly root: string }[];
    readonly disk?: WatchedDisk;
    readonly bytesMax?: number;
  } = {},
): Asked {
  const clock = new VirtualClock(Date.now() + 3_600_000);
  const cache = makeCache({ disk, clock, bytesMax, media: { md: "text/markdown" } });
  const handler: Handler = files(new Site(hosts), { cache, clock });
  const ask: Asked["ask"] = async (...lines) => read(await handler({ ...requestOf(...lines), nowMs: clock.now() }));
  return { clock, disk, cache, ask, status: async (requestLine) => (await ask(requestLine)).status };
}

/** Reads the content of a response, closes it, and checks its length. */
function read(response: Response): Answer {
  const { status, content, contentRange, lastModified } = response;
  if (content.kind !== "known") throw new TypeError("Files have a known length");
  const fields = [...response.fields];
  if (contentRange !== undefined) fields.push(["Content-Range", formatContentRange(contentRange)]);
  if (lastModified) fields.push(["Last-Modified", lastModified.text]);
  assertEquals(new Set(fields.map(([name]) => name.toLowerCase())).size, fields.length, "a field twice");
  const isLarge = content.length > 10_000_000;
  const text = isLarge ? "(too large to read)" : readText(content);
  if (!isLarge) assertEquals(text.length, content.length);
  content.close();
  return { status, fields: Object.fromEntries(fields), length: content.length, text };
}

/** Converts bytes to text with one character per byte. */
function readText({ pieces }: KnownContent): string {
  const latin1 = new TextDecoder("latin1");
  return pieces.map((piece) => {
    if (piece instanceof Uint8Array) return latin1.decode(piece);
    const bytes = new Uint8Array(piece.length);
    let at = 0;
    while (at < bytes.length) {
      const count = piece.source.readAt(piece.position + at, bytes.subarray(at));
      if (count === 0) throw new Error("The file is shorter than promised");
      at += count;
    }
    return latin1.decode(bytes);
  }).join("");
}

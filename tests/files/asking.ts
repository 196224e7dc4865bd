/**
 * Requests to the files handler, made of the bytes that a client would send, and what comes back, read to its end.
 */

import { assertEquals } from "@std/assert";
import { makeCache } from "./cached.ts";
import type { FileCache } from "../../src/files/cache.ts";
import { files } from "../../src/files/handler.ts";
import { Site } from "../../src/files/site.ts";
import type { Handler } from "../../src/http/handler.ts";
import type { Request } from "../../src/http/request.ts";
import type { Content, Response } from "../../src/http/response.ts";
import { isRefusal } from "../../src/http/status.ts";
import { parseTarget, requestHost } from "../../src/http/target.ts";
import { headOf } from "../http/heads.ts";
import { VirtualClock } from "../virtual_clock.ts";
import { WatchedDisk } from "./folder.ts";

/** A request as the handler sees it. A Host is added where there is none. */
export function requestOf(requestLine: string, ...fieldLines: readonly string[]): Request {
  const hasHost = fieldLines.some((line) => /^host:/i.test(line));
  const head = headOf(hasHost ? fieldLines : [...fieldLines, "Host: localhost"], requestLine);
  const target = parseTarget(head.target, head.method);
  if (isRefusal(target)) throw new Error(`${target.status}: ${target.reason}`);
  const host = requestHost(head, target);
  if (isRefusal(host)) throw new Error(`${host.status}: ${host.reason}`);
  return { head, target, host, askedMs: performance.now() };
}

/** What was answered. */
export interface Answer {
  readonly status: number;
  /** By names in the letters that they are sent in. */
  readonly fields: Readonly<Record<string, string>>;
  /** What Content-Length would say. */
  readonly length: number;
  readonly text: string;
}

/** A handler, the clock that it goes by, and the disk that it stands on. */
export interface Asked {
  readonly clock: VirtualClock;
  readonly disk: WatchedDisk;
  readonly cache: FileCache;
  ask(requestLine: string, ...fieldLines: readonly string[]): Promise<Answer>;
  /** The same without the field lines. */
  status(requestLine: string): Promise<number>;
}

/** Serves `root` for every host, or `hosts`. Every file is either an hour old or has a time that the test gave it. */
export function asking(
  root: string,
  { hosts = [{ name: "default", root }], disk = new WatchedDisk() }: {
    readonly hosts?: readonly { readonly name: string; readonly root: string }[];
    readonly disk?: WatchedDisk;
  } = {},
): Asked {
  const clock = new VirtualClock(Date.now() + 3_600_000);
  const cache = makeCache({ disk, clock, media: { md: "text/markdown" } });
  const handler: Handler = files(new Site(hosts), { cache, clock });
  const ask: Asked["ask"] = async (...lines) => read(await handler(requestOf(...lines)));
  return { clock, disk, cache, ask, status: async (requestLine) => (await ask(requestLine)).status };
}

/** Reads what would be sent, closes it, and checks that as much is there as was promised. */
function read({ status, fields, content }: Response): Answer {
  assertEquals(new Set(fields.map(([name]) => name.toLowerCase())).size, fields.length, "a field twice");
  const isLarge = content.length > 10_000_000;
  const text = isLarge ? "(too large to read)" : readText(content);
  if (!isLarge) assertEquals(text.length, content.length);
  content.close();
  return { status, fields: Object.fromEntries(fields), length: content.length, text };
}

/** One character a byte. */
function readText({ pieces }: Content): string {
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

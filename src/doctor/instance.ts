/**
 * An instance of the server for the self-test, with a small site: on a free port of loopback if this process may listen
 * there, and with real files if it may write; otherwise in memory.
 * @module
 */

import { dirname } from "@std/path/dirname";
import { parseConfig } from "../config/parse.ts";
import { type Disk, systemDisk } from "../files/disk.ts";
import { systemClock } from "../net/clock.ts";
import { connect } from "../net/connect.ts";
import { listen } from "../net/listen.ts";
import { runServer } from "../server.ts";
import { MemoryDisk } from "./memory_disk.ts";
import { memoryNetwork, type Network } from "./memory_network.ts";
import { Wire } from "./wire.ts";

/** The text of `/a.txt`. */
export const TEXT = "0123456789abcdefghij";

/** The content of `/big.bin`, one character per byte: longer than any buffer of the server. */
export const BIG = Array.from({ length: 300_000 }, (_, at) => String.fromCharCode(at % 251)).join("");

/** What no answer may contain. */
export const SECRET = "the secret of the self-test";

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** The site in `www`, and a file beside it that must never be served. */
const FILES: Readonly<Record<string, Uint8Array>> = {
  "www/index.html": bytes("<!doctype html><title>self-test</title><p>index"),
  "www/a.txt": bytes(TEXT),
  "www/empty.txt": bytes(""),
  "www/big.bin": bytes(BIG),
  "www/with blank.txt": bytes("blank"),
  "www/\u00fc.txt": bytes("umlaut"),
  "www/folder/index.html": bytes("<p>folder"),
  "www/bare/file.txt": bytes("bare"),
  "www/.hidden": bytes(SECRET),
  "www/.git/config": bytes(SECRET),
  "secret.txt": bytes(SECRET),
};

/** Links that lead out of the root. */
const LINKS: Readonly<Record<string, string>> = { "www/out.txt": "secret.txt", "www/above": "" };

const CONFIG = `
host default ROOT
  listing off
  redirect /old/** /folder/$1
parameter timeout 1
parameter head-timeout 1
parameter drain-timeout 2
parameter log off
`;

/** A running instance. */
export interface Instance {
  connect(): Promise<Wire>;
  /** Problems that the server has reported. */
  readonly problems: readonly string[];
  /** Ends it. Resolves when it has drained. */
  stop(): Promise<void>;
}

/** Where instances run. */
export interface Place {
  /** In words. */
  readonly description: string;
  start(): Instance;
  /** Removes the temporary site. */
  remove(): void;
}

/** The most realistic place that the permissions of this process allow. */
export function findPlace(): Place {
  const folder = makeFolder();
  const disk: Disk = folder === null ? memoryDisk() : systemDisk;
  const { config } = parseConfig(CONFIG.replace("ROOT", `"${folder ?? "/self-test"}/www"`), "self-test");
  const isTcp = canListen();
  return {
    description: `${
      isTcp ? "on a free port of 127.0.0.1" : "in memory, because this process may not listen on other ports"
    }, with ${folder === null ? "a site in memory" : `a site in ${folder}`}`,
    start() {
      const network = isTcp ? tcpNetwork() : memoryNetwork();
      const stop = new AbortController();
      const problems: string[] = [];
      const running = runServer(config, {
        listener: network.listener,
        clock: { ...systemClock, wall: () => systemClock.wall() + SETTLED_MS },
        disk,
        access: () => {},
        report: (problem, error) => problems.push(`${problem}: ${error instanceof Error ? error.message : error}`),
        signal: stop.signal,
      });
      return {
        connect: async () => new Wire(await network.connect()),
        problems,
        stop: () => {
          stop.abort();
          return running;
        },
      };
    },
    remove: () => folder === null ? undefined : Deno.removeSync(folder, { recursive: true }),
  };
}

/** The server takes files for settled only some seconds after their last change, and the site was just written. */
const SETTLED_MS = 10_000;

/** An hour ago, so that Last-Modified differs from Date. */
function modified(): Date {
  return new Date(Math.floor(Date.now() / 1000) * 1000 - 3_600_000);
}

function memoryDisk(): MemoryDisk {
  const place = (path: string) => `/self-test${path === "" ? "" : `/${path}`}`;
  const files = Object.fromEntries(Object.entries(FILES).map(([path, content]) => [place(path), content]));
  const links = Object.fromEntries(Object.entries(LINKS).map(([from, to]) => [place(from), place(to)]));
  return new MemoryDisk({ files, links }, modified());
}

/** A temporary folder with the site; `null`: this process may not write. */
function makeFolder(): string | null {
  if (Deno.permissions.querySync({ name: "write" }).state !== "granted") return null;
  try {
    const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "sweepd_doctor_" }));
    for (const [path, content] of Object.entries(FILES)) {
      Deno.mkdirSync(`${folder}/${dirname(path)}`, { recursive: true });
      Deno.writeFileSync(`${folder}/${path}`, content);
      Deno.utimeSync(`${folder}/${path}`, modified(), modified());
    }
    for (const [from, to] of Object.entries(LINKS)) link(`${folder}/${to}`, `${folder}/${from}`);
    return folder;
  } catch {
    return null; // The disk is full or read-only. The folders check says so if it concerns a root.
  }
}

/** Windows lets only some users make links. Then the checks of links find nothing, which is right as well. */
function link(to: string, from: string): void {
  try {
    Deno.symlinkSync(to, from);
  } catch (error) {
    if (Deno.build.os !== "windows") throw error;
  }
}

/** Whether this process may listen on a free port. */
function canListen(): boolean {
  try {
    listen({ hostname: "127.0.0.1", port: 0 }).close();
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

function tcpNetwork(): Network {
  const listener = listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  return { listener, connect: () => connect({ hostname: "127.0.0.1", port }) };
}

/**
 * The admin worker: a thread that may listen on the admin address and read nothing. It answers health questions itself,
 * and asks the supervisor for everything else.
 * @module
 */

import { type AdminAnswer, adminHandler, type Question } from "../admin/routes.ts";
import { Viewers } from "../admin/viewers.ts";
import type { Permissions } from "../config/permissions.ts";
import { http } from "../http/h1/conversation.ts";
import { systemClock } from "../net/clock.ts";
import { serve } from "../net/listener.ts";
import { checkSandbox } from "./sandbox_check.ts";

/** What the admin worker is told. `start` comes first, once. */
export type AdminOrder =
  | {
    readonly kind: "start";
    readonly address: { readonly hostname: string; readonly port: number };
    /** The permissions of this worker, for the check that it has no others. */
    readonly permissions: Permissions;
    /** Paths that it must not be able to read, for the check. */
    readonly outside: readonly string[];
  }
  /** Whether the server accepts connections, and the names of its hosts. */
  | { readonly kind: "state"; readonly isReady: boolean; readonly hosts: readonly string[] }
  /** An event for the live view. */
  | { readonly kind: "event"; readonly event: Uint8Array }
  | { readonly kind: "answer"; readonly id: number; readonly answer: AdminAnswer }
  /** Listen no more, and report when the open requests are answered. */
  | { readonly kind: "leave" };

/** What the admin worker reports. */
export type AdminReport =
  | { readonly kind: "listening" }
  | { readonly kind: "not listening"; readonly error: { readonly name: string; readonly message: string } }
  | { readonly kind: "sandbox too wide"; readonly problems: readonly string[] }
  /** A question for the supervisor. The answer has the same `id`. */
  | { readonly kind: "ask"; readonly id: number; readonly question: Question }
  /** Whether a browser shows the live view. */
  | { readonly kind: "watch"; readonly isWatched: boolean }
  | { readonly kind: "problem"; readonly message: string }
  /** The last report: it does not listen any more, and no connection is open. */
  | { readonly kind: "left" };

declare const self: AdminScope;

interface AdminScope {
  onmessage: ((event: MessageEvent<AdminOrder>) => void) | null;
  postMessage(report: AdminReport): void;
}

/** A scraper, a balancer and some people. */
const CONNECTIONS_MAX = 128;

let isReady = false;
let hosts: readonly string[] = [];
let asked = 0;
const viewers = new Viewers((isWatched) => self.postMessage({ kind: "watch", isWatched }));
const pending = new Map<number, (answer: AdminAnswer) => void>();
const leaving = new AbortController();

self.onmessage = ({ data }) => {
  if (data.kind === "start") return start(data);
  if (data.kind === "state") return void ({ isReady, hosts } = data);
  if (data.kind === "event") return viewers.push(data.event);
  if (data.kind === "leave") return leave();
  pending.get(data.id)?.(data.answer);
  pending.delete(data.id);
};

function start({ address, permissions, outside }: Extract<AdminOrder, { kind: "start" }>): void {
  const problems = checkSandbox(permissions, outside);
  if (problems.length > 0) return self.postMessage({ kind: "sandbox too wide", problems });
  const listener = tryListen(address);
  if (listener === null) return;
  const handler = adminHandler({ isReady: () => isReady, hosts: () => hosts, ask, viewers });
  const report = (problem: string, error: unknown) => {
    const reason = error instanceof Error ? error.stack ?? error.message : error;
    self.postMessage({ kind: "problem", message: `admin listener: ${problem}: ${reason}` });
  };
  self.postMessage({ kind: "listening" });
  void serve(http(handler, { clock: systemClock, report }), {
    listener,
    report,
    connectionsMax: CONNECTIONS_MAX,
    signal: leaving.signal,
  }).then(() => self.postMessage({ kind: "left" }));
}

function leave(): void {
  viewers.close();
  leaving.abort();
}

function tryListen(address: { readonly hostname: string; readonly port: number }): Deno.TcpListener | null {
  try {
    return Deno.listen(address);
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
    self.postMessage({ kind: "not listening", error: { name, message } });
    return null;
  }
}

function ask(question: Question): Promise<AdminAnswer> {
  const { promise, resolve } = Promise.withResolvers<AdminAnswer>();
  const id = ++asked;
  pending.set(id, resolve);
  self.postMessage({ kind: "ask", id, question });
  return promise;
}

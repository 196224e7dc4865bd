/**
 * What the admin listener answers: one row for each path.
 * Knows requests and rows; not where the data come from.
 * @module
 */

import { decodedPath } from "../http/target.ts";
import type { Handler } from "../http/handler.ts";
import type { Request } from "../http/request.ts";
import { type Content, type Field, type Response, textResponse } from "../http/response.ts";
import type { Status } from "../http/status.ts";
import { LIVE_PAGE, LIVE_POLICY, LIVE_STYLE } from "./live_page.ts";
import { LIVE_SCRIPT } from "./live_script.ts";
import { isOwnHost, isOwnOrigin } from "./origin.ts";
import type { Viewers } from "./viewers.ts";

/** The questions that only the supervisor can answer. */
export type Question = "metrics" | "connections" | "reload" | "reopen";

/** An answer of the supervisor, to be sent as it is. */
export interface AdminAnswer {
  readonly status: Status;
  /** Media type of the content. */
  readonly type: string;
  readonly content: string;
}

/** What the routes need. */
export interface AdminServices {
  /** Whether the server accepts connections: `false` before it listens, and from the beginning of its end. */
  readonly isReady: () => boolean;
  /** Asks the supervisor. */
  readonly ask: (question: Question) => Promise<AdminAnswer>;
  /** Names of hosts as configured. A request may name them in Host. */
  readonly hosts: () => readonly string[];
  /** The browsers that show the live view. */
  readonly viewers: Viewers;
}

/** One row: a method, a path, and how it is answered. A row for GET answers HEAD as well. */
export interface AdminRoute {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly answer: (services: AdminServices) => Response | Promise<Response>;
}

/** All rows. */
export const ROUTES: readonly AdminRoute[] = [
  { method: "GET", path: "/healthz", answer: () => plain(200, "ok\n") },
  {
    method: "GET",
    path: "/readyz",
    answer: ({ isReady }) => isReady() ? plain(200, "ready\n") : plain(503, "not ready\n"),
  },
  asking("GET", "/metrics", "metrics"),
  asking("GET", "/connections", "connections"),
  {
    method: "GET",
    path: "/live",
    answer: () => made(200, HTML, LIVE_PAGE, [["Content-Security-Policy", LIVE_POLICY]]),
  },
  { method: "GET", path: "/live.css", answer: () => made(200, "text/css; charset=utf-8", LIVE_STYLE) },
  { method: "GET", path: "/live.js", answer: () => made(200, "text/javascript; charset=utf-8", LIVE_SCRIPT) },
  { method: "GET", path: "/live/events", answer: ({ viewers }) => openEvents(viewers) },
  asking("POST", "/reload", "reload"),
  asking("POST", "/reopen", "reopen"),
];

const HTML = "text/html; charset=utf-8";

/** Events for one browser. A HEAD request opens none, because no content would follow. */
function openEvents(viewers: Viewers): Response {
  if (!viewers.hasRoom) return plain(503, "too many browsers show the live view\n");
  return streamed("text/event-stream", viewers.open());
}

/** A row that the supervisor answers. */
function asking(method: AdminRoute["method"], path: string, question: Question): AdminRoute {
  return {
    method,
    path,
    answer: async ({ ask }) => {
      const { status, type, content } = await ask(question);
      return made(status, type, content);
    },
  };
}

/** A handler for `routes`. */
export function adminHandler(services: AdminServices, routes: readonly AdminRoute[] = ROUTES): Handler {
  return (request) => refusal(request, services) ?? answer(request, services, routes);
}

/**
 * A web site can let its own name resolve to this address and then read what is here, because a browser takes it for
 * the site's own (DNS rebinding). Such a request has the name of the site in Host. A form of another site can send a
 * POST; it has the name of the site in Origin.
 */
function refusal(request: Request, { hosts }: AdminServices): Response | null {
  if (!isOwnHost(request.host, hosts())) {
    return plain(
      421,
      `this listener does not answer for "${request.host}"; use an IP address, localhost or a host of web.conf\n`,
    );
  }
  return isOwnOrigin(request.fields) ? null : plain(403, "this request comes from another web site\n");
}

function answer(
  request: Request,
  services: AdminServices,
  routes: readonly AdminRoute[],
): Response | Promise<Response> {
  const { target } = request;
  const path = target.kind === "path" ? decodedPath(target.segments, target.directory) : "*";
  const there = routes.filter((route) => route.path === path);
  const method = request.method === "HEAD" ? "GET" : request.method;
  const route = there.find((each) => each.method === method);
  if (route !== undefined) return route.answer(services);
  if (there.length === 0) return plain(404, "there is nothing at this address\n");
  return plain(405, "this address needs another method\n", [["Allow", allowed(there)]]);
}

function allowed(routes: readonly AdminRoute[]): string {
  return routes.flatMap(({ method }) => method === "GET" ? ["GET", "HEAD"] : [method]).join(", ");
}

function plain(status: Status, text: string, fields: readonly Field[] = []): Response {
  const response = textResponse(text, status);
  return { ...response, fields: [...response.fields, ...fields, ...CLOSED] };
}

/** A response with a text. */
export function made(status: Status, type: string, content: string, fields: readonly Field[] = []): Response {
  return { ...textResponse(content, status), fields: [["Content-Type", type], ...fields, ...CLOSED] };
}

/** A response whose content is made as it is sent. */
export function streamed(type: string, content: Content, fields: readonly Field[] = []): Response {
  return { status: 200, fields: [["Content-Type", type], ...fields, ...CLOSED], content };
}

/** Nothing here is kept by caches, shown by other sites, or taken for another type. */
const CLOSED: readonly Field[] = [
  ["Cache-Control", "no-store"],
  ["X-Content-Type-Options", "nosniff"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["X-Frame-Options", "DENY"],
  ["Referrer-Policy", "no-referrer"],
];

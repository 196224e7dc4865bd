/**
 * Step: sends a plain request to the listener that speaks TLS. Looks at no file.
 * @module
 */

import type { Request } from "../http/request.ts";
import { errorResponse, type Response } from "../http/response.ts";
import { encodePath, encodeQuery } from "../http/target.ts";
import { refuse } from "./answers.ts";
import { lineOf } from "./notes.ts";
import type { Visit } from "./steps.ts";

const DEFAULT_PORT = 443;

/**
 * Redirects a request that did not come over TLS. The method stays the same (308). A client of HTTP/1.0 that sends no
 * host gets 400, because what needs TLS must not be sent without it.
 */
export function redirectToHttps(visit: Visit, request: Request): Response | null {
  if (request.isSecure) return null;
  const location = addressOf(request, visit.host.httpsPort);
  if (location === null) return errorResponse(400);
  visit.services.note?.("redirect", `to https: ${location}`, lineOf(visit.host, "https"));
  return refuse(visit, request, 308, [["Location", location]]);
}

/** The answer to a plain request on a listener for TLS, which is at the same port. `port`: that of the listener. */
export function answerOnTlsPort(request: Request, port: number): Response {
  const [, written = null] = /:([0-9]+)$/.exec(request.fields.value("host") ?? "") ?? [];
  const location = addressOf(request, written === null ? port : Number(written));
  return location === null ? errorResponse(400) : errorResponse(308, [["Location", location]]);
}

/** The address of a request with another scheme; `null`: it has no host or no path. */
function addressOf({ host, target }: Request, port: number | null): string | null {
  if (host === "" || target.kind !== "path" || port === null) return null;
  const authority = port === DEFAULT_PORT ? host : `${host}:${port}`;
  return `https://${authority}${encodePath(target.segments, target.directory)}${encodeQuery(target.query)}`;
}

/**
 * Answers health checks of load balancers on the addresses that serve, for every host, before any rule of a host.
 * @module
 */

import type { Handler } from "../http/handler.ts";
import type { Request } from "../http/request.ts";
import { alter, type Response, share, textResponse } from "../http/response.ts";
import { decodedPath } from "../http/target.ts";

/** How health checks are answered. */
export interface HealthOptions {
  readonly isCheck: (request: Request) => boolean;
  /** Whether the server wants more requests. */
  readonly isReady: () => boolean;
}

/** Whether a request is a health check: GET or HEAD of `path`, which is decoded. */
export function isHealthCheck(path: string): HealthOptions["isCheck"] {
  return ({ method, target }) => {
    return target.kind === "path" && (method === "GET" || method === "HEAD") &&
      decodedPath(target.segments, target.directory) === path;
  };
}

/** `handler`, except for health checks: 200 while the server is ready, otherwise 503. */
export function withHealth(handler: Handler, { isCheck, isReady }: HealthOptions): Handler {
  return (request) => !isCheck(request) ? handler(request) : isReady() ? READY : NOT_READY;
}

const READY = plain("ready\n", 200);
const NOT_READY = plain("the server is ending\n", 503);

function plain(text: string, status: 200 | 503): Response {
  const response = textResponse(text, status);
  return share(alter(response, { fields: [...response.fields, ["Cache-Control", "no-store"]] }));
}

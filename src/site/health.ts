/**
 * Answers health checks of load balancers on the addresses that serve, for every host, before any rule of a host.
 * @module
 */

import type { Handler } from "../http/handler.ts";
import { alter, type Response, share, textResponse } from "../http/response.ts";
import { decodedPath } from "../http/target.ts";

/** How health checks are answered. */
export interface HealthOptions {
  /** The decoded path of the checks. */
  readonly path: string;
  /** Whether the server wants more requests. */
  readonly isReady: () => boolean;
}

/** `handler`, except for GET and HEAD of one path: 200 while the server is ready, otherwise 503. */
export function withHealth(handler: Handler, { path, isReady }: HealthOptions): Handler {
  return (request) => {
    const { method, target } = request;
    const isCheck = target.kind === "path" && (method === "GET" || method === "HEAD") &&
      decodedPath(target.segments, target.directory) === path;
    return !isCheck ? handler(request) : isReady() ? READY : NOT_READY;
  };
}

const READY = plain("ready\n", 200);
const NOT_READY = plain("the server is ending\n", 503);

function plain(text: string, status: 200 | 503): Response {
  const response = textResponse(text, status);
  return share(alter(response, { fields: [...response.fields, ["Cache-Control", "no-store"]] }));
}

/**
 * The way of a request through a host: the steps, in their order. Each answers, or leaves the request to the next.
 * A host has only the steps that its settings ask for.
 * @module
 */

import type { FileCache } from "../files/cache.ts";
import type { Resource } from "../files/resource.ts";
import type { Wanted } from "../files/wanted.ts";
import type { Request } from "../http/request.ts";
import type { Response } from "../http/response.ts";
import type { Target } from "../http/target.ts";
import type { Clock } from "../net/clock.ts";
import { serveFile } from "./files.ts";
import type { Host } from "./host.ts";
import { refuseMethod } from "./methods.ts";

/** What steps work with. */
export interface Services {
  /** What finds and opens files. */
  readonly cache: FileCache;
  /** What conditional requests are judged by. */
  readonly clock: Clock;
}

/** A target that is a path on a host, and what is remembered of it for the next request that asks for the same. */
export interface Visit {
  readonly host: Host;
  readonly target: Extract<Target, { readonly kind: "path" }>;
  readonly services: Services;
  /** The files that may answer, in order: one, or for a folder its indexes. */
  readonly wanted: readonly Wanted[];
  /** The one that answered last; `null`: none did, or it is not kept. */
  resource: Resource | null;
}

/** One step; `null`: the next one decides. */
export type Step = (visit: Visit, request: Request) => Response | Promise<Response> | null;

/** A step, and whether a host needs it. */
interface StepRule {
  readonly name: string;
  readonly isFor: (host: Host) => boolean;
  readonly step: Step;
}

/** All steps, in their order. The last one always answers. */
export const STEPS: readonly StepRule[] = [
  { name: "method", isFor: () => true, step: refuseMethod },
  { name: "file", isFor: () => true, step: serveFile },
];

/** The steps that requests to `host` take. */
export function stepsFor(host: Host): readonly Step[] {
  return STEPS.filter(({ isFor }) => isFor(host)).map(({ step }) => step);
}

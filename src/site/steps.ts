/**
 * The way of a request through a host: the steps, in their order. Each answers, or leaves the request to the next.
 * A host has only the steps that its settings ask for.
 * @module
 */

import type { FileCache, Known } from "../files/cache.ts";
import type { FoundFolder } from "../files/look_up.ts";
import type { Resource } from "../files/resource.ts";
import type { Wanted } from "../files/wanted.ts";
import type { Request } from "../http/request.ts";
import type { Response } from "../http/response.ts";
import type { Target } from "../http/target.ts";
import type { Clock } from "../net/clock.ts";
import { refuseAddress } from "./addresses.ts";
import { authenticate } from "./auth.ts";
import { answerPreflight } from "./cors.ts";
import { serveFile } from "./files.ts";
import type { Guard } from "./guard.ts";
import type { Host } from "./host.ts";
import { refuseMethod } from "./methods.ts";
import type { TakeNote } from "./notes.ts";
import { isRedirected, redirect } from "./redirects.ts";

/** What steps work with. */
export interface Services {
  /** What finds and opens files. */
  readonly cache: FileCache;
  /** What conditional requests are judged by. */
  readonly clock: Clock;
  /** Told what cannot be sent though the configuration names it, and what failed. */
  readonly report: (problem: string, error: unknown) => void;
  /** Told of each decision, where somebody wants an explanation. */
  readonly note?: TakeNote | undefined;
}

/** No file answers for a target. */
export interface Absence {
  readonly kind: "absent";
  /** See `Known`. */
  readonly knownMs: number;
  /** Whether the target is a folder without an index. */
  readonly isFolder: boolean;
}

/** A target that is a path on a host, and what is remembered of it for the next request that asks for the same. */
export interface Visit {
  readonly host: Host;
  readonly target: Extract<Target, { readonly kind: "path" }>;
  /** The decoded path, for patterns. */
  readonly path: string;
  readonly services: Services;
  /** The files that may answer, in order: one, or for a folder its indexes. */
  readonly wanted: readonly Wanted[];
  /** Whose password the target needs; `null`: nobody's. */
  readonly guard: Guard | null;
  /** What the last request found, if later ones may use it: a cached file, a folder, or that nothing is there. */
  found: Resource | Known<FoundFolder> | Absence | null;
}

/** One step; `null`: the next one decides. */
export type Step = (visit: Visit, request: Request) => Response | Promise<Response | null> | null;

/** A step, and which hosts and requests need it. */
export interface StepRule {
  readonly name: string;
  readonly isFor: (host: Host) => boolean;
  /** Asked once for each target of such a host; left out: every request needs it. */
  readonly concerns?: (visit: Visit) => boolean;
  readonly step: Step;
}

/** All steps, in their order. The last one always answers. */
export const STEPS: readonly StepRule[] = [
  { name: "preflight", isFor: ({ cors }) => cors !== null, step: answerPreflight },
  { name: "method", isFor: () => true, step: refuseMethod },
  { name: "addresses", isFor: ({ addresses }) => addresses !== null, step: refuseAddress },
  {
    name: "auth",
    isFor: ({ guards }) => guards.length > 0,
    concerns: ({ guard }) => guard !== null,
    step: authenticate,
  },
  { name: "redirect", isFor: ({ redirects }) => redirects.length > 0, concerns: isRedirected, step: redirect },
  { name: "file", isFor: () => true, step: serveFile },
];

/** The way of requests through one host. */
export class Way {
  readonly #rules: readonly StepRule[];
  /** For every target; `null`: some steps depend on it. */
  readonly #steps: readonly Step[] | null;

  constructor(host: Host) {
    this.#rules = STEPS.filter(({ isFor }) => isFor(host));
    this.#steps = this.#rules.every(({ concerns }) => concerns === undefined) ? stepsOf(this.#rules) : null;
  }

  /** The steps that requests for the target of `visit` take. */
  stepsFor(visit: Visit): readonly Step[] {
    return this.#steps ?? stepsOf(this.#rules.filter(({ concerns }) => concerns?.(visit) ?? true));
  }
}

function stepsOf(rules: readonly StepRule[]): readonly Step[] {
  return rules.map(({ step }) => step);
}

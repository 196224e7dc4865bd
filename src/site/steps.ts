/**
 * The steps of a request through a host, in their order. Each one answers, or passes the request to the next.
 * A host has only the steps that its settings require.
 * @module
 */

import type { FileCache, Known } from "../files/cache.ts";
import type { FoundFolder } from "../files/look_up.ts";
import type { Resource } from "../files/resource.ts";
import type { FilePath } from "../files/file_path.ts";
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
import { redirectToHttps } from "./https.ts";
import { refuseMethod } from "./methods.ts";
import type { TakeNote } from "./notes.ts";
import type { OwnPages } from "./own_pages.ts";
import { isRedirected, redirect } from "./redirects.ts";

/** The services that steps use. */
export interface Services {
  /** Finds and opens files. */
  readonly cache: FileCache;
  /** The clock for conditional requests. */
  readonly clock: Clock;
  /** Called with failures, and with configured files that cannot be sent. */
  readonly report: (problem: string, error: unknown) => void;
  /** Called with each decision, if an explanation is wanted. */
  readonly note?: TakeNote | undefined;
}

/** There is no file for a target. */
export interface Absence {
  readonly kind: "absent";
  /** See `Known`. */
  readonly knownMs: number;
  /** Whether the target is a folder without an index. */
  readonly isFolder: boolean;
}

/** A request's path on a host, and the cached result for the next request with the same target. */
export interface Visit {
  readonly host: Host;
  readonly target: Extract<Target, { readonly kind: "path" }>;
  /** The decoded path, for patterns. */
  readonly path: string;
  readonly services: Services;
  /** The files that may answer, in order: one, or for a folder its indexes. */
  readonly candidates: readonly FilePath[];
  /** The built-in error pages for the address. */
  readonly pages: OwnPages;
  /** The guard whose password the target needs; `null`: none. */
  readonly guard: Guard | null;
  /** The result of the last request, if later ones may use it: a cached file, a folder, or an absence. */
  found: Resource | Known<FoundFolder> | Absence | null;
}

/** One step. `null`: it passes the request to the next step. */
export type Step = (visit: Visit, request: Request) => Response | Promise<Response | null> | null;

/** A step, and the hosts and requests that need it. */
export interface StepRule {
  readonly name: string;
  readonly isFor: (host: Host) => boolean;
  /** Called once for each target of such a host. Without it, every request needs the step. */
  readonly isNeededFor?: (visit: Visit) => boolean;
  readonly step: Step;
}

/** All steps, in order. The last one always answers. */
export const STEPS: readonly StepRule[] = [
  { name: "preflight", isFor: ({ cors }) => cors !== null, step: answerPreflight },
  { name: "method", isFor: () => true, step: refuseMethod },
  { name: "addresses", isFor: ({ addresses }) => addresses !== null, step: refuseAddress },
  // Before a password is asked for, because it would be sent in plain.
  { name: "https", isFor: ({ httpsPort }) => httpsPort !== null, step: redirectToHttps },
  {
    name: "auth",
    isFor: ({ guards }) => guards.length > 0,
    isNeededFor: ({ guard }) => guard !== null,
    step: authenticate,
  },
  { name: "redirect", isFor: ({ redirects }) => redirects.length > 0, isNeededFor: isRedirected, step: redirect },
  { name: "file", isFor: () => true, step: serveFile },
];

/** The steps of one host. */
export class HostSteps {
  readonly #rules: readonly StepRule[];
  /** The steps for every target; `null`: they depend on the target. */
  readonly #steps: readonly Step[] | null;

  constructor(host: Host) {
    this.#rules = STEPS.filter(({ isFor }) => isFor(host));
    this.#steps = this.#rules.every(({ isNeededFor }) => isNeededFor === undefined) ? stepsOf(this.#rules) : null;
  }

  /** The steps for the target of `visit`. */
  stepsFor(visit: Visit): readonly Step[] {
    return this.#steps ?? stepsOf(this.#rules.filter(({ isNeededFor }) => isNeededFor?.(visit) ?? true));
  }
}

function stepsOf(rules: readonly StepRule[]): readonly Step[] {
  return rules.map(({ step }) => step);
}

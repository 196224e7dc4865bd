/**
 * A site as a handler of requests: finds the host, and goes through its steps. Stores the result with the route of the
 * request, so that the next request for the same target needs no look-up.
 * @module
 */

import { FileCache } from "../files/cache.ts";
import { reportToConsole } from "../net/defaults.ts";
import type { Handler } from "../http/handler.ts";
import type { Request } from "../http/request.ts";
import type { Response } from "../http/response.ts";
import { decodedPath, encodePath, type Target } from "../http/target.ts";
import { systemClock } from "../net/clock.ts";
import { candidatesFor } from "./candidates.ts";
import { type Guard, guardFor } from "./guard.ts";
import { type Host, Site } from "./host.ts";
import { refuse } from "./answers.ts";
import type { Cors } from "./cors.ts";
import { type OwnPages, OwnPagesOfHosts } from "./own_pages.ts";
import { answerWithoutHost } from "./methods.ts";
import { lineOf } from "./notes.ts";
import type { PlainAnswers } from "./transport_security.ts";
import { HostSteps, type Services, type Step, type Visit } from "./steps.ts";

/** Services for serving files. Missing ones are made for this handler. */
export type FilesOptions = { readonly [Name in keyof Services]?: Services[Name] | undefined };

/**
 * A handler that serves the files of a site by GET and HEAD. If `site` is the path of a folder, it serves this folder
 * for every host.
 */
export function files(site: Site | string, options: FilesOptions = {}): Handler {
  const { clock = systemClock, cache = new FileCache({ clock }), report = reportToConsole, note } = options;
  const hosts = typeof site === "string" ? new Site([{ name: "default", root: site }]) : site;
  const handler = new SiteHandler(hosts, { clock, cache, report, note });
  return (request) => handler.answer(request);
}

/** A cached visit, and its handler. */
class CachedVisit implements Visit {
  readonly candidates: Visit["candidates"];
  readonly guard: Guard | null;
  readonly steps: readonly Step[];
  found: Visit["found"] = null;

  constructor(
    readonly handler: SiteHandler,
    readonly host: Host,
    readonly target: Visit["target"],
    hostSteps: HostSteps,
    readonly pages: OwnPages,
  ) {
    this.candidates = candidatesFor(host, target);
    this.guard = guardFor(host, target, this.candidates);
    this.steps = hostSteps.stepsFor(this);
  }

  get services(): Services {
    return this.handler.services;
  }

  get path(): string {
    return decodedPath(this.target.segments, this.target.directory);
  }
}

class SiteHandler {
  readonly #site: Site;
  readonly services: Services;
  readonly #hostSteps = new Map<Host, HostSteps>();
  readonly #pages = new OwnPagesOfHosts();

  constructor(site: Site, services: Services) {
    this.#site = site;
    this.services = services;
  }

  answer(request: Request): Response | Promise<Response> {
    const { found } = request.route;
    const visit = found instanceof CachedVisit && found.handler === this ? found : this.#begin(request);
    if (visit === null) return answerWithoutHost(request);
    const { cors, plainAnswers } = visit.host;
    let response = this.#answerFor(request, visit);
    if (plainAnswers !== null && !request.isSecure) response = answerPlain(plainAnswers, response);
    return cors === null ? response : answerOrigin(cors, request, response);
  }

  #answerFor(request: Request, visit: CachedVisit): Response | Promise<Response> {
    try {
      return this.#lead(request, visit, 0);
    } catch (error) {
      return this.#fail(request, visit, error);
    }
  }

  /** Goes through the steps from `first` on. */
  #lead(request: Request, visit: CachedVisit, first: number): Response | Promise<Response> {
    for (let index = first; index < visit.steps.length; index++) {
      const response = visit.steps[index]!(visit, request);
      if (response === null) continue;
      return response instanceof Promise ? this.#leadLater(request, visit, index, response) : response;
    }
    throw new Error("No step has answered");
  }

  /** Waits for the step at `index`, and goes through the steps after it if it passes the request on. */
  async #leadLater(
    request: Request,
    visit: CachedVisit,
    index: number,
    response: Promise<Response | null>,
  ): Promise<Response> {
    try {
      return await response ?? await this.#lead(request, visit, index + 1);
    } catch (error) {
      return this.#fail(request, visit, error);
    }
  }

  /** The host's page for 500. Reports the error, as the protocol would. */
  #fail(request: Request, visit: Visit, error: unknown): Response {
    if (visit.host.errorPages?.has(500) !== true) throw error;
    this.services.report(`cannot answer for ${encodePath(visit.target.segments, visit.target.directory)}`, error);
    return refuse(visit, request, 500);
  }

  /** Begins a visit; `null`: the request has no path or no host. */
  #begin({ route, host: name, target }: Request): CachedVisit | null {
    const host = this.#site.hostFor(name);
    this.services.note?.("host", ...describeHost(name, host));
    if (host === null || !isPath(target)) return null;
    this.services.note?.("path", decodedPath(target.segments, target.directory));
    const visit = new CachedVisit(
      this,
      host,
      target,
      this.#stepsOf(host),
      this.#pages.pagesFor(name, target),
    );
    route.found = visit;
    route.servedBy = host.name;
    return visit;
  }

  #stepsOf(host: Host): HostSteps {
    const known = this.#hostSteps.get(host) ?? new HostSteps(host);
    this.#hostSteps.set(host, known);
    return known;
  }
}

function answerPlain(plainAnswers: PlainAnswers, response: Response | Promise<Response>) {
  return response instanceof Promise ? response.then((later) => plainAnswers.of(later)) : plainAnswers.of(response);
}

function answerOrigin(cors: Cors, request: Request, response: Response | Promise<Response>) {
  if (!(response instanceof Promise)) return cors.answerFor(request, response);
  return response.then((later) => cors.answerFor(request, later));
}

/** The host for a name, as text, and the line of web.conf that decides. */
function describeHost(asked: string, host: Host | null): [text: string, line: string | null] {
  if (host === null) return [`no host matches "${asked}", and there is no default`, null];
  const { name, root } = host;
  const rule = name === asked
    ? "exactly"
    : name === "default"
    ? `for "${asked}", which no other line matches`
    : `for "${asked}"`;
  return [`${name}, ${rule}: ${root}`, lineOf(host, "host")];
}

function isPath(target: Target): target is Visit["target"] {
  return target.kind === "path";
}

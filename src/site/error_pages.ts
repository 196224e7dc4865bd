/**
 * The pages of a host for errors. A page is always sent in full, and with the status of its error.
 * @module
 */

import { merge } from "../http/additions.ts";
import { type Field, NOT_KEPT, type Response, share } from "../http/response.ts";
import type { Request } from "../http/request.ts";
import type { Status } from "../http/status.ts";
import { chooseForError } from "./codings.ts";
import { mediaFields, varyFields, wholeContent } from "./content.ts";
import { ERROR_STATUSES, type ErrorRule } from "./error_rule.ts";
import type { Page } from "./page.ts";
import type { Services } from "./steps.ts";

/** What a page is sent with. */
export interface PageHead {
  readonly status: Status;
  readonly fields: readonly Field[];
}

/** The pages of one host. */
export class ErrorPages {
  readonly #pages: ReadonlyMap<Status, Page>;
  /** The index of the rule for each error with a page. */
  readonly #rules: ReadonlyMap<Status, number>;

  /** The first rule for a status counts; one for a class only if there is none. `pageOf` makes the pages. */
  constructor(rules: readonly ErrorRule[], pageOf: (path: string, status: Status) => Page) {
    const indexFor = (status: Status) => {
      const exact = rules.findIndex((rule) => rule.status === status);
      return exact >= 0 ? exact : rules.findIndex((rule) => rule.status === `${Math.floor(status / 100)}xx`);
    };
    const indexes = ERROR_STATUSES.map((status) => [status, indexFor(status)] as const);
    this.#rules = new Map(indexes.filter(([, index]) => index >= 0));
    this.#pages = new Map(Array.from(this.#rules, ([status, index]) => [status, pageOf(rules[index]!.path, status)]));
  }

  /** The index of the rule for an error; `null`: there is none. */
  ruleFor(status: Status): number | null {
    return this.#rules.get(status) ?? null;
  }

  /** Whether there is a page for an error. */
  has(status: Status): boolean {
    return this.#pages.has(status);
  }

  /** The page as a response with `status` and `fields`; `null`: there is none. */
  answer({ status, fields }: PageHead, request: Request, services: Services): Response | null {
    const page = this.#pages.get(status)?.open(services) ?? null;
    if (page === null) return null;
    const resource = chooseForError(services, request, page);
    if (fields.length === 0 && resource.whole !== null) return resource.whole;
    const all = merge([...mediaFields(resource), NOT_KEPT, ...fields], varyFields(resource));
    const response = { status, fields: all, content: wholeContent(resource) };
    if (resource.cacheState === null || fields.length > 0) return response;
    return resource.whole = share(response);
  }
}

/**
 * Caches altered copies of shared responses, so that they are shared too.
 * @module
 */

import { type Response, share } from "../http/response.ts";

/** The altered responses of one host for one kind of alteration. */
export class Alterations {
  readonly #altered = new WeakMap<Response, Response>();

  /** `response` altered by `alter`. A shared response is altered once, and the result is shared. */
  of(response: Response, alter: (response: Response) => Response): Response {
    const before = this.#altered.get(response);
    if (before !== undefined) return before;
    const altered = alter(response);
    const { content } = altered;
    // A response with a part of a file shares only its head, which the alteration changes.
    const isShared = response.encoded !== undefined && response.contentRange === undefined;
    if (!isShared || content.kind === "streamed") return altered;
    const shared = share({ ...altered, content });
    this.#altered.set(response, shared);
    return shared;
  }
}

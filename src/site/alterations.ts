/**
 * Shared responses with other fields, so that they stay shared.
 * @module
 */

import { type Response, share } from "../http/response.ts";

/** What a host makes of responses in one way. */
export class Alterations {
  readonly #altered = new WeakMap<Response, Response>();

  /** `response` as `alter` changes it. If it is shared, it is changed once, and the result is shared as well. */
  of(response: Response, alter: (response: Response) => Response): Response {
    const before = this.#altered.get(response);
    if (before !== undefined) return before;
    const altered = alter(response);
    const { content } = altered;
    // A part of a file is shared only in so far as its head is, and that would be another one.
    const isShared = response.encoded !== undefined && response.contentRange === undefined;
    if (!isShared || content.kind === "streamed") return altered;
    const shared = share({ ...altered, content });
    this.#altered.set(response, shared);
    return shared;
  }
}

/**
 * Pages for errors as rules: which errors can have one. Pure.
 * @module
 */

/** Errors that steps answer with. Others are answered before it is known which host the request is for. */
export const ERROR_STATUSES = [401, 403, 404, 405, 410, 412, 416, 500, 501, 503] as const;

/** A status, or all that begin with the same digit. */
export type ErrorClass = (typeof ERROR_STATUSES)[number] | "4xx" | "5xx";

/** A page for an error. */
export interface ErrorRule {
  readonly status: ErrorClass;
  /** Below the root, with a slash in front. */
  readonly path: string;
}

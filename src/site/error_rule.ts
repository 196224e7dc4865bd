/**
 * Rules for error pages: which errors can have one. Pure.
 * @module
 */

/** Errors that steps can answer. Others are answered before the host is known. */
export const ERROR_STATUSES = [401, 403, 404, 405, 410, 412, 416, 500, 501, 503] as const;

/** A status, or all with the same first digit. */
export type ErrorClass = (typeof ERROR_STATUSES)[number] | "4xx" | "5xx";

/** A page for an error. */
export interface ErrorRule {
  readonly status: ErrorClass;
  /** The path below the root, with a slash at its beginning. */
  readonly path: string;
}

/**
 * Strict-Transport-Security (RFC 6797): an answer that did not come over TLS must not have this field (section 7.2).
 * @module
 */

import type { Field, Response } from "../http/response.ts";
import { alter } from "../http/response.ts";
import { Alterations } from "./alterations.ts";
import type { HeaderRule } from "./field_rules.ts";

const NAME = "strict-transport-security";

/** The answers of one host to plain requests. */
export class PlainAnswers {
  readonly #without = new Alterations();

  /** `null`: the host never sends the field. */
  static of(headers: readonly HeaderRule[]): PlainAnswers | null {
    return headers.some(({ name, value }) => isForTlsOnly(name) && value !== "") ? new PlainAnswers() : null;
  }

  /** `response` without the field. */
  of(response: Response): Response {
    return hasField(response) ? this.#without.of(response, withoutField) : response;
  }
}

/** Whether a field line is sent over TLS only. */
export function isForTlsOnly(name: string): boolean {
  return name.toLowerCase() === NAME;
}

function hasField({ fields }: Response): boolean {
  return fields.some(([name]: Field) => isForTlsOnly(name));
}

function withoutField(response: Response): Response {
  return alter(response, { fields: response.fields.filter(([name]) => !isForTlsOnly(name)) });
}

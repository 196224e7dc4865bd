/**
 * Whether requests on a secured connection are for hosts that its certificate is valid for (RFC 9110, section 7.4).
 * @module
 */

import type { Security } from "../net/security.ts";
import { type Refusal, refuse } from "./status.ts";

const MISDIRECTED = refuse(421, "the certificate of this connection is not valid for the host"); // 15.5.20

/** The hosts of one connection. */
export class Coverage {
  readonly #security: Security;
  /** The last host for which the certificate is valid, because most requests of a connection are for one host. */
  #last = "";

  constructor(security: Security) {
    this.#security = security;
  }

  /** The coverage of a connection; `null`: it is not secured. */
  static of(security: Security | "missing" | null): Coverage | null {
    return security === null || security === "missing" ? null : new Coverage(security);
  }

  /** Why a request for `host` is refused; `null`: it is not. A client without Host asks for no host. */
  refusalFor(host: string): Refusal | null {
    if (host === this.#last || host === "") return null;
    if (!this.#security.covers(host)) return MISDIRECTED;
    this.#last = host;
    return null;
  }
}

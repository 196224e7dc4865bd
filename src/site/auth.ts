/**
 * Step: asks for a password (RFC 7617) if a guard of the host matches the path. Looks at no file, so that the answer
 * does not reveal which files exist.
 * @module
 */

import type { Request } from "../http/request.ts";
import type { Field, Response } from "../http/response.ts";
import { refuse } from "./answers.ts";
import type { Guard } from "./guard.ts";
import { lineOf } from "./notes.ts";
import type { Verdict } from "./passwords.ts";
import type { Visit } from "./steps.ts";

/** Seconds after which a running check has probably ended. */
const RETRY_AFTER: Field = ["Retry-After", "1"];

/** Passes requests with a correct password to the next step, and notes the user for the log. */
export function authenticate(visit: Visit, request: Request): Response | Promise<Response | null> | null {
  const { guard } = visit;
  if (guard === null) return null;
  const field = request.fields.octets("authorization"); // `null` if there are several, which could contradict each other.
  const verdict: Verdict | Promise<Verdict> = field === null ? { kind: "rejected" } : guard.passwords.judge(field);
  return verdict instanceof Promise
    ? verdict.then((later) => conclude(visit, request, guard, later))
    : conclude(visit, request, guard, verdict);
}

function conclude(visit: Visit, request: Request, guard: Guard, verdict: Verdict): Response | null {
  visit.services.note?.("password", ...describe(visit, request, guard, verdict));
  switch (verdict.kind) {
    case "user":
      request.user = verdict.name;
      return null;
    case "rejected":
      return refuse(visit, request, 401, [["WWW-Authenticate", guard.challenge]]);
    case "busy":
      return refuse(visit, request, 503, [RETRY_AFTER]);
  }
}

function describe({ host }: Visit, { fields }: Request, guard: Guard, verdict: Verdict): [string, string | null] {
  const line = lineOf(host, "auth", host.guards.indexOf(guard));
  const count = fields.count("authorization");
  if (verdict.kind === "user") return [`accepted for user "${verdict.name}"`, line];
  if (verdict.kind === "busy") return ["too many passwords are being checked", line];
  if (count === 0) return ["needed here; the request has no Authorization", line];
  return [
    count > 1 ? "needed here; there are several Authorization fields" : "needed here; no user has these credentials",
    line,
  ];
}

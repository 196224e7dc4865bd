/**
 * The output of a simulation: a violated invariant, and the trace of the events before it.
 */

import type { Invariant } from "./invariants.ts";

/** A violated invariant of the server. Only the first one of a simulation counts. */
export class Violation extends Error {
  override name = "Violation";
  readonly invariant: Invariant;
  readonly detail: string;

  constructor(invariant: Invariant, detail: string) {
    super(`${invariant}: ${detail}`);
    this.invariant = invariant;
    this.detail = detail;
  }

  /** The same violation, with the name of the client or part. */
  of(who: string): Violation {
    return new Violation(this.invariant, `${who}: ${this.detail}`);
  }
}

/** Records an event: who, what, and a detail. It is called for every event, so it must be cheap when the trace is off. */
export type Note = (who: string, what: string, detail?: string | number) => void;

/** Records nothing. */
export const noNote: Note = () => {};

/** Calls `take` with lines such as `   1234.0  client 3  sends 42`. Times are relative to the start of the simulation. */
export function noteLines(now: () => number, take: (line: string) => void): Note {
  const startMs = now();
  return (who, what, detail = "") => {
    take(`${(now() - startMs).toFixed(1).padStart(10)}  ${who.padEnd(10)} ${what} ${detail}`.trimEnd());
  };
}

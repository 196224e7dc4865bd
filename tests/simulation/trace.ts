/**
 * What a simulation says: a violated invariant, and the trace of what happened before.
 */

/** The server did what it must not, or did not do what it must. Only the first one of a seed counts. */
export class Violation extends Error {
  override name = "Violation";
  readonly invariant: string;
  readonly detail: string;

  constructor(invariant: string, detail: string) {
    super(`${invariant}: ${detail}`);
    this.invariant = invariant;
    this.detail = detail;
  }

  /** The same of somebody. */
  of(who: string): Violation {
    return new Violation(this.invariant, `${who}: ${this.detail}`);
  }
}

/** Takes note of an event: who, what, and how much of it. Called for everything, so it must cost nothing when off. */
export type Note = (who: string, what: string, detail?: string | number) => void;

/** Takes note of nothing. */
export const noNote: Note = () => {};

/** Writes lines like `   1234.0  client 3  sends 42` to `take`. Times count from the simulation's start. */
export function noteLines(now: () => number, take: (line: string) => void): Note {
  const startMs = now();
  return (who, what, detail = "") => {
    take(`${(now() - startMs).toFixed(1).padStart(10)}  ${who.padEnd(10)} ${what} ${detail}`.trimEnd());
  };
}

/**
 * Assertions of the fuzzers. They are cheap, because fuzzers call them millions of times, and their message is one line, so
 * that it can be printed together with an input.
 */

/** A violated rule. */
export class Disagreement extends Error {
  override name = "Disagreement";
}

/** Throws a `Disagreement` if the two values differ. They must be plain data. */
export function agree(actual: unknown, expected: unknown, what: string): void {
  if (actual === expected) return;
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Disagreement(`${what}: got ${got}, expected ${wanted}`);
}

/** Throws a `Disagreement` if `isTrue` is false. */
export function insist(isTrue: boolean, what: string): asserts isTrue {
  if (!isTrue) throw new Disagreement(what);
}

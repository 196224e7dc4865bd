/**
 * Agreement of what the server's code says with what was expected, told in one line where they differ: fuzzers ask millions
 * of times, and a difference in colours on ten lines does not go well with an input.
 */

/** A rule that does not hold. */
export class Disagreement extends Error {
  override name = "Disagreement";
}

/** Throws where plain data differ. */
export function agree(actual: unknown, expected: unknown, what: string): void {
  if (actual === expected) return;
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Disagreement(`${what}: got ${got}, expected ${wanted}`);
}

/** Throws where `isTrue` is not. */
export function insist(isTrue: boolean, what: string): asserts isTrue {
  if (!isTrue) throw new Disagreement(what);
}

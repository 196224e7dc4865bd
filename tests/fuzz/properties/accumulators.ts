/**
 * Compares the accumulator with a plain array, for random sequences of operations. It holds the same bytes, never grows past
 * its limit, and has free space unless it is full.
 */

import fc from "../../fast_check.ts";
import { Accumulator } from "../../../src/net/accumulator.ts";
import { agree, insist } from "../agree.ts";
import { property } from "../property.ts";

/** An operation. `part` is the fraction of the free space, or of the held bytes, that it uses. */
interface Step {
  readonly kind: "receive" | "consume" | "shrink" | "ask" | "misuse";
  readonly part: number;
}

const steps: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("receive", "receive", "receive", "consume", "consume", "shrink", "ask", "misuse"),
  part: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
});

const sizes = fc.tuple(fc.integer({ min: 1, max: 64 }), fc.nat(300)).map(([minBytes, more]) => {
  return { minBytes, maxBytes: minBytes + more };
});

export const accumulators = property({
  name: "accumulators",
  runsInTests: 1500,
  values: fc.tuple(sizes, fc.array(steps, { maxLength: 100 })),
  check([sizes, steps]) {
    const accumulator = new Accumulator(sizes);
    let model: number[] = [];
    let next = 0;
    let most = 0;
    for (const { kind, part } of steps) {
      if (kind === "receive") {
        const space = accumulator.space();
        insist(
          (space.length === 0) === (model.length === sizes.maxBytes),
          `${space.length} of room for ${model.length} bytes`,
        );
        const count = Math.floor(part * space.length);
        for (let at = 0; at < count; at++) model.push(space[at] = next++ & 0xff);
        accumulator.commit(count);
      } else if (kind === "consume") {
        const count = Math.floor(part * model.length);
        accumulator.consume(count);
        model = model.slice(count);
      } else if (kind === "shrink") accumulator.shrink();
      else if (kind === "ask") accumulator.space();
      else misuse(accumulator);
      const { bytes, start, end, length, capacity } = accumulator;
      agree([...bytes.subarray(start, end)], model, `after ${kind}`);
      insist(
        length === model.length && capacity >= sizes.minBytes && capacity <= sizes.maxBytes,
        `${capacity} of capacity`,
      );
      if (kind === "shrink" && length === 0) agree(capacity, sizes.minBytes, "capacity after shrink");
      most = Math.max(most, capacity);
    }
    return most === sizes.minBytes ? "did not grow" : most === sizes.maxBytes ? "grew to its limit" : "grew";
  },
});

/** Checks that wrong calls throw and change nothing. */
function misuse(accumulator: Accumulator): void {
  const { length, end, capacity } = accumulator;
  const calls = [
    () => accumulator.consume(length + 1),
    () => accumulator.consume(-1),
    () => accumulator.commit(capacity - end + 1),
    () => accumulator.commit(-1),
  ];
  for (const call of calls) {
    try {
      call();
    } catch (error) {
      insist(error instanceof RangeError, String(error));
      continue;
    }
    insist(false, "a count that cannot be was taken");
  }
}

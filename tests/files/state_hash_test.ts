/** A hash of numbers: equal for equal numbers, and different for others. */

import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { hashOf } from "../../src/files/state_hash.ts";

Deno.test("hashOf() returns 16 hexadecimal digits, the same for the same numbers", () => {
  for (const values of [[], [0], [1, 2, 3], [NaN, Infinity, -1.5, 2 ** 53]]) {
    assertMatch(hashOf(values), /^[0-9a-f]{16}$/);
    assertEquals(hashOf(values), hashOf([...values]));
  }
});

Deno.test("hashOf() does not depend on earlier calls", () => {
  const before = hashOf([1, 2]);
  hashOf([9, 9, 9, 9, 9, 9, 9, 9]);
  assertEquals(hashOf([1, 2]), before);
});

Deno.test("hashOf() differs for numbers that differ a little, have another order, or are more", () => {
  const base = [1_048_576, 1_794_813_739_606, 1_794_813_739_000, 2_155_419];
  const names = new Set([hashOf(base), hashOf([]), hashOf([0]), hashOf([0, 0]), hashOf([...base, 0])]);
  let count = names.size;
  for (let at = 0; at < base.length; at++) {
    for (let bit = 0; bit < 50; bit++) {
      names.add(hashOf(base.with(at, base[at]! + 2 ** bit)));
      count++;
    }
    names.add(hashOf(base.with(at, NaN)));
    names.add(hashOf(base.toSpliced(at, 1)));
    count += 2;
  }
  for (let ms = 0; ms < 100_000; ms++, count++) names.add(hashOf([10, ms, 0, 7]));
  assertEquals(names.size, count);
});

Deno.test("hashOf() uses all bits of its result", () => {
  const counts = new Array<number>(64).fill(0);
  for (let value = 0; value < 4000; value++) {
    const bits = BigInt(`0x${hashOf([value])}`);
    for (let bit = 0; bit < 64; bit++) counts[bit]! += Number(bits >> BigInt(bit) & 1n);
  }
  assertEquals(counts.filter((count) => count < 1800 || count > 2200), []);
});

Deno.test("hashOf() accepts at most eight numbers", () => {
  assertThrows(() => hashOf(new Array(9).fill(0)), RangeError);
});

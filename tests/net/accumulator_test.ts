/** The accumulator: order and number of bytes, bounded growth, positions, and errors for wrong calls. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Accumulator } from "../../src/net/accumulator.ts";

function text(input: Accumulator): string {
  return new TextDecoder().decode(input.bytes.subarray(input.start, input.end));
}

/** Adds the bytes that fit, as a read does. Returns their number. */
function put(input: Accumulator, received: string): number {
  const space = input.space();
  const bytes = new TextEncoder().encode(received).subarray(0, space.length);
  space.set(bytes);
  input.commit(bytes.length);
  return bytes.length;
}

function putAll(input: Accumulator, received: string): void {
  for (let rest = received; rest !== "";) rest = rest.slice(put(input, rest));
}

Deno.test("Accumulator begins empty and with minBytes of memory", () => {
  const input = new Accumulator({ minBytes: 16, maxBytes: 64 });
  assertEquals([input.length, input.capacity, input.start, input.end], [0, 16, 0, 0]);
});

Deno.test("Accumulator refuses a size of 0, and a maximum below the minimum", () => {
  for (const [minBytes, maxBytes] of [[0, 10], [-1, 10], [11, 10], [NaN, 10], [1, NaN]] as const) {
    assertThrows(() => new Accumulator({ minBytes, maxBytes }), RangeError);
  }
  new Accumulator({ minBytes: 1, maxBytes: 1 });
});

Deno.test("releaseBuffer() gives the buffer to the next accumulator, and leaves no space", () => {
  const spare: Uint8Array<ArrayBuffer>[] = [];
  const sizes = { minBytes: 16, maxBytes: 64 };
  const one = new Accumulator(sizes, spare);
  const { bytes } = one;
  put(one, "abc");
  one.releaseBuffer();
  assertEquals([one.length, one.space().length, one.capacity], [0, 0, 0]);
  one.releaseBuffer();
  const two = new Accumulator(sizes, spare);
  const three = new Accumulator(sizes, spare);
  assertEquals([two.bytes === bytes, two.length, three.bytes === bytes], [true, 0, false]);
});

Deno.test("releaseBuffer() discards a buffer that has grown, and shrink() reuses a spare one", () => {
  const spare: Uint8Array<ArrayBuffer>[] = [];
  const sizes = { minBytes: 16, maxBytes: 64 };
  const [one, two, three] = [1, 2, 3].map(() => new Accumulator(sizes, spare)) as [
    Accumulator,
    Accumulator,
    Accumulator,
  ];
  for (const grown of [one, two]) putAll(grown, "x".repeat(40));
  one.releaseBuffer();
  assertEquals(spare.length, 0);
  const { bytes } = three;
  three.releaseBuffer();
  two.consume(40);
  two.shrink();
  assertEquals([two.bytes === bytes, spare.length], [true, 0]);
});

Deno.test("releaseBuffer() keeps a limited number of buffers", () => {
  const spare: Uint8Array<ArrayBuffer>[] = [];
  const all = Array.from({ length: 1100 }, () => new Accumulator({ minBytes: 16, maxBytes: 64 }, spare));
  for (const accumulator of all) accumulator.releaseBuffer();
  assertEquals(spare.length, 1024);
});

Deno.test("commit() appends the bytes that were written into space()", () => {
  const input = new Accumulator({ minBytes: 16, maxBytes: 64 });
  put(input, "abc");
  put(input, "def");
  assertEquals([text(input), input.length], ["abcdef", 6]);
});

Deno.test("commit() of 0 bytes changes nothing", () => {
  const input = new Accumulator({ minBytes: 16, maxBytes: 64 });
  put(input, "abc");
  input.commit(0);
  assertEquals(text(input), "abc");
});

Deno.test("commit() throws on more bytes than the space, and on a negative number", () => {
  const input = new Accumulator({ minBytes: 16, maxBytes: 64 });
  const room = input.space().length;
  assertThrows(() => input.commit(room + 1), RangeError);
  assertThrows(() => input.commit(-1), RangeError);
  assertEquals(input.length, 0);
});

Deno.test("consume() drops bytes from the front", () => {
  const input = new Accumulator({ minBytes: 16, maxBytes: 64 });
  put(input, "abcdef");
  input.consume(2);
  assertEquals([text(input), input.length], ["cdef", 4]);
});

Deno.test("consume() throws on more bytes than it holds, and on a negative number", () => {
  const input = new Accumulator({ minBytes: 16, maxBytes: 64 });
  put(input, "abc");
  assertThrows(() => input.consume(4), RangeError);
  assertThrows(() => input.consume(-1), RangeError);
  assertEquals(text(input), "abc");
});

Deno.test("consume() of the last byte frees the whole buffer", () => {
  const input = new Accumulator({ minBytes: 16, maxBytes: 64 });
  put(input, "a".repeat(16));
  input.consume(16);
  assertEquals([input.length, input.space().length, input.start, input.end], [0, 16, 0, 0]);
});

Deno.test("consume() of the last byte during a read into space() leaves the bytes of the read where they are", () => {
  for (const consumed of [1, 2, 3]) {
    const input = new Accumulator({ minBytes: 16, maxBytes: 64 });
    put(input, "abc");
    const pending = input.space();
    input.consume(consumed);
    pending.set([100, 101]);
    input.commit(2);
    assertEquals(text(input), "abcde".slice(consumed));
  }
});

Deno.test("space() grows by doubling, up to maxBytes and no further", () => {
  const input = new Accumulator({ minBytes: 16, maxBytes: 50 });
  const capacities = new Set<number>();
  while (input.space().length > 0) {
    capacities.add(input.capacity);
    input.commit(1);
  }
  assertEquals([[...capacities], input.length], [[16, 32, 50], 50]);
});

Deno.test("space() is empty only if maxBytes are held, even if bytes were consumed before", () => {
  for (let consumed = 0; consumed <= 40; consumed++) {
    const input = new Accumulator({ minBytes: 16, maxBytes: 40 });
    putAll(input, "x".repeat(40));
    assertEquals(input.space().length, 0);
    input.consume(consumed);
    assertEquals(input.space().length > 0, consumed > 0, `after ${consumed} consumed`);
    putAll(input, "y".repeat(consumed));
    assertEquals(text(input), "x".repeat(40 - consumed) + "y".repeat(consumed));
  }
});

Deno.test("space() moves bytes to the front before it grows", () => {
  const input = new Accumulator({ minBytes: 16, maxBytes: 64 });
  put(input, "abcdefghijklmno");
  input.consume(12);
  assertEquals([input.space().length, input.capacity, input.start, text(input)], [13, 16, 0, "mno"]);
});

Deno.test("space() does not move bytes while half of minBytes is free", () => {
  const input = new Accumulator({ minBytes: 16, maxBytes: 64 });
  put(input, "abcdefgh");
  input.consume(3);
  assertEquals([input.space().length, input.start, text(input)], [8, 3, "defgh"]);
});

Deno.test("space() never overlaps with bytes that are held", () => {
  const input = new Accumulator({ minBytes: 4, maxBytes: 64 });
  putAll(input, "abcdefghijkl");
  input.consume(5);
  input.space().fill(0);
  assertEquals(text(input), "fghijkl");
});

Deno.test("shrink() reduces an empty accumulator to its minimum size", () => {
  const input = new Accumulator({ minBytes: 16, maxBytes: 64 });
  putAll(input, "x".repeat(60));
  input.consume(60);
  assertEquals(input.capacity, 64);
  input.shrink();
  assertEquals([input.capacity, input.length, input.space().length], [16, 0, 16]);
});

Deno.test("shrink() keeps every byte that is not consumed", () => {
  const input = new Accumulator({ minBytes: 16, maxBytes: 64 });
  putAll(input, "x".repeat(59) + "y");
  input.consume(59);
  input.shrink();
  assertEquals([text(input), input.capacity], ["y", 64]);
});

Deno.test("shrink() of an accumulator that never grew keeps its buffer", () => {
  const input = new Accumulator({ minBytes: 16, maxBytes: 64 });
  const before = input.bytes;
  input.shrink();
  assert(input.bytes === before);
});

Deno.test("Accumulator returns exactly the added bytes, for any pattern of adding and consuming", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = pseudorandom(seed);
    const input = new Accumulator({ minBytes: 1 + random(20), maxBytes: 20 + random(80) });
    let expected = "";
    let next = 0;
    for (let step = 0; step < 100; step++) {
      const offered = Array.from({ length: random(30) }, () => String.fromCharCode(97 + next++ % 26)).join("");
      const taken = put(input, offered);
      next -= offered.length - taken;
      expected += offered.slice(0, taken);
      const consumed = random(input.length + 1);
      input.consume(consumed);
      expected = expected.slice(consumed);
      assertEquals(text(input), expected, `seed ${seed}, step ${step}`);
    }
  }
});

/** Random numbers from 0 to `limit` (exclusive), the same for the same seed. */
function pseudorandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor(state / 2 ** 32 * limit);
  };
}

/** Options of the benchmarks: what they mean, what is refused, and the usage. */

import { assertEquals, assertThrows } from "@std/assert";
import { cpusOf, parseCpuList } from "../../bench/cpus.ts";
import { count, flag, names, readOptions, usageOf } from "../../bench/options.ts";
import { UsageError } from "../../examples/arguments.ts";

const TABLE = {
  rounds: count("number of rounds", 5, 100),
  only: names("what to measure", ["1k", "all hosts"]),
  dry: flag("write no files"),
};

Deno.test("readOptions() takes the default of each option that is absent", () => {
  assertEquals(readOptions(TABLE, []), { rounds: 5, only: null, dry: false });
});

Deno.test("readOptions() takes what is given", () => {
  const args = ["--rounds", "7", "--only", "all hosts,1k", "--dry"];
  assertEquals(readOptions(TABLE, args), { rounds: 7, only: ["all hosts", "1k"], dry: true });
});

for (
  const [args, words] of [
    [["--rounds", "0"], '"0" is not a whole number from 1 to 100'],
    [["--rounds", "1e1"], '"1e1" is not a whole number'],
    [["--only", "1k,2k"], '"2k" is none of 1k, all hosts'],
    [["--seconds", "1"], "unknown flag --seconds"],
    [["1k"], '"1k" is no option'],
  ] as const
) {
  Deno.test(`readOptions() refuses ${args.join(" ")}`, () => {
    assertThrows(() => readOptions(TABLE, args), UsageError, words);
  });
}

Deno.test("usageOf() names each option with its default", () => {
  assertEquals(
    usageOf("bench", TABLE),
    `usage: bench [--rounds N] [--only NAME,NAME] [--dry]
  --rounds N         number of rounds (5)
  --only NAME,NAME   what to measure (all of 1k, all hosts)
  --dry              write no files`,
  );
});

Deno.test("parseCpuList() reads ranges and single numbers", () => {
  assertEquals(parseCpuList("0-3,8,10-11"), [0, 1, 2, 3, 8, 10, 11]);
  assertEquals(parseCpuList("5"), [5]);
});

Deno.test("cpusOf() takes the first two that are allowed, or the only one twice", () => {
  assertEquals(cpusOf(null, [2, 5, 7]), { server: 2, load: 5 });
  assertEquals(cpusOf(null, [3]), { server: 3, load: 3 });
});

Deno.test("cpusOf() takes two numbers, and refuses anything else", () => {
  assertEquals(cpusOf("7,2", [2, 5, 7]), { server: 7, load: 2 });
  assertThrows(() => cpusOf("7", [2, 7]), UsageError, '"7" is not two CPUs');
  assertThrows(() => cpusOf("7,x", [2, 7]), UsageError, '"7,x" is not two CPUs');
  assertThrows(() => cpusOf("2,3", [2, 7]), UsageError, "this process may not use CPU 3, only 2, 7");
});

/**
 * Tests of the fuzzers themselves: they find, minimise and replay a failure. The slow references reproduce the examples of
 * the RFCs.
 */

import { concat } from "@std/bytes/concat";
import { assert, assertEquals } from "@std/assert";
import fc from "../fast_check.ts";
import { Random } from "../simulation/random.ts";
import { agree } from "./agree.ts";
import { cutRandomly } from "./cuts.ts";
import type { Budget, Fuzzer } from "./fuzzer.ts";
import { literal, parseLiteral } from "./literal.ts";
import { minimise } from "./minimise.ts";
import { MUTANT_BYTES_MAX, mutate, toBytes, toText } from "./mutate.ts";
import { mutating } from "./mutating.ts";
import { property } from "./property.ts";
import { readChunked } from "./reference/content.ts";
import { readHead } from "./reference/head.ts";
import { readTags } from "./reference/preconditions.ts";
import { readRanges } from "./reference/range.ts";
import { isIpv6Address, readHost, readTarget, removeDotSegments } from "./reference/target.ts";
import { HEADS, HTTP_WORDS } from "./seeds.ts";

const BUDGET: Budget = { seed: 1, runs: 5000, isOver: () => false };

/** Runs a fuzzer until it finds a failure, then replays the finding. */
async function findAndReplay(fuzzer: Fuzzer): Promise<string> {
  const { finding } = await fuzzer.run(BUDGET);
  assert(finding !== null, "nothing was found");
  const given = (flag: string) => {
    const at = finding.replay.indexOf(flag);
    return at < 0 ? null : finding.replay[at + 1]!.replace(/^'|'$/g, "");
  };
  const again = await fuzzer.replay({ seed: Number(given("--seed")), path: given("--path"), input: given("--input") });
  assertEquals(again.finding?.input, finding.input);
  return finding.input;
}

Deno.test("mutating() finds a mistake, minimises its input, and replays it", async () => {
  const fuzzer = mutating({
    name: "planted",
    runsInTests: 1,
    seeds: ["Host: a\r\n"],
    dictionary: ["\0", "Host"],
    check(bytes) {
      agree(toText(bytes).includes("\0") && bytes.length > 3, false, "NUL");
      return "well";
    },
  });
  const input = parseLiteral(await findAndReplay(fuzzer));
  assertEquals([input.length, input.includes("\0")], [4, true]);
});

Deno.test("property() finds a mistake, shrinks the value, and replays it", async () => {
  const fuzzer = property({
    name: "planted",
    runsInTests: 1,
    values: fc.nat(),
    check(number) {
      agree(number > 1000, false, "too large");
      return "well";
    },
  });
  assertEquals(await findAndReplay(fuzzer), "1001");
});

Deno.test("mutating() and property() try known failures first", async () => {
  const tried: string[] = [];
  const check = (value: unknown) => {
    tried.push(String(value));
    return "well";
  };
  const budget = { ...BUDGET, runs: 1 };
  await property({ name: "a", runsInTests: 1, found: [7], values: fc.constant(8), check }).run(budget);
  const bytes = { name: "b", runsInTests: 1, found: ["x"], seeds: ["y"], dictionary: ["z"] };
  await mutating({ ...bytes, check: (input) => check(toText(input)) }).run(budget);
  assertEquals(tried, ["7", "x"]);
});

Deno.test("mutate() makes the same mutant for the same seed, and none that is too long", () => {
  const corpus = HEADS.map(toBytes);
  const material = { corpus, dictionary: HTTP_WORDS.map(toBytes), bytesMax: MUTANT_BYTES_MAX };
  const mutants = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 300 }, () => toText(mutate(random.pick(corpus), random, material)));
  };
  assertEquals(mutants(1), mutants(1));
  const all = mutants(2);
  assert(new Set(all).size > 200 && all.every((text) => text.length <= MUTANT_BYTES_MAX));
  assertEquals(mutate(new Uint8Array(0), new Random(3), material).length <= MUTANT_BYTES_MAX, true);
});

Deno.test("minimise() keeps only bytes that the failure needs", async () => {
  const bytes = toBytes(`${"x".repeat(500)}needle${"y".repeat(500)}!`);
  const smallest = await minimise(bytes, (candidate) => Promise.resolve(/needle.*!/.test(toText(candidate))));
  assertEquals(toText(smallest), "needle!");
});

Deno.test("cutRandomly() loses nothing", () => {
  for (let seed = 0; seed < 50; seed++) {
    const bytes = toBytes(HEADS.join("").repeat(seed % 3));
    assertEquals(toText(concat(cutRandomly(bytes, new Random(seed)))), toText(bytes));
  }
});

Deno.test("literal() is JavaScript for the text, and shortens repetitions", () => {
  for (const text of ["", "it's", '"\\\r\n\0\xff', "a".repeat(9000), `GET /${"ab".repeat(600)} HTTP/1.1\r\n`, "a+b"]) {
    const written = literal(text);
    assertEquals(parseLiteral(written), text);
    assert(/^[ -&(-~]*$/.test(written) && written.length < 100, written);
  }
});

Deno.test("removeDotSegments() reproduces the examples of RFC 3986, sections 5.2.4 and 5.4", () => {
  assertEquals(removeDotSegments("/a/b/c/./../../g"), "/a/g");
  assertEquals(removeDotSegments("mid/content=5/../6"), "mid/6");
  assertEquals(removeDotSegments("/b/c/../../../g"), "/g");
  assertEquals(removeDotSegments("/b/c/g;x=1/../y"), "/b/c/y");
  assertEquals(removeDotSegments("/a/.."), "/");
});

Deno.test("the references read the examples of the RFCs", () => {
  assertEquals(readRanges("bytes=0-499", 10_000), [[0, 499]]);
  assertEquals(readRanges("bytes=-500", 10_000), [[9500, 9999]]);
  assertEquals(readRanges("bytes=9500-", 10_000), [[9500, 9999]]);
  assertEquals(readRanges("bytes= 0-999, 4500-5499, -1000", 10_000), [[0, 999], [4500, 5499], [9000, 9999]]);
  assertEquals(readRanges("bytes=10000-", 10_000), "unsatisfiable");
  assertEquals(readTags('"xyzzy", W/"r2d2xxxx", "c,3"'), [
    { isWeak: false, opaque: '"xyzzy"' },
    { isWeak: true, opaque: '"r2d2xxxx"' },
    { isWeak: false, opaque: '"c,3"' },
  ]);
  assertEquals(readTags('"a" "b"'), null);
  assertEquals(readChunked('4\r\nWiki\r\n5;a="b"\r\npedia\r\n0\r\nX: y\r\n\r\nGET'), 36);
  assertEquals(readHost("[2001:DB8::7]:80"), "[2001:db8::7]");
  assertEquals(["::", "1::8", "1:2:3:4:5:6:7:8", "::1.2.3.4"].map(isIpv6Address), [true, true, true, true]);
  assertEquals(["1::2::3", "1:2:3:4:5:6:7", "::1.2.3", "12345::", "1:2:3:4:5:6:7::8"].map(isIpv6Address), [
    false,
    false,
    false,
    false,
    false,
  ]);
  const target = readTarget("http://www.example.org:8001/pub/%7Ea/../WWW/?q", "GET");
  assertEquals(target, { kind: "path", segments: ["pub", "WWW"], query: "?q", host: "www.example.org" });
  assertEquals(readHead("GET /hello.txt HTTP/1.1\r\nHost: www.example.com \r\n\r\n"), {
    kind: "complete",
    length: 51,
    method: "GET",
    target: "/hello.txt",
    minorVersion: 1,
    fields: [["host", "www.example.com"]],
  });
});

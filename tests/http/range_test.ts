/**
 * Byte ranges (RFC 9110, section 14): selected ones, unsatisfiable ones, and ignored fields.
 */

import { assert, assertEquals } from "@std/assert";
import { RANGES_MAX } from "../../src/http/limits.ts";
import { formatContentRange } from "../../src/http/byte_range.ts";
import { readRanges, selectRanges } from "../../src/http/semantics/range.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { randomFrom } from "../feed.ts";

/** The selection as a text, `0-4 7-9` for two ranges. */
function selected(field: string, length = 10): string | null {
  const ranges = selectRanges(field, length);
  return ranges === null || ranges === "unsatisfiable"
    ? ranges
    : ranges.map(({ first, last }) => `${first}-${last}`).join(" ");
}

function assertSelected(cases: readonly (readonly [field: string, expected: string | null])[], length = 10): void {
  for (const [field, expected] of cases) assertEquals(selected(field, length), expected, field);
}

Deno.test("selectRanges() accepts a first and a last position, both inclusive", () => {
  assertSelected([["bytes=0-4", "0-4"], ["bytes=5-5", "5-5"], ["bytes=0-9", "0-9"], ["bytes=9-9", "9-9"], [
    "bytes=007-08",
    "7-8",
  ]]);
});

Deno.test("selectRanges() extends a range without a last position to the end (14.1.2)", () => {
  assertSelected([["bytes=0-", "0-9"], ["bytes=7-", "7-9"], ["bytes=9-", "9-9"]]);
});

Deno.test("selectRanges() selects the last bytes for a suffix (14.1.2)", () => {
  assertSelected([["bytes=-1", "9-9"], ["bytes=-3", "7-9"], ["bytes=-10", "0-9"]]);
});

Deno.test("selectRanges() cuts a range at the end (14.1.2)", () => {
  assertSelected([["bytes=5-10", "5-9"], ["bytes=0-999", "0-9"], ["bytes=-11", "0-9"], ["bytes=-999", "0-9"]]);
});

Deno.test("selectRanges() accepts numbers of any length", () => {
  for (const digits of ["9007199254740993", "18446744073709551616", "9".repeat(400)]) {
    assertSelected([
      [`bytes=0-${digits}`, "0-9"],
      [`bytes=-${digits}`, "0-9"],
      [`bytes=${digits}-`, "unsatisfiable"],
      [`bytes=${digits}-${digits}`, "unsatisfiable"],
    ]);
  }
});

Deno.test("selectRanges() treats a first position at or after the end as unsatisfiable", () => {
  assertSelected([["bytes=10-", "unsatisfiable"], ["bytes=10-10", "unsatisfiable"], ["bytes=99-100", "unsatisfiable"]]);
});

Deno.test("selectRanges() treats bytes=-0 as unsatisfiable", () => {
  assertSelected([["bytes=-0", "unsatisfiable"], ["bytes=-000", "unsatisfiable"]]);
});

Deno.test("selectRanges() omits the unsatisfiable ranges of a set", () => {
  assertSelected([["bytes=0-1,10-", "0-1"], ["bytes=-0,99-,3-4", "3-4"], ["bytes=10-,-0", "unsatisfiable"]]);
});

Deno.test("selectRanges() keeps the order of the request", () => {
  assertSelected([["bytes=7-8,0-1,3-4", "7-8 0-1 3-4"], ["bytes=-1,0-0", "9-9 0-0"]]);
});

Deno.test("selectRanges() accepts blanks and empty members in the list (RFC 9110, 5.6.1)", () => {
  assertSelected([["bytes=0-1 ,\t3-4", "0-1 3-4"], ["bytes=,0-1,, 3-4,", "0-1 3-4"]]);
});

Deno.test("selectRanges() compares the unit without case (14.1)", () => {
  assertSelected([["Bytes=0-1", "0-1"], ["BYTES=0-1", "0-1"]]);
});

Deno.test("selectRanges() ignores unknown units (14.2)", () => {
  assertSelected([["lines=0-1", null], ["bytesx=0-1", null], ["xbytes=0-1", null], ["byte=0-1", null], [
    "none=",
    null,
  ]]);
});

Deno.test("selectRanges() ignores a malformed field (14.2)", () => {
  const fields = [
    "",
    "bytes",
    "bytes=",
    "bytes=,",
    "bytes 0-1",
    "bytes =0-1",
    "bytes:0-1",
    "0-1",
    "bytes=-",
    "bytes=5",
    "bytes=a-b",
    "bytes=0-b",
    "bytes=0-1-2",
    "bytes=--1",
    "bytes=0--1",
    "bytes=+0-1",
    "bytes=0x0-0x1",
    "bytes=0.0-1",
    "bytes=1e0-2",
    "bytes=0 - 1",
    "bytes=0-1;",
    "bytes=0-1/10",
    "bytes=\xb2-3",
    "bytes=0-1\xa0",
    "bytes=0-1, bytes=3-4",
  ];
  assertSelected(fields.map((field) => [field, null]));
});

Deno.test("selectRanges() treats a last position before the first as malformed (14.1.1)", () => {
  assertSelected([["bytes=5-4", null], ["bytes=99-98", null]]);
});

Deno.test("selectRanges() ignores the whole field if one member is malformed", () => {
  assertSelected([["bytes=0-1,x", null], ["bytes=5-4,0-1", null], ["bytes=0-1,-", null]]);
});

Deno.test("selectRanges() ignores a set that selects more bytes than the representation has (14.2)", () => {
  assertSelected([["bytes=0-9,0-0", null], ["bytes=0-,0-,0-", null], ["bytes=0-5,3-8", null]]);
  assertSelected([["bytes=0-4,5-9", "0-4 5-9"], ["bytes=0-4,4-8", "0-4 4-8"]]);
});

Deno.test("selectRanges() ignores a set with too many ranges", () => {
  const members = Array.from({ length: RANGES_MAX + 1 }, (_, at) => `${at}-${at}`);
  assertEquals(selectRanges(`bytes=${members.slice(1).join()}`, 1000)?.length, RANGES_MAX);
  assertEquals(selectRanges(`bytes=${members.join()}`, 1000), null);
});

Deno.test("selectRanges() ignores ranges of an empty representation", () => {
  const fields = ["bytes=0-", "bytes=0-0", "bytes=5-9", "bytes=-0", "bytes=-1", "bytes=-5,0-", "bytes=1-0"];
  assertSelected(fields.map((field) => [field, null]), 0);
});

Deno.test("selectRanges() only selects ranges within the representation, and not more bytes than it has", () => {
  const random = randomFrom(14);
  const parts = ["0", "1", "9", "10", "-", "-", ",", " ", "5", "99999999999999999999", "x"];
  let satisfied = 0;
  for (let round = 0; round < 20_000; round++) {
    const set = Array.from({ length: 1 + Math.floor(random() * 7) }, () => parts[Math.floor(random() * parts.length)]);
    const length = Math.floor(random() * 12);
    const ranges = selectRanges(`bytes=${set.join("")}`, length);
    if (ranges === null || ranges === "unsatisfiable") continue;
    satisfied++;
    const isWithin = ranges.every(({ first, last }) => first >= 0 && first <= last && last < length);
    const total = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    assert(ranges.length > 0 && isWithin && total <= length, `${set.join("")} of ${length}: ${JSON.stringify(ranges)}`);
  }
  assert(satisfied > 500, `only ${satisfied} were satisfied`);
});

Deno.test("formatContentRange() writes first, last and complete length (14.4)", () => {
  assertEquals(formatContentRange({ first: 0, last: 99, completeLength: 1000 }), "bytes 0-99/1000");
  assertEquals(formatContentRange({ first: 5, last: 5, completeLength: 6 }), "bytes 5-5/6");
});

/** What is selected by the octets of a field that stands among other bytes. */
function selectedByOctets(field: string, length = 10): string | null {
  const bytes = latin1Bytes(`Range: ${field}9\r\n`);
  const ranges = readRanges({ bytes, first: "Range: ".length, end: "Range: ".length + field.length }, length);
  return typeof ranges === "string" ? ranges : ranges?.map(({ first, last }) => `${first}-${last}`).join(" ") ?? null;
}

Deno.test("readRanges() selects the ranges of a field without unusual blanks", () => {
  for (
    const [field, expected] of [
      ["bytes=0-4", "0-4"],
      ["bytes=5-5", "5-5"],
      ["bytes=0-", "0-9"],
      ["bytes=9-", "9-9"],
      ["bytes=-3", "7-9"],
      ["bytes=-30", "0-9"],
      ["bytes=5-999999999999999", "5-9"],
      ["bytes=007-08", "7-8"],
      ["BYTES=1-2", "1-2"],
      ["bytes=0-0,2-3", "0-0 2-3"],
      ["bytes=-1, 0-0, 5-6", "9-9 0-0 5-6"],
      ["bytes=0-1,10-", "0-1"],
      ["bytes=10-", "unsatisfiable"],
      ["bytes=10-12", "unsatisfiable"],
      ["bytes=-0", "unsatisfiable"],
      ["bytes=10-,-0", "unsatisfiable"],
    ] as const
  ) assertEquals([selectedByOctets(field), selected(field)], [expected, expected], field);
});

Deno.test("readRanges() leaves everything else to selectRanges()", () => {
  for (
    const field of [
      ..."bytes=4-3 bytes=- bytes= bytes bytes=a-b bytes=1-2-3 bytes=1 items=0-4 bytes=0-1,4-3 bytes=0-5,5-9".split(
        " ",
      ),
      ..."bytes=0-4, bytes=,0-4 byte=0-4 ytes=0-4 bytes:0-4 bytes=+1-2 bytes=1-0x2 bytes=0-9999999999999999".split(
        " ",
      ),
      "bytes=0-4 ",
      "bytes=0-4,  5-6",
      "bytes=0-4 ,5-6",
      "bytes= 0-4",
      "bytes =0-4",
      "",
    ]
  ) assertEquals(selectedByOctets(field), null, field);
});

Deno.test("readRanges() leaves sets with too many ranges, and ranges of an empty representation, to selectRanges()", () => {
  const members = Array.from({ length: RANGES_MAX + 1 }, (_, at) => `${at}-${at}`);
  assertEquals(selectedByOctets(`bytes=${members.join()}`, 1000), null);
  assertEquals(selectedByOctets(`bytes=${members.slice(1).join()}`, 1000)?.split(" ").length, RANGES_MAX);
  assertEquals(selectedByOctets("bytes=0-4", 0), null);
});

Deno.test("readRanges() selects what selectRanges() selects, or leaves it to that", () => {
  const random = randomFrom(15);
  const oneOf = (texts: readonly string[]) => texts[Math.floor(random() * texts.length)]!;
  const pieces = ["0", "1", "9", "10", "-", "-", "-", ",", " ", "5", "999999999999999", "x"];
  const member = () => oneOf(["0-0", "1-2", "-1", "9-9", "10-", "5-6", "4-3", ""]) + oneOf([",", ",", ", ", " ,"]);
  const counts = [0, 0, 0];
  for (let round = 0; round < 20_000; round++) {
    const make = round % 2 === 0 ? member : () => oneOf(pieces);
    const set = Array.from({ length: 1 + Math.floor(random() * 4) }, make).join("").replace(/, ?$/, "");
    const length = Math.floor(random() * 12);
    const ranges = selectedByOctets(`bytes=${set}`, length);
    if (ranges === null) continue;
    counts[ranges === "unsatisfiable" ? 0 : Math.min(2, ranges.split(" ").length)]!++;
    assertEquals(selected(`bytes=${set}`, length), ranges, `${set} of ${length}`);
  }
  for (const count of counts) assert(count > 200, counts.join());
});

/**
 * Field values by their grammars: compares ranges, dates and preconditions with slow references.
 */

import fc from "../../fast_check.ts";
import { evaluate, rangeApplies, type Validator } from "../../../src/http/semantics/conditional.ts";
import { formatDate, parseDate } from "../../../src/http/date.ts";
import { headOf } from "../../http/heads.ts";
import { agree, insist } from "../agree.ts";
import { checkRanges, formsOf } from "../mutants/values.ts";
import { property } from "../property.ts";
import { type Conditions, judge, judgeIfRange, type Tag } from "../reference/preconditions.ts";

const positions = fc.oneof(fc.nat(12), fc.nat(1100), fc.bigInt({ min: 0n, max: 1n << 80n })).map(String);
const zeros = fc.constantFrom("", "", "", "0", "0000000000000000000000");

const specs = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(zeros, positions, zeros, positions).map(([a, first, b, last]) => `${a}${first}-${b}${last}`),
  },
  { weight: 3, arbitrary: fc.tuple(fc.nat(12), fc.nat(3)).map(([first, more]) => `${first}-${first + more}`) },
  { weight: 2, arbitrary: positions.map((first) => `${first}-`) },
  { weight: 2, arbitrary: positions.map((length) => `-${length}`) },
  { weight: 1, arbitrary: fc.constantFrom("", "-", "--1", "1--2", "a-b", "1-2-3", "+1-2", "1 -2", "0x1-2", "1.0-2") },
);

export const rangeSets = property({
  name: "range-sets",
  runsInTests: 1000,
  values: fc.record({
    unit: fc.oneof({ weight: 9, arbitrary: fc.constantFrom("bytes", "Bytes") }, { weight: 1, arbitrary: fc.string() }),
    specs: fc.oneof({ weight: 9, arbitrary: fc.array(specs, { maxLength: 5 }) }, fc.array(specs, { maxLength: 80 })),
    comma: fc.constantFrom(",", ", ", " ,\t", ",,"),
    length: fc.oneof(fc.nat(12), fc.nat(1000)),
  }),
  check: ({ unit, specs, comma, length }) => checkRanges(`${unit}=${specs.join(comma)}`, length),
});

/** Whole seconds of the years 1 to 9999. */
const times = fc.oneof(
  fc.date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true }),
  fc.date({ min: new Date("1950-01-01T00:00:00Z"), max: new Date("2100-12-31T23:59:59Z"), noInvalidDate: true }),
).map((date) => Math.floor(date.getTime() / 1000) * 1000);

const clocks = fc.date({
  min: new Date("1970-01-01T00:00:00Z"),
  max: new Date("2200-01-01T00:00:00Z"),
  noInvalidDate: true,
})
  .map((date) => date.getTime());

const YEAR_MS = 366 * 86_400_000;

export const dateForms = property({
  name: "date-forms",
  runsInTests: 500,
  values: fc.tuple(times, clocks),
  check([time, now]) {
    const [imf, rfc850, asctime] = formsOf(time);
    agree(formatDate(time), imf, "the formatted date");
    agree(parseDate(imf, now), time, "IMF-fixdate");
    agree(parseDate(asctime, now), time, "asctime");
    const short = parseDate(rfc850, now);
    // The century of a two-digit year depends on the clock: the date is at most 50 years ahead. Day and time stay the same.
    insist(short === null || short <= now + 50 * YEAR_MS, "more than 50 years in the future");
    if (short !== null) {
      agree(
        formatDate(short).slice(5).replace(/ \d\d(\d\d) /, "$1"),
        imf.slice(5).replace(/ \d\d(\d\d) /, "$1"),
        "RFC 850",
      );
    }
    const isNear = time > now - 45 * YEAR_MS && new Date(time).getUTCFullYear() <= new Date(now).getUTCFullYear();
    const isSameCentury =
      Math.floor(new Date(time).getUTCFullYear() / 100) === Math.floor(new Date(now).getUTCFullYear() / 100);
    if (isNear && isSameCentury) agree(short, time, "RFC 850 of a time that has been");
    return isNear ? "near" : "far";
  },
});

export const dateMistakes = property({
  name: "date-mistakes",
  runsInTests: 2000,
  values: fc.record({
    form: fc.nat(2),
    day: fc.nat(40),
    month: fc.constantFrom("Jan", "Feb", "Mar", "Apr", "Jun", "Nov", "Dec", "jan", "Foo", "Janu", ""),
    year: fc.oneof(fc.integer({ min: 1000, max: 9999 }), fc.constantFrom(1900, 2000, 2023, 2024, 2100)),
    hour: fc.nat(30),
    minute: fc.nat(70),
    second: fc.oneof(fc.nat(70), fc.constantFrom(59, 60, 61)),
  }),
  check({ form, day, month, year, hour, minute, second }) {
    const two = (number: number) => String(number).padStart(2, "0");
    const four = String(year).padStart(4, "0");
    const clock = `${two(hour)}:${two(minute)}:${two(second)}`;
    const text = [
      `Mon, ${two(day)} ${month} ${four} ${clock} GMT`,
      `Monday, ${two(day)}-${month}-${four.slice(-2)} ${clock} GMT`,
      `Mon ${month} ${String(day).padStart(2)} ${clock} ${four}`,
    ][form]!;
    const time = parseDate(text, Date.UTC(year, 0, 1));
    const monthAt = ["Jan", "Feb", "Mar", "Apr", "Jun", "Nov", "Dec"].indexOf(month);
    const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
    const days = [31, isLeap ? 29 : 28, 31, 30, 30, 30, 31][monthAt] ?? 0;
    const exists = day >= 1 && day <= days && hour < 24 && minute < 60 && second <= 60;
    agree(time !== null, exists, text);
    return exists ? "exists" : "does not exist";
  },
});

const ETAG = '"a,b"';
const MODIFIED_MS = Date.UTC(2020, 1, 29, 12);
const STATES: readonly Validator[] = [
  { etag: ETAG, modifiedMs: MODIFIED_MS },
  { etag: `W/${ETAG}`, modifiedMs: MODIFIED_MS },
  { etag: ETAG, modifiedMs: null },
  { etag: ETAG, modifiedMs: Date.UTC(2030, 0, 1) },
];
const NOW_MS = Date.UTC(2024, 0, 1);

const tags: fc.Arbitrary<Tag> = fc.record({
  isWeak: fc.boolean(),
  opaque: fc.oneof(
    fc.constantFrom(ETAG, ETAG, '""', '"a"', '"A,B"'),
    fc.string({ unit: fc.constantFrom(..."abW/,*;\\ÿ") }).map((text) => `"${text}"`),
  ),
});
const tagLists = fc.option(fc.oneof(fc.constant("*" as const), fc.array(tags, { minLength: 1, maxLength: 4 })));
const dates = fc.option(fc.oneof(
  fc.integer({ min: -2, max: 2 }).map((seconds) => MODIFIED_MS + seconds * 1000),
  times,
));

const conditions: fc.Arbitrary<Conditions> = fc.record({
  ifMatch: tagLists,
  ifUnmodifiedSinceMs: dates,
  ifNoneMatch: tagLists,
  ifModifiedSinceMs: dates,
});

export const preconditions = property({
  name: "preconditions",
  runsInTests: 1000,
  values: fc.tuple(
    conditions,
    fc.constantFrom(", ", ",", " , ,\t"),
    fc.boolean(),
    fc.option(fc.oneof(tags, dates)),
    fc.constantFrom(...STATES),
  ),
  check([conditions, comma, severalLines, ifRange, state]) {
    const lines = fieldLinesOf(conditions, comma, severalLines);
    if (ifRange !== null) {
      lines.push(`If-Range: ${typeof ifRange === "number" ? formatDate(ifRange) : writeTag(ifRange)}`);
    }
    const head = headOf(lines);
    const outcome = evaluate(head, state, NOW_MS);
    agree(outcome, judge(conditions, state), "13.2.2");
    const applies = rangeApplies(head, state, NOW_MS);
    agree(applies, judgeIfRange(ifRange, state, NOW_MS), "If-Range");
    return `${outcome}, ${applies}`;
  },
});

function fieldLinesOf(conditions: Conditions, comma: string, severalLines: boolean): string[] {
  const list = (name: string, tags: Conditions["ifMatch"]) => {
    if (tags === null) return [];
    if (tags === "*") return [`${name}: *`];
    return severalLines
      ? tags.map((tag) => `${name}: ${writeTag(tag)}`)
      : [`${name}: ${tags.map(writeTag).join(comma)}`];
  };
  const date = (name: string, timeMs: number | null) => timeMs === null ? [] : [`${name}: ${formatDate(timeMs)}`];
  return [
    ...list("If-Match", conditions.ifMatch),
    ...date("If-Unmodified-Since", conditions.ifUnmodifiedSinceMs),
    ...list("If-None-Match", conditions.ifNoneMatch),
    ...date("If-Modified-Since", conditions.ifModifiedSinceMs),
  ];
}

function writeTag({ isWeak, opaque }: Tag): string {
  return (isWeak ? "W/" : "") + opaque;
}

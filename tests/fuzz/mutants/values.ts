/**
 * Mutated field values. The parsers of ranges, dates and preconditions agree with the slow references, and never throw.
 */

import { evaluate, rangeApplies, type Validator } from "../../../src/http/semantics/conditional.ts";
import { formatDate, parseDate } from "../../../src/http/date.ts";
import { parseHead, RequestHead } from "../../../src/http/h1/head.ts";
import { acceptanceOf, CODINGS } from "../../../src/http/semantics/coding.ts";
import { selectRanges } from "../../../src/http/semantics/range.ts";
import { Accumulator } from "../../../src/net/accumulator.ts";
import { receive } from "../../feed.ts";
import { WALL_MS } from "../../http/conversation.ts";
import { preferred } from "../../http/codings.ts";
import { agree, insist } from "../agree.ts";
import { mutating } from "../mutating.ts";
import { toBytes, toText } from "../mutate.ts";
import { fieldValue, type HeadRead, readHead } from "../reference/head.ts";
import { judge, judgeIfRange, readTags } from "../reference/preconditions.ts";
import { readRanges } from "../reference/range.ts";
import * as seeds from "../seeds.ts";

const LENGTHS = [0, 1, 10, 1000];

export const rangeValues = mutating({
  name: "range-values",
  runsInTests: 1500,
  found: ["bytes=9007199254740993-9007199254740992"], // Both are the same number in double precision.
  seeds: seeds.RANGE_VALUES,
  dictionary: seeds.RANGE_WORDS,
  bytesMax: 2000,
  check: (bytes) => LENGTHS.map((length) => checkRanges(toText(bytes), length)).join(", "),
});

/** Compares with the reference, and checks rules that are true for all ranges. */
export function checkRanges(field: string, length: number): string {
  const selected = selectRanges(field, length);
  const reference = readRanges(field, length);
  if (selected === null || selected === "unsatisfiable") {
    agree(selected ?? "ignore", reference, `of ${length} bytes`);
    return selected ?? "ignored";
  }
  agree(selected.map(({ first, last }) => [first, last] as const), reference, `of ${length} bytes`);
  const isInside = selected.every(({ first, last }) => first >= 0 && first <= last && last < length);
  const total = selected.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  insist(isInside && total <= length && selected.length > 0, `outside of ${length} bytes`);
  return `${Math.min(selected.length, 5)} ranges`;
}

export const codingValues = mutating({
  name: "coding-values",
  runsInTests: 1500,
  seeds: [["gzip, deflate, br", "zstd;q=0.5, *;q=0.1", "identity;q=0, x-gzip;q=1.000"].join(", ")],
  dictionary: [..."gzip|br|zstd|identity|*|x-gzip|;q=|0.5|;q=0|1.000| ;\t|,".split("|")],
  bytesMax: 2000,
  check: (bytes) => checkCodings(toText(bytes)),
});

/** Compares with the reference for each set of forms. */
function checkCodings(value: string): string {
  const { codings, isIdentityAccepted } = acceptanceOf(value);
  const last = isIdentityAccepted ? "identity" : "406";
  for (let set = 0; set < 1 << CODINGS.length; set++) {
    const forms = CODINGS.filter((_, index) => (set & 1 << index) !== 0);
    agree(codings.find((coding) => forms.includes(coding)) ?? last, preferred(value, forms), `of ${forms.join(", ")}`);
  }
  return `${codings.join(", ")} ${last}`;
}

export const dateValues = mutating({
  name: "date-values",
  runsInTests: 3000,
  seeds: seeds.DATE_VALUES,
  dictionary: seeds.DATE_WORDS,
  bytesMax: 200,
  check: (bytes) => checkDate(toText(bytes)),
});

/** A parsed date, formatted again, is the same text except for the weekday, the century and a leap second. */
function checkDate(text: string): string {
  const time = parseDate(text, WALL_MS);
  if (time === null) return "no date"; // The property fuzzer checks that no valid date is refused.
  const isLeapSecond = text.includes(":60");
  const [imf, rfc850, asctime] = formsOf(isLeapSecond ? time - 1000 : time);
  const withoutDay = (isLeapSecond ? text.replace(":60", ":59") : text).replace(/^[A-Z][a-z]+/, "");
  const forms = [imf, rfc850, asctime, asctime.replace("  ", " 0")].map((form) => form.replace(/^[A-Z][a-z]+/, ""));
  insist(forms.includes(withoutDay), `read as ${formatDate(time)}`);
  return ["IMF-fixdate", "RFC 850", "asctime", "asctime"][forms.indexOf(withoutDay)]!;
}

/** The three forms of one time. */
export function formsOf(timeMs: number): [imf: string, rfc850: string, asctime: string] {
  const imf = formatDate(timeMs);
  const [day = "", date = "", month = "", year = "", time = ""] = imf.replace(",", "").split(" ");
  const longDay =
    { Sun: "Sunday", Mon: "Monday", Tue: "Tuesday", Wed: "Wednesday", Thu: "Thursday", Fri: "Friday" }[day];
  return [
    imf,
    `${longDay ?? "Saturday"}, ${date}-${month}-${year.slice(-2)} ${time} GMT`,
    `${day} ${month} ${date.replace(/^0/, " ")} ${time} ${year}`,
  ];
}

const STATES: readonly Validator[] = [
  { etag: '"etag"', modifiedMs: WALL_MS },
  { etag: 'W/"etag"', modifiedMs: WALL_MS },
  { etag: '"etag"', modifiedMs: null },
];
const NOW_MS = WALL_MS + 3_600_000;

export const conditionValues = mutating({
  name: "condition-values",
  runsInTests: 1500,
  seeds: seeds.CONDITION_VALUES,
  dictionary: seeds.CONDITION_WORDS,
  bytesMax: 6000,
  check: (bytes) => STATES.map((state) => checkConditions(toText(bytes), state)).join("; "),
});

function checkConditions(fieldLines: string, state: Validator): string {
  const text = `GET / HTTP/1.1\r\n${fieldLines}\r\n`;
  const reference = readHead(text);
  if (reference.kind !== "complete") return reference.kind;
  const head = parse(text);
  const outcome = evaluate(head, state, NOW_MS);
  const applies = rangeApplies(head, state, NOW_MS);
  const ifRange = fieldValue(reference, "if-range");
  const strong = { isWeak: false, opaque: ifRange ?? "" };
  const asked = ifRange === null ? null : parseDate(ifRange, NOW_MS) ?? strong;
  agree(applies, judgeIfRange(asked, state, NOW_MS), "If-Range");
  const conditions = readConditions(reference);
  // Malformed lists have no defined meaning. The code must only not throw.
  if (conditions !== null) agree(outcome, judge(conditions, state), "13.2.2");
  return `${outcome}, ${applies}${conditions === null ? ", malformed" : ""}`;
}

function readConditions(head: HeadRead): Parameters<typeof judge>[0] | null {
  const tags = (name: string) => {
    const value = fieldValue(head, name);
    return value === null ? undefined : readTags(value);
  };
  const time = (name: string) => parseDate(fieldValue(head, name) ?? "", NOW_MS);
  const [ifMatch, ifNoneMatch] = [tags("if-match"), tags("if-none-match")];
  if (ifMatch === null || ifNoneMatch === null) return null;
  return {
    ifMatch: ifMatch ?? null,
    ifNoneMatch: ifNoneMatch ?? null,
    ifUnmodifiedSinceMs: time("if-unmodified-since"),
    ifModifiedSinceMs: time("if-modified-since"),
  };
}

function parse(text: string): RequestHead {
  const input = new Accumulator({ minBytes: 64, maxBytes: 64 * 1024 });
  receive(input, toBytes(text));
  const head = new RequestHead();
  agree(parseHead(input, head), "complete", "the head");
  return head;
}

/**
 * HTTP dates (RFC 9110, section 5.6.7), in milliseconds since 1970-01-01T00:00:00Z.
 * @module
 */

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const DAY = `(?:${DAYS.join("|")})`;
const LONG_DAY = "(?:Sunday|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday)";
const MONTH = `(?<month>${MONTHS.join("|")})`;
const TIME = "(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)";

/** IMF-fixdate, which servers send, and the two obsolete forms, which they must accept. */
const FORMS = [
  new RegExp(`^${DAY}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^${LONG_DAY}, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} GMT$`),
  new RegExp(`^${DAY} ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`),
];

/** `Sun, 06 Nov 1994 08:49:37 GMT`. Fractions of a second are dropped. */
export function formatDate(timeMs: number): string {
  return new Date(timeMs).toUTCString(); // ECMA-262 prescribes this very form for the years 0 to 9999.
}

/** A second, and its text in a field. */
export interface DateValue {
  /** Milliseconds since 1970, a whole second. */
  readonly ms: number;
  /** The value of the field. */
  readonly text: string;
}

/** The first and the last millisecond of the years with four digits. Dates have no other form. */
const FIRST_MS = Date.UTC(-1, 12);
const END_MS = Date.UTC(10_000, 0);

/** The second that contains `timeMs`; `null` if the year has not four digits, or for `NaN`. */
export function dateValue(timeMs: number): DateValue | null {
  if (!(timeMs >= FIRST_MS && timeMs < END_MS)) return null;
  return new Second(Math.floor(timeMs / 1000) * 1000);
}

/** Its text is made for each use, because there is one for each cached file, and its head is written once. */
class Second implements DateValue {
  constructor(readonly ms: number) {}

  get text(): string {
    return formatDate(this.ms);
  }
}

/** Milliseconds of the date `value`; `null` if it has none of the three forms or there is no such time. */
export function parseDate(value: string, nowMs: number): number | null {
  return parseFixdate(value) ?? parseForms(value, nowMs);
}

/** Dates that were parsed before. Most dates are the times of the same files. */
const fixdates = new Map<string, number>();
const FIXDATES_MAX = 1024;

/** The length of a date whose year has four digits. */
const FIXDATE_CHARS = "Sun, 06 Nov 1994 08:49:37 GMT".length;

/** Parses IMF-fixdate with the engine's parser. That accepts much more, so the result is formatted and compared. */
function parseFixdate(value: string): number | null {
  const known = fixdates.get(value);
  if (known !== undefined) return known;
  const time = Date.parse(value);
  if (Number.isNaN(time) || formatDate(time) !== value || value.length !== FIXDATE_CHARS) return null;
  if (fixdates.size >= FIXDATES_MAX) fixdates.clear();
  fixdates.set(value, time);
  return time;
}

function parseForms(value: string, nowMs: number): number | null {
  for (const form of FORMS) {
    const parts = form.exec(value)?.groups;
    if (parts !== undefined) return toTime(parts, nowMs);
  }
  return null;
}

function toTime(parts: Record<string, string>, nowMs: number): number | null {
  const part = (name: string) => Number(parts[name]);
  if (parts["year"]!.length === 4) return timeIn(part("year"), parts);
  // A two-digit year that seems more than 50 years ahead is the most recent past year with those digits.
  const now = new Date(nowMs);
  const century = now.getUTCFullYear() - now.getUTCFullYear() % 100;
  const time = timeIn(century + part("year"), parts);
  const isTooFar = time !== null && time > now.setUTCFullYear(now.getUTCFullYear() + 50);
  return isTooFar ? timeIn(century - 100 + part("year"), parts) : time;
}

function timeIn(year: number, parts: Record<string, string>): number | null {
  const part = (name: string) => Number(parts[name]);
  const month = MONTHS.indexOf(parts["month"]!);
  if (part("hour") > 23 || part("minute") > 59 || part("second") > 60) return null; // 60: a leap second.
  const midnight = new Date(Date.UTC(2000, month, part("day")));
  midnight.setUTCFullYear(year, month, part("day")); // `Date.UTC` treats the years 0 to 99 as 1900 to 1999.
  if (midnight.getUTCDate() !== part("day") || midnight.getUTCMonth() !== month) return null;
  return midnight.getTime() + ((part("hour") * 60 + part("minute")) * 60 + part("second")) * 1000;
}

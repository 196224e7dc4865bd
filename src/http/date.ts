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

/** IMF-fixdate, which is sent, and the two obsolete forms, which must be understood. */
const FORMS = [
  new RegExp(`^${DAY}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^${LONG_DAY}, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} GMT$`),
  new RegExp(`^${DAY} ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`),
];

/** `Sun, 06 Nov 1994 08:49:37 GMT`. Fractions of a second are dropped. */
export function formatDate(timeMs: number): string {
  return new Date(timeMs).toUTCString(); // ECMA-262 prescribes this very form for the years 0 to 9999.
}

/** A second, and the field value that names it. */
export interface DateValue {
  /** Milliseconds since 1970, a whole second. */
  readonly ms: number;
  /** As a field says it. */
  readonly text: string;
}

/** The years that have four digits: a date has no other form. */
const FIRST_MS = Date.UTC(-1, 12);
const END_MS = Date.UTC(10_000, 0);

/** The second that `timeMs` lies in; `null` where no date can name it, or there is none (`NaN`). */
export function dateValue(timeMs: number): DateValue | null {
  if (!(timeMs >= FIRST_MS && timeMs < END_MS)) return null;
  const ms = Math.floor(timeMs / 1000) * 1000;
  return { ms, text: formatDate(ms) };
}

/** The time that `value` names, or `null` when it is none of the three forms or no such time exists. */
export function parseDate(value: string, nowMs: number): number | null {
  return parseFixdate(value) ?? parseForms(value, nowMs);
}

/** What was read before: nearly all dates are times of the same files. */
const fixdates = new Map<string, number>();
const FIXDATES_MAX = 1024;

/** With a year of four digits. */
const FIXDATE_CHARS = "Sun, 06 Nov 1994 08:49:37 GMT".length;

/** The form that is sent today, by the engine's own parser. That takes much more, so its result must read as it was written. */
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
  midnight.setUTCFullYear(year, month, part("day")); // `Date.UTC` would read the years 0 to 99 as 1900 to 1999.
  if (midnight.getUTCDate() !== part("day") || midnight.getUTCMonth() !== month) return null;
  return midnight.getTime() + ((part("hour") * 60 + part("minute")) * 60 + part("second")) * 1000;
}

/**
 * HTTP dates (RFC 9110, section 5.6.7): one form is sent, three are understood.
 */

import { assertEquals } from "@std/assert";
import { formatDate, parseDate } from "../../src/http/date.ts";

/** The example of the RFC: Sun, 06 Nov 1994 08:49:37 GMT. */
const EXAMPLE = 784_111_777_000;
const NOW = Date.UTC(2026, 0, 15);

function parsed(value: string, nowMs = NOW): number | null {
  return parseDate(value, nowMs);
}

Deno.test("formatDate() writes IMF-fixdate", () => {
  assertEquals(formatDate(EXAMPLE), "Sun, 06 Nov 1994 08:49:37 GMT");
  assertEquals(formatDate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  assertEquals(formatDate(Date.UTC(2024, 1, 29, 23, 59, 59)), "Thu, 29 Feb 2024 23:59:59 GMT");
});

Deno.test("formatDate() drops fractions of a second, before 1970 too", () => {
  assertEquals(formatDate(EXAMPLE + 999), "Sun, 06 Nov 1994 08:49:37 GMT");
  assertEquals(formatDate(EXAMPLE + 0.5), "Sun, 06 Nov 1994 08:49:37 GMT");
  assertEquals(formatDate(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
});

Deno.test("formatDate() writes years below 1000 with four digits", () => {
  assertEquals(formatDate(Date.parse("0099-12-31T00:00:00Z")), "Thu, 31 Dec 0099 00:00:00 GMT");
});

Deno.test("parseDate() accepts the three forms of the RFC", () => {
  assertEquals(parsed("Sun, 06 Nov 1994 08:49:37 GMT"), EXAMPLE);
  assertEquals(parsed("Sunday, 06-Nov-94 08:49:37 GMT"), EXAMPLE);
  assertEquals(parsed("Sun Nov  6 08:49:37 1994"), EXAMPLE);
});

Deno.test("parseDate() is the inverse of formatDate(), in every month and on every weekday", () => {
  for (let month = 0; month < 12; month++) {
    for (let day = 1; day <= 28; day += 4) {
      const timeMs = Date.UTC(2031, month, day, 7, 8, 9);
      assertEquals(parsed(formatDate(timeMs)), timeMs);
    }
  }
});

Deno.test("parseDate() reads asctime days of one digit after a blank and of two digits", () => {
  assertEquals(parsed("Wed Nov 16 08:49:37 1994"), Date.UTC(1994, 10, 16, 8, 49, 37));
  assertEquals(parsed("Sun Nov 06 08:49:37 1994"), EXAMPLE);
  assertEquals(parsed("Sun Nov 6 08:49:37 1994"), null);
});

Deno.test("parseDate() reads four-digit years below 100", () => {
  assertEquals(parsed("Thu, 31 Dec 0099 00:00:00 GMT"), Date.parse("0099-12-31T00:00:00Z"));
});

Deno.test("parseDate() accepts February 29 only in leap years", () => {
  assertEquals(parsed("Thu, 29 Feb 2024 00:00:00 GMT"), Date.UTC(2024, 1, 29));
  assertEquals(parsed("Tue, 29 Feb 2000 00:00:00 GMT"), Date.UTC(2000, 1, 29));
  assertEquals(parsed("Wed, 29 Feb 2023 00:00:00 GMT"), null);
  assertEquals(parsed("Thu, 29 Feb 1900 00:00:00 GMT"), null);
});

Deno.test("parseDate() refuses days that the month does not have", () => {
  for (const date of ["31 Apr", "31 Jun", "31 Sep", "31 Nov", "30 Feb", "32 Jan", "00 Jan", "99 Dec"]) {
    assertEquals(parsed(`Sun, ${date} 1994 08:49:37 GMT`), null, date);
  }
});

Deno.test("parseDate() refuses invalid times of day", () => {
  for (const time of ["24:00:00", "08:60:00", "08:49:61", "99:99:99"]) {
    assertEquals(parsed(`Sun, 06 Nov 1994 ${time} GMT`), null, time);
  }
});

Deno.test("parseDate() accepts the first and last second of a day, and treats a leap second as the next second", () => {
  assertEquals(parsed("Sun, 06 Nov 1994 00:00:00 GMT"), Date.UTC(1994, 10, 6));
  assertEquals(parsed("Sun, 06 Nov 1994 23:59:59 GMT"), Date.UTC(1994, 10, 6, 23, 59, 59));
  assertEquals(parsed("Sat, 31 Dec 2016 23:59:60 GMT"), Date.UTC(2017, 0, 1));
});

Deno.test("parseDate() reads a two-digit year up to 50 years ahead as a year in the future", () => {
  const now = Date.UTC(2026, 5, 1);
  assertEquals(parsed("Monday, 01-Jun-26 00:00:00 GMT", now), Date.UTC(2026, 5, 1));
  assertEquals(parsed("Friday, 01-Jan-27 00:00:00 GMT", now), Date.UTC(2027, 0, 1));
  assertEquals(parsed("Friday, 01-May-76 00:00:00 GMT", now), Date.UTC(2076, 4, 1));
});

Deno.test("parseDate() reads a two-digit year more than 50 years ahead as a year in the past", () => {
  const now = Date.UTC(2026, 5, 1);
  assertEquals(parsed("Tuesday, 01-Jan-77 00:00:00 GMT", now), Date.UTC(1977, 0, 1));
  assertEquals(parsed("Friday, 31-Dec-99 00:00:00 GMT", now), Date.UTC(1999, 11, 31));
});

Deno.test("parseDate() reads a two-digit year that has passed as a year of this century", () => {
  assertEquals(parsed("Saturday, 01-Jan-00 00:00:00 GMT"), Date.UTC(2000, 0, 1));
  assertEquals(parsed("Saturday, 29-Feb-20 00:00:00 GMT"), Date.UTC(2020, 1, 29));
});

Deno.test("parseDate() is sensitive to letter case", () => {
  for (
    const value of ["sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 NOV 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 gmt"]
  ) {
    assertEquals(parsed(value), null, value);
  }
});

Deno.test("parseDate() accepts no other zone than GMT", () => {
  for (const zone of ["UTC", "UT", "Z", "+0000", "GMT+1", "EST", ""]) {
    assertEquals(parsed(`Sun, 06 Nov 1994 08:49:37 ${zone}`), null, zone);
  }
});

Deno.test("parseDate() refuses everything that is not exactly one of the forms", () => {
  const values = [
    "",
    "0",
    "784111777",
    "1994-11-06T08:49:37Z",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 94 08:49:37 GMT",
    "Sun, 06-Nov-1994 08:49:37 GMT",
    "Sun, 06-Nov-94 08:49:37 GMT",
    "Sunday, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-1994 08:49:37 GMT",
    "Sun 06 Nov 1994 08:49:37 GMT",
    "Sun,06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 8:49:37 GMT",
    "Sun, 06 Nov 1994 08:49 GMT",
    "Sun, 06 Nov 1994 08:49:37.5 GMT",
    "Sun, 06 November 1994 08:49:37 GMT",
    "Xxx, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Xxx 1994 08:49:37 GMT",
    "Sun Nov  6 08:49:37 94",
    "Sun Nov  6 08:49:37 1994 GMT",
    " Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT ",
    "Sun, 06 Nov 1994 08:49:37 GMT; length=5",
    "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT\n",
  ];
  for (const value of values) assertEquals(parsed(value), null, JSON.stringify(value));
});

Deno.test("parseDate() refuses a year of five digits, although the JavaScript engine accepts it", () => {
  assertEquals(parseDate("Sat, 01 Jan 10000 00:00:00 GMT", NOW), null);
  assertEquals(parseDate("Invalid Date", NOW), null);
});

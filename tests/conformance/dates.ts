/**
 * HTTP dates (RFC 9110, section 5.6.7): the server understands three forms, ignores all others, and sends one.
 */

import { answered, type Case, type Expectation, get, MODIFIED, request, SERVED, type Topic } from "./case.ts";

const FORMS = { rfc: "9110 5.6.7", level: "MUST" } as const;
const IGNORED = { rfc: "9110 13.1.3", level: "MUST" } as const;
const IGNORED_UNMODIFIED = { rfc: "9110 13.1.4", level: "MUST" } as const;

const NOT_MODIFIED = answered({ status: 304 });
const RECENT = answered({ status: 200, content: "recent" });

/** Invalid dates in If-Modified-Since. The server ignores the field. */
const INVALID: readonly (readonly [id: string, about: string, value: string])[] = [
  ["word", "a word", "yesterday"],
  ["empty", "nothing", ""],
  ["number", "seconds since 1970", "784111777"],
  ["zero", "zero", "0"],
  ["negative", "minus one", "-1"],
  ["iso", "ISO 8601", "1994-11-06T08:49:37Z"],
  ["no-weekday", "no weekday", "06 Nov 1994 08:49:37 GMT"],
  ["no-zone", "no zone", "Sun, 06 Nov 1994 08:49:37"],
  ["utc", "UTC for GMT", "Sun, 06 Nov 1994 08:49:37 UTC"],
  ["offset", "an offset for GMT", "Sun, 06 Nov 1994 08:49:37 +0000"],
  ["other-zone", "another zone", "Sun, 06 Nov 1994 08:49:37 PST"],
  ["lower-case", "lower case", "sun, 06 nov 1994 08:49:37 gmt"],
  ["one-digit-day", "a day of one digit", "Sun, 6 Nov 1994 08:49:37 GMT"],
  ["one-digit-hour", "an hour of one digit", "Sun, 06 Nov 1994 8:49:37 GMT"],
  ["no-seconds", "no seconds", "Sun, 06 Nov 1994 08:49 GMT"],
  ["fraction", "a fraction of a second", "Sun, 06 Nov 1994 08:49:37.5 GMT"],
  ["two-digit-year", "a year of two digits", "Sun, 06 Nov 94 08:49:37 GMT"],
  ["five-digit-year", "a year of five digits", "Sun, 06 Nov 19940 08:49:37 GMT"],
  ["month-number", "a month as a number", "Sun, 06 11 1994 08:49:37 GMT"],
  ["month-name", "the name of no month", "Sun, 06 Nob 1994 08:49:37 GMT"],
  ["day-name", "the name of no day", "Son, 06 Nov 1994 08:49:37 GMT"],
  ["dashes", "dashes in the preferred form", "Sun, 06-Nov-1994 08:49:37 GMT"],
  ["two-blanks", "two blanks", "Sun, 06 Nov 1994  08:49:37 GMT"],
  ["no-comma", "no comma", "Sun 06 Nov 1994 08:49:37 GMT"],
  ["trailing", "text after the date", "Sun, 06 Nov 1994 08:49:37 GMT; length=26"],
  ["quotes", "quotes", '"Sun, 06 Nov 1994 08:49:37 GMT"'],
  ["list", "two dates", "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT"],
  ["rfc850-short-day", "a short weekday in the form of RFC 850", "Sun, 06-Nov-94 08:49:37 GMT"],
  ["asctime-zone", "asctime with a zone", "Sun Nov  6 08:49:37 1994 GMT"],
  ["asctime-one-blank", "asctime with a day of one digit and one blank", "Sun Nov 6 08:49:37 1994"],
  ["day-0", "day 0", "Sun, 00 Nov 2094 08:49:37 GMT"],
  ["day-31", "November 31", "Sun, 31 Nov 2094 08:49:37 GMT"],
  ["february-30", "February 30", "Sun, 30 Feb 2094 08:49:37 GMT"],
  ["hour-24", "hour 24", "Sun, 06 Nov 2094 24:49:37 GMT"],
  ["minute-60", "minute 60", "Sun, 06 Nov 2094 08:60:37 GMT"],
  ["second-61", "second 61", "Sun, 06 Nov 2094 08:49:61 GMT"],
];

/** Valid dates in If-Modified-Since. */
const VALID: readonly (readonly [id: string, about: string, path: string, value: string, expected: Expectation])[] = [
  ["imf", "the preferred form", "letters.txt", MODIFIED, NOT_MODIFIED],
  ["rfc850", "the form of RFC 850", "letters.txt", "Sunday, 06-Nov-94 08:49:37 GMT", NOT_MODIFIED],
  ["rfc850-earlier", "the form of RFC 850, a second before", "letters.txt", "Sunday, 06-Nov-94 08:49:36 GMT", SERVED],
  ["asctime", "the form of asctime", "letters.txt", "Sun Nov  6 08:49:37 1994", NOT_MODIFIED],
  ["asctime-earlier", "the form of asctime, a second before", "letters.txt", "Sun Nov  6 08:49:36 1994", SERVED],
  [
    "asctime-two-digits",
    "the form of asctime, a day of two digits",
    "letters.txt",
    "Tue Nov 15 08:49:37 1994",
    NOT_MODIFIED,
  ],
  ["rfc850-past", "94 is 1994, not 2094", "recent.txt", "Sunday, 06-Nov-94 08:49:37 GMT", RECENT],
  ["rfc850-near", "49 years ahead stay ahead", "recent.txt", "{rfc850 49 years ahead}", NOT_MODIFIED],
  ["rfc850-far", "over 50 years ahead are past", "recent.txt", "{rfc850 over 50 years ahead}", RECENT],
  ["leap-day", "February 29 of a leap year", "letters.txt", "Thu, 29 Feb 1996 00:00:00 GMT", NOT_MODIFIED],
  ["leap-second", "second 60", "letters.txt", "Sun, 31 Dec 1995 23:59:60 GMT", NOT_MODIFIED],
  ["year-9999", "the last year", "letters.txt", "Fri, 31 Dec 9999 23:59:59 GMT", NOT_MODIFIED],
  ["year-0000", "the first year", "letters.txt", "Sat, 01 Jan 0000 00:00:00 GMT", SERVED],
];

const OTHER_CASES: readonly Case[] = [
  {
    id: "date-two-lines",
    ...IGNORED,
    about: "If-Modified-Since on two lines has more than one member",
    send: get(`If-Modified-Since: ${MODIFIED}`, `If-Modified-Since: ${MODIFIED}`),
    ...SERVED,
  },
  {
    id: "date-sent",
    ...FORMS,
    about: "Last-Modified is sent in the preferred form",
    send: get(),
    ...answered({ status: 200, fields: { "Last-Modified": MODIFIED } }),
  },
  {
    id: "date-sent-epoch",
    ...FORMS,
    about: "Last-Modified of a file from 1970",
    send: request("GET /epoch.txt"),
    ...answered({ status: 200, fields: { "Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT" } }),
  },
  {
    id: "date-modified-future",
    rfc: "9110 8.8.2.1",
    level: "MUST NOT",
    about: "Last-Modified of a file from the future is not later than Date",
    send: request("GET /future.txt"),
    ...answered({ status: 200, fields: { "Last-Modified": /GMT$/ } }),
  },
  {
    id: "date-modified-future-since",
    rfc: "9110 13.1.3",
    level: "SHOULD",
    about: "a file from the future was modified since 2020",
    send: request("GET /future.txt", "If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT"),
    ...answered({ status: 200 }),
  },
  {
    id: "date-with-error",
    rfc: "9110 6.6.1",
    level: "MUST",
    about: "errors have a Date",
    send: request("GET /missing"),
    ...answered({ status: 404, fields: { Date: /GMT$/ } }),
  },
  {
    id: "date-with-refusal",
    rfc: "9110 6.6.1",
    level: "MUST",
    about: "refusals have a Date",
    send: "\x16\x03\x01",
    answers: [{ status: 400, fields: { Date: /GMT$/ } }],
    then: "closes",
  },
  {
    id: "date-not-extended",
    ...IGNORED,
    about: "If-Modified-Since is ignored for other methods",
    send: get(`If-Modified-Since-X: ${MODIFIED}`, `Last-Modified: ${MODIFIED}`),
    ...SERVED,
  },
];

export const DATES: Topic = {
  name: "dates",
  cases: [
    ...VALID.map(([id, about, path, value, expected]): Case => ({
      id: `date-${id}`,
      ...FORMS,
      about,
      send: request(`GET /${path}`, `If-Modified-Since: ${value}`),
      ...expected,
    })),
    ...INVALID.map(([id, about, value]): Case => ({
      id: `date-invalid-${id}`,
      ...IGNORED,
      about: `If-Modified-Since is ignored: ${about}`,
      send: get(`If-Modified-Since: ${value}`),
      ...SERVED,
    })),
    ...INVALID.filter(([id]) => /^(?:word|empty|zero|iso|one-digit-day|two-digit-year|utc)$/.test(id)).map(
      ([id, about, value]): Case => ({
        id: `date-invalid-unmodified-${id}`,
        ...IGNORED_UNMODIFIED,
        about: `If-Unmodified-Since is ignored: ${about}`,
        send: request("GET /recent.txt", `If-Unmodified-Since: ${value}`),
        ...RECENT,
      }),
    ),
    ...OTHER_CASES,
  ],
};

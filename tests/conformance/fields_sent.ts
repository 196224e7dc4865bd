/**
 * The fields of responses (RFC 9110, sections 6.6, 8 and 10), for every kind of answer.
 */

import { answered, type Case, get, LETTERS, MODIFIED, request, type Topic } from "./case.ts";

type Fields = Readonly<Record<string, string | RegExp | null>>;

const FILE_FIELDS: Fields = {
  Date: /GMT$/,
  Server: /./,
  "Last-Modified": MODIFIED,
  ETag: "{etag}",
  "Cache-Control": "no-cache",
  "Transfer-Encoding": null,
  "Content-Encoding": null,
  "Content-Range": null,
  Allow: null,
  Location: null,
};

const ERROR_FIELDS: Fields = {
  Date: /GMT$/,
  Server: /./,
  "Content-Type": "text/html; charset=utf-8",
  "Content-Length": /^[1-9][0-9]*$/,
  "Cache-Control": "no-cache",
  ETag: null,
  "Last-Modified": null,
  "Accept-Ranges": null,
  "Content-Range": null,
  Upgrade: null,
};

/** The Content-Type of each file. */
const TYPES: readonly (readonly [id: string, path: string, type: RegExp])[] = [
  ["html", "/", /^text\/html; charset=utf-8$/],
  ["text", "/letters.txt", /^text\/plain; charset=utf-8$/],
  ["binary", "/big.bin", /^application\/octet-stream$/],
  ["no-extension", "/unknown", /^text\/plain; charset=utf-8$/],
  ["index", "/dir/", /^text\/html; charset=utf-8$/],
];

/** Errors. Each has a page that explains it and repeats nothing of the request. */
const ERRORS: readonly (readonly [id: string, sent: string, status: number, then: Case["then"]])[] = [
  ["400", request("GET /%", "Cookie: secret"), 400, "closes"],
  ["403", request("GET /outside", "Cookie: secret"), 403, "persists"],
  ["404", request("GET /<secret>", "Cookie: secret"), 404, "persists"],
  ["405", request("POST /secret", "Cookie: secret"), 405, "persists"],
  ["412", get('If-Match: "secret"'), 412, "persists"],
  ["413", get("Content-Length: 1000000", "Cookie: secret"), 413, "closes"],
  ["414", request(`GET /${"secret".repeat(2000)}`), 414, "closes"],
  ["417", get("Expect: secret"), 417, "closes"],
  ["431", get(`Cookie: ${"secret".repeat(2000)}`), 431, "closes"],
  ["501", request("SECRET /secret", "Cookie: secret"), 501, "persists"],
  ["505", "GET /secret HTTP/2.0\r\nHost: a\r\n\r\n", 505, "closes"],
];

/** Answers whose Content-Length must be the length of the content, which the reader of responses checks. */
const LENGTHS: readonly (readonly [id: string, path: string, length: number])[] = [
  ["file", "/letters.txt", 26],
  ["empty", "/empty.txt", 0],
  ["index", "/", 13],
  ["large", "/big.bin", 1_048_576],
];

const OTHER_CASES: readonly Case[] = [
  {
    id: "sent-file",
    rfc: "9110 15.3.1",
    level: "SHOULD",
    about: "the answer for a file has both validators, and no fields that would be wrong",
    send: get(),
    ...answered({ status: 200, content: LETTERS, fields: FILE_FIELDS }),
  },
  {
    id: "sent-same-twice",
    rfc: "9110 15.3.1",
    level: "SHOULD",
    about: "the validators stay the same while the file does not change",
    send: get() + get(),
    answers: [{ status: 200 }, { status: 200, fieldsOfFirst: true }],
    then: "persists",
  },
  {
    id: "sent-same-on-head",
    rfc: "9110 9.3.2",
    level: "SHOULD",
    about: "HEAD has the same validators",
    send: get() + request("HEAD /letters.txt"),
    answers: [{ status: 200 }, { status: 200, toHead: true, fieldsOfFirst: true }],
    then: "persists",
  },
  {
    id: "sent-partial-length",
    rfc: "9110 15.3.7",
    level: "MUST",
    about: "Content-Length of a 206 is the length of the part",
    send: get("Range: bytes=3-7"),
    ...answered({ status: 206, content: "defgh", fields: { "Content-Length": "5", "Cache-Control": "no-cache" } }),
  },
  {
    id: "sent-304-cache",
    rfc: "9110 15.4.5",
    level: "MUST",
    about: "a 304 has the Cache-Control that a 200 has",
    send: get("If-None-Match: *"),
    ...answered({ status: 304, fields: { "Cache-Control": "no-cache", ETag: "{etag}" } }),
  },
  {
    id: "sent-301",
    rfc: "9110 15.4.2",
    level: "SHOULD",
    about: "a redirect has a Location and a page",
    send: request("GET /dir"),
    ...answered({ status: 301, fields: { Location: "/dir/", "Content-Length": /^[1-9]/, ETag: null } }),
  },
  {
    id: "sent-416",
    rfc: "9110 15.5.17",
    level: "SHOULD",
    about: "416 gives the length of the file",
    send: get("Range: bytes=26-"),
    ...answered({ status: 416, fields: { "Content-Range": "bytes */26", "Content-Length": /^[1-9]/ } }),
  },
  {
    id: "sent-505",
    rfc: "9110 15.6.6",
    level: "SHOULD",
    about: "505 names the supported version",
    send: "GET / HTTP/3.0\r\nHost: a\r\n\r\n",
    answers: [{ status: 505, content: /HTTP\/1\.1/ }],
    then: "closes",
  },
  {
    id: "sent-1.0-framing",
    rfc: "9112 6.1",
    level: "MUST NOT",
    about: "an answer to HTTP/1.0 has no Transfer-Encoding",
    send: "GET /letters.txt HTTP/1.0\r\nTE: chunked\r\n\r\n",
    answers: [{ status: 200, content: LETTERS, fields: { "Transfer-Encoding": null, Trailer: null } }],
    then: "closes",
  },
];

export const FIELDS_SENT: Topic = {
  name: "fields of responses",
  cases: [
    ...TYPES.map(([id, path, type]): Case => ({
      id: `sent-type-${id}`,
      rfc: "9110 8.3",
      level: "SHOULD",
      about: `Content-Type: ${id}`,
      send: request(`GET ${path}`),
      ...answered({ status: 200, fields: { "Content-Type": type } }),
    })),
    ...LENGTHS.map(([id, path, length]): Case => ({
      id: `sent-length-${id}`,
      rfc: "9110 8.6",
      level: "SHOULD",
      about: `Content-Length: ${id}`,
      send: request(`GET ${path}`),
      ...answered({ status: 200, fields: { "Content-Length": String(length) } }),
    })),
    ...ERRORS.map(([id, sent, status, then]): Case => ({
      id: `sent-error-${id}`,
      rfc: "9110 15.5",
      level: "SHOULD",
      about: `${id} has an explanation, and repeats nothing of the request`,
      send: sent,
      answers: [{ status, content: /^(?!.*secret).*<h1>/s, fields: ERROR_FIELDS }],
      then,
    })),
    ...OTHER_CASES,
  ],
};

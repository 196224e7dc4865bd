/**
 * Redirects to the slash of a directory (RFC 9110, 10.2.2 and 15.4.2): Location is a valid URI and stays on this host.
 */

import { answered, type Case, either, request, type Topic } from "./case.ts";

const SAFE = { rfc: "9110 10.2.2", level: "MUST" } as const;
const GRAMMAR = { rfc: "9110 2.2", level: "MUST NOT" } as const;
const LOCATION = { rfc: "9110 15.4.2", level: "SHOULD" } as const;

type Rule = Pick<Case, "rfc" | "level">;

/** Targets, and the Location of their redirects. */
const REDIRECTS: readonly (readonly [id: string, about: string, target: string, location: string, rule: Rule])[] = [
  ["plain", "a directory", "/dir", "/dir/", LOCATION],
  ["query", "a query is kept", "/dir?a=b&c", "/dir/?a=b&c", LOCATION],
  ["empty-query", "an empty query is kept", "/dir?", "/dir/?", LOCATION],
  ["absolute", "an absolute target", "http://a/dir", "/dir/", LOCATION],
  ["blank", "a blank", "/a%20b", "/a%20b/", GRAMMAR],
  ["percent", "a percent sign", "/100%25", "/100%25/", GRAMMAR],
  ["question", "a question mark in a name", "/a%3Fb", "/a%3Fb/", GRAMMAR],
  ["hash", "a # in a name", "/a%23b", "/a%23b/", GRAMMAR],
  ["umlaut", "UTF-8", "/%C3%BC", "/%C3%BC/", GRAMMAR],
  ["quotes", "quotes and angle brackets in a name", "/q%22%3C%3E", "/q%22%3C%3E/", GRAMMAR],
  ["quotes-raw", "quotes and angle brackets that were not encoded", '/q"<>', "/q%22%3C%3E/", GRAMMAR],
  ["crlf", "a line end in a name", "/crlf%0d%0aX-Injected:%20yes", "/crlf%0D%0AX-Injected%3A%20yes/", SAFE],
  ["dots", "dot segments", "/x/../dir", "/dir/", SAFE],
  ["two-slashes", "two slashes before a name", "//evil", "/evil/", SAFE],
  ["many-slashes", "many slashes before a name", "/////evil", "/evil/", SAFE],
  ["two-slashes-host", "two slashes before a host's name", "//evil.example", "/evil.example/", SAFE],
  ["dot-slashes", "two slashes behind a dot", "/.//evil", "/evil/", SAFE],
  ["dots-slashes", "two slashes behind two dots", "/..//evil", "/evil/", SAFE],
  ["encoded-dot-slashes", "two slashes behind an encoded dot", "/%2e//evil", "/evil/", SAFE],
  ["absolute-slashes", "two slashes in an absolute target", "http://a//evil", "/evil/", SAFE],
  ["inner-slashes", "two slashes between", "/evil//../../dir", "/dir/", SAFE],
];

/** Targets that must not lead to another host, or inject a field line. */
const NOWHERE: readonly (readonly [id: string, about: string, target: string])[] = [
  ["slash-backslash", "a slash and a backslash", "/\\evil"],
  ["backslashes", "two backslashes behind a slash", "/\\\\evil"],
  ["encoded-backslash", "an encoded backslash", "/%5cevil"],
  ["encoded-slash", "an encoded slash", "/%2fevil"],
  ["encoded-slashes", "two encoded slashes", "/%2f%2fevil"],
  ["tab", "an encoded tab", "/%09/evil.invalid"],
  ["user", "a path that looks like user information", "//user@evil.invalid"],
  ["crlf", "an encoded line end", "/dir%0d%0aX-Injected:%20yes"],
  ["lf", "an encoded LF", "/dir%0aX-Injected:%20yes"],
  ["crlf-utf8", "characters whose low octets are a line end", "/dir%E5%98%8D%E5%98%8AX-Injected:%20yes"],
];

/** Queries with characters that no URI may have. The server encodes or refuses them. */
const QUERIES: readonly (readonly [id: string, about: string, query: string])[] = [
  ["quotes", "quotes", 'a="b"'],
  ["angle", "angle brackets", "<script>"],
  ["pipe", "a vertical bar", "a|b"],
  ["caret", "a caret", "a^b"],
  ["braces", "braces", "a={b}"],
  ["backslash", "a backslash", "a\\b"],
  ["backquote", "a backquote", "a`b"],
  ["brackets", "brackets", "a[]=b"],
  ["percent", "a percent sign alone", "100%"],
  ["no-hex", "a percent sign with letters", "%zz"],
];

const OTHER_CASES: readonly Case[] = [
  {
    id: "redirect-query-crlf",
    ...SAFE,
    about: "an encoded line end in a query stays encoded",
    send: request("GET /dir?%0d%0aX-Injected:%20yes"),
    ...answered({ status: 301, fields: { Location: "/dir/?%0d%0aX-Injected:%20yes", "X-Injected": null } }),
  },
  {
    id: "redirect-query-url",
    ...SAFE,
    about: "a query that is a URL changes nothing",
    send: request("GET /dir?//evil.invalid/"),
    ...answered({ status: 301, fields: { Location: "/dir/?//evil.invalid/" } }),
  },
  {
    id: "redirect-host-not-used",
    ...SAFE,
    about: "the client's Host is not part of Location",
    send: "GET /dir HTTP/1.1\r\nHost: evil.invalid\r\nX-Forwarded-Host: evil.invalid\r\n\r\n",
    ...answered({ status: 301, fields: { Location: "/dir/" } }),
  },
  {
    id: "redirect-other-host",
    rfc: "9110 7.1",
    level: "choice",
    about: "a directory of the default host does not exist on another host",
    send: "GET /dir HTTP/1.1\r\nHost: other.example\r\n\r\n",
    ...answered({ status: 404 }),
  },
  {
    id: "redirect-1.0",
    rfc: "9110 15.4.2",
    level: "SHOULD",
    about: "a redirect in HTTP/1.0",
    send: "GET /dir HTTP/1.0\r\n\r\n",
    answers: [{ status: 301, fields: { Location: "/dir/" } }],
    then: "closes",
  },
];

export const REDIRECTS_TOPIC: Topic = {
  name: "redirects",
  cases: [
    ...REDIRECTS.map(([id, about, target, location, rule]): Case => ({
      id: `redirect-${id}`,
      ...rule,
      about,
      send: request(`GET ${target}`),
      ...answered({ status: 301, fields: { Location: location, "X-Injected": null } }),
    })),
    ...NOWHERE.map(([id, about, target]): Case => ({
      id: `redirect-nowhere-${id}`,
      ...SAFE,
      about: `no redirect to another host: ${about}`,
      send: request(`GET ${target}`),
      answers: [{ ...either(400, 404).answers[0]!, fields: { Location: null, "X-Injected": null } }],
      then: "either",
    })),
    ...QUERIES.map(([id, about, query]): Case => ({
      id: `redirect-query-${id}`,
      ...GRAMMAR,
      about: `Location is a URI reference although the query is not valid: ${about}`,
      send: request(`GET /dir?${query}`),
      ...either(301, 400),
    })),
    ...OTHER_CASES,
  ],
};

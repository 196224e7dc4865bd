/**
 * The Host field (RFC 9112, section 3.2; RFC 9110, section 7.2; RFC 3986, section 3.2): present, once, valid.
 */

import {
  type Answer,
  answered,
  type Case,
  either,
  LETTERS_ANSWER,
  refused,
  SERVED,
  SMUGGLED,
  type Topic,
} from "./case.ts";

/** Values that do not match `uri-host [ ":" port ]`. They are refused with 400. */
const INVALID: readonly (readonly [id: string, about: string, value: string])[] = [
  ["blank", "a blank within", "a b"],
  ["slash", "a path", "a/b"],
  ["url", "a URL", "http://a/"],
  ["userinfo", "user information", "user@a"],
  ["userinfo-password", "user information with a password", "user:secret@a"],
  ["empty-userinfo", "empty user information", "@a"],
  ["query", "a query", "a?b"],
  ["fragment", "a fragment", "a#b"],
  ["backslash", "a backslash", "a\\b"],
  ["quotes", "quotes", '"a"'],
  ["angle", "an angle bracket", "a<b>"],
  ["braces", "braces", "a{b}"],
  ["caret", "a caret", "a^b"],
  ["pipe", "a vertical bar", "a|b"],
  ["high", "octets over 127", "\xc3\xa4"],
  ["control", "a control octet", "a\x01"],
  ["percent", "a percent sign without digits", "a%zz"],
  ["percent-short", "a percent sign with one digit", "a%2"],
  ["list", "two hosts with a blank between", "a, b"],
  ["port-letters", "a port of letters", "a:b"],
  ["port-mixed", "a port that ends with a letter", "a:80x"],
  ["port-hex", "a port in hex", "a:0x50"],
  ["port-negative", "a negative port", "a:-1"],
  ["port-plus", "a port with a sign", "a:+80"],
  ["port-blank", "a blank before the port", "a: 80"],
  ["two-ports", "two ports", "a:80:80"],
  ["ipv6-bare", "an IPv6 address without brackets", "::1"],
  ["ipv6-open", "an opening bracket alone", "[::1"],
  ["ipv6-close", "a closing bracket alone", "::1]"],
  ["ipv6-empty", "empty brackets", "[]"],
  ["ipv6-trailing", "letters behind the bracket", "[::1]a"],
  ["ipv6-port", "a port of letters behind the bracket", "[::1]:a"],
  ["ipv6-letter", "a letter that is no hex digit", "[::g]"],
  ["ipv6-colon", "one colon in brackets", "[:]"],
  ["ipv6-three-colons", "three colons", "[:::1]"],
  ["ipv6-two-gaps", "two gaps", "[::1::2]"],
  ["ipv6-short", "seven groups without a gap", "[1:2:3:4:5:6:7]"],
  ["ipv6-long", "nine groups", "[1:2:3:4:5:6:7:8:9]"],
  ["ipv6-full-gap", "eight groups and a gap", "[1:2:3:4::5:6:7:8]"],
  ["ipv6-colon-first", "a colon before the first group", "[:1:2:3:4:5:6:7:8]"],
  ["ipv6-colon-last", "a colon behind the last group", "[1:2:3:4:5:6:7:]"],
  ["ipv6-wide", "a group of five digits", "[12345::1]"],
  ["ipv6-dots", "dots in brackets", "[...]"],
  ["ipv6-ipv4", "an IPv4 address in brackets", "[127.0.0.1]"],
  ["ipv6-ipv4-short", "an IPv6 address with a short IPv4 end", "[::1.2.3]"],
  ["ipv6-ipv4-zero", "an IPv6 address with a leading zero in its IPv4 end", "[::01.2.3.4]"],
  ["ipv6-ipv4-middle", "an IPv6 address with IPv4 in its middle", "[::1.2.3.4:5]"],
  ["ipv6-ipv4-large", "an IPv6 address with 256 in its IPv4 end", "[::1.2.3.256]"],
  ["ipv6-zone", "an IPv6 zone", "[fe80::1%eth0]"],
  ["ipv6-two", "two bracketed addresses", "[::1][::1]"],
];

/** Values that match it. */
const VALID: readonly (readonly [id: string, about: string, value: string])[] = [
  ["name", "a name", "localhost"],
  ["upper-case", "a name in upper case", "LOCALHOST"],
  ["port", "a port", "a:8080"],
  ["empty-port", "a colon without port", "a:"],
  ["port-zeros", "a port with leading zeros", "a:00080"],
  ["ipv4", "an IPv4 address", "127.0.0.1"],
  ["ipv4-like", "a name that looks like an IPv4 address", "999.1.1.1"],
  ["ipv6", "an IPv6 address", "[::1]"],
  ["ipv6-any", "the IPv6 address of nothing but a gap", "[::]"],
  ["ipv6-port", "an IPv6 address with a port", "[::1]:8080"],
  ["ipv6-full", "an IPv6 address of eight groups", "[2001:DB8:0:0:8:800:200C:417A]"],
  ["ipv6-seven-gap", "an IPv6 address of seven groups and a gap", "[1:2:3:4:5:6:7::]"],
  ["ipv6-gap-seven", "an IPv6 address of a gap and seven groups", "[::2:3:4:5:6:7:8]"],
  ["ipv6-gap-end", "an IPv6 address with its gap at the end", "[2001:db8::]"],
  ["ipv6-ipv4", "an IPv6 address that ends in IPv4", "[::ffff:192.0.2.1]"],
  ["ipv6-full-ipv4", "an IPv6 address of six groups and IPv4", "[1:2:3:4:5:6:192.0.2.1]"],
  ["underscore", "an underscore", "a_b"],
  ["trailing-dot", "a trailing dot", "a.example."],
  ["sub-delims", "every octet that a name may have", "!$&'()*+,;=-._~"],
  ["percent", "percent-encoding", "%61%C3%A4"],
  ["long", "a name of 255 octets", "a".repeat(255)],
];

/** Values that match the grammar but have no clear meaning. The server may refuse them or not. */
const DOUBTFUL: readonly (readonly [id: string, about: string, value: string])[] = [
  ["empty", "an empty value", ""],
  ["port-only", "a port without host", ":8080"],
  ["port-large", "a port over 65535", "a:65536"],
  ["port-huge", "a port of 30 digits", `a:${"9".repeat(30)}`],
  ["port-zero", "port 0", "a:0"],
  ["future-ip", "an address of a future version", "[v1.fe80]"],
];

const OTHER_INDEX: Answer = { status: 200, content: "other index" };

function requestWith(hostLines: string, version = "1.1", target = "/letters.txt"): string {
  return `GET ${target} HTTP/${version}\r\n${hostLines}\r\n`;
}

type Lines = readonly [id: string, about: string, hostLines: string, version: string];

/** Refused sets of Host lines (9112 3.2). */
const REFUSED_LINES: readonly Lines[] = [
  ["missing", "no Host in HTTP/1.1", "", "1.1"],
  ["missing-1.2", "no Host in a higher minor version", "", "1.2"],
  ["twice", "the same Host twice", "Host: a\r\nHost: a\r\n", "1.1"],
  ["two", "two Hosts", "Host: a\r\nHost: b\r\n", "1.1"],
  ["two-empty-second", "a second Host that is empty", "Host: a\r\nHost:\r\n", "1.1"],
  ["two-apart", "two Hosts with a field between", "Host: a\r\nX-A: b\r\nhost: b\r\n", "1.1"],
  ["two-1.0", "two Hosts in HTTP/1.0", "Host: a\r\nHost: b\r\n", "1.0"],
  ["invalid-1.0", "an invalid Host in HTTP/1.0", "Host: a/b\r\n", "1.0"],
  ["blank-colon", "a blank before its colon", "Host : a\r\n", "1.1"],
  ["fold", "a folded Host", "Host: a\r\n b\r\n", "1.1"],
  ["similar", "X-Host and Hosts are no Host", "X-Host: a\r\nHosts: a\r\n", "1.1"],
  ["forwarded", "X-Forwarded-Host is no Host", "X-Forwarded-Host: a\r\n", "1.1"],
];

/** Which host's files are served. */
const ROUTED: readonly (readonly [id: string, about: string, host: string, content: string])[] = [
  ["named", "a host of its own", "other.example", "other index"],
  ["case", "names are compared without case", "OTHER.Example", "other index"],
  ["port", "the port does not count", "other.example:8080", "other index"],
  ["empty-port", "an empty port does not count", "other.example:", "other index"],
  ["dot", "nor does a trailing dot", "other.example.", "other index"],
  ["default", "other names get the default", "unknown.example", "default index"],
  ["longer", "a longer name is another one", "x.other.example", "default index"],
];

const OTHER_CASES: readonly Case[] = [
  {
    id: "host-missing-1.0",
    rfc: "9112 3.2",
    level: "MUST",
    about: "HTTP/1.0 needs no Host",
    send: requestWith("", "1.0"),
    answers: [LETTERS_ANSWER],
    then: "closes",
  },
  {
    id: "host-1.0",
    rfc: "9110 7.2",
    level: "MUST",
    about: "Host selects the site in HTTP/1.0, too",
    send: requestWith("Host: other.example\r\n", "1.0", "/"),
    answers: [OTHER_INDEX],
    then: "closes",
  },
  {
    id: "host-each-request",
    rfc: "9110 7.1",
    level: "MUST",
    about: "each request of a connection has its own Host",
    send: requestWith("Host: other.example\r\n", "1.1", "/") + requestWith("Host: a\r\n", "1.1", "/"),
    answers: [OTHER_INDEX, { status: 200, content: "default index" }],
    then: "persists",
  },
];

export const HOST: Topic = {
  name: "Host",
  cases: [
    ...INVALID.map(([id, about, value]): Case => ({
      id: `host-invalid-${id}`,
      rfc: "9112 3.2",
      level: "MUST",
      about: `an invalid Host value: ${about}`,
      send: requestWith(`Host: ${value}\r\n`) + SMUGGLED,
      ...refused(400),
    })),
    ...VALID.map(([id, about, value]): Case => ({
      id: `host-valid-${id}`,
      rfc: "9110 7.2",
      level: "MUST",
      about: `a valid Host value: ${about}`,
      send: requestWith(`Host: ${value}\r\n`),
      ...SERVED,
    })),
    ...DOUBTFUL.map(([id, about, value]): Case => ({
      id: `host-doubtful-${id}`,
      rfc: "9112 3.2",
      level: "MAY",
      about: `a value that may be refused: ${about}`,
      send: requestWith(`Host: ${value}\r\n`),
      ...either(200, 400),
    })),
    ...REFUSED_LINES.map(([id, about, hostLines, version]): Case => ({
      id: `host-${id}`,
      rfc: "9112 3.2",
      level: "MUST",
      about,
      send: requestWith(hostLines, version) + SMUGGLED,
      ...refused(400),
    })),
    ...ROUTED.map(([id, about, host, content]): Case => ({
      id: `host-routed-${id}`,
      rfc: "9110 7.1",
      level: "choice",
      about,
      send: requestWith(`Host: ${host}\r\n`, "1.1", "/"),
      ...answered({ status: 200, content }),
    })),
    ...OTHER_CASES,
  ],
};

/**
 * Seeds of the mutations: real messages of browsers, tools, proxies and attackers, and meaningful byte sequences.
 * Texts have one character per byte.
 */

function lines(...texts: readonly string[]): string {
  return [...texts, "", ""].join("\r\n");
}

const BROWSER = lines(
  "GET /files/chart.png?size=large HTTP/1.1",
  "Host: localhost:8080",
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
  "Accept: image/avif,image/webp,*/*;q=0.8",
  "Accept-Language: de,en-US;q=0.7,en;q=0.3",
  "Accept-Encoding: gzip, deflate, br",
  "Referer: http://localhost:8080/",
  "Connection: keep-alive",
  'If-None-Match: "1a2b-18c", W/"2"',
  "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
  "Cookie: a=b; c=d",
);

/** Complete heads. */
export const HEADS: readonly string[] = [
  lines("GET / HTTP/1.1", "Host: a"),
  lines("GET / HTTP/1.0"),
  "\r\n" + lines("HEAD /a%20b/?q HTTP/1.1", "Host: [::1]:80"),
  lines("GET /a.html HTTP/1.1", "Host: localhost", "User-Agent: curl/8.5.0", "Accept: */*"),
  lines("GET http://a.example/b/../c HTTP/1.1", "Host: b.example", "Connection: close"),
  lines("OPTIONS * HTTP/1.1", "Host: a.example"),
  lines("CONNECT a.example:443 HTTP/1.1", "Host: a.example:443"),
  lines("GET /video HTTP/1.1", "Host: a", "Range: bytes=0-99,-5", 'If-Range: "1"', "Connection: TE, close"),
  lines("GET / HTTP/1.0", "Connection: Keep-Alive", "Host:", "X:", "Y: \t z \t "),
  lines("DELETE /%C3%A9 HTTP/1.9", "hOST: a.EXAMPLE.", "Expect: 100-Continue", "Content-Length: 0"),
  BROWSER,
];

/** Field lines for framing with the content. They follow a request line and Host. */
export const FRAMED: readonly string[] = [
  lines("Content-Length: 5") + "hello",
  lines("Content-Length: 0"),
  lines("Content-Length: 0012", "Expect: 100-continue") + "GET / HTTP/1",
  lines("Transfer-Encoding: chunked") + "0\r\n\r\n",
  lines("transfer-encoding:\tChunked ") + '5\r\nhello\r\n00A;a=b;c="d\\"e"\r\n0123456789\r\n0\r\n\r\n',
  lines("Transfer-Encoding: chunked") + '1 ; x\r\n\n\r\n000 \t;\ty = z\r\nETag: "1"\r\nX-A:\r\n\r\n',
  lines("Transfer-Encoding: gzip, chunked") + "3\r\nabc\r\n0\r\n\r\n",
  lines("Transfer-Encoding: chunked", "Content-Length: 4") + "0\r\n\r\nGET /smuggled HTTP/1.1\r\n",
  lines("Content-Length: 3", "Content-Length: 3") + "abc",
  lines("Transfer-Encoding: identity", "Transfer-Encoding: chunked") + "0\r\n\r\n",
];

/** Complete requests with content. */
export const CONTENTS: readonly string[] = [
  ...FRAMED.map((framed) => `POST /form HTTP/1.1\r\nHost: a\r\n${framed}`),
  ...FRAMED.map((framed) => `DELETE /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n${framed}`),
];

/** Several requests in a row. */
export const PIPELINES: readonly string[] = [
  HEADS.slice(0, 4).join(""),
  CONTENTS.slice(0, 6).join("") + HEADS[0],
  HEADS[0]!.repeat(40),
  `\r\n\r\n\r\n${HEADS[0]}`.repeat(3),
  `${CONTENTS[4]}${HEADS[3]}${HEADS[0]!.slice(0, 17)}`,
  FRAMED.map((framed) => `GET /a HTTP/1.1\r\nHost: a\r\n${framed}`).join(HEADS[0]),
  FRAMED.slice(0, 6).map((framed) => `HEAD /b HTTP/1.1\r\nHost: a\r\n${framed}`).join(HEADS[0]),
  lines("GET /text.txt HTTP/1.1", "Host: a", "Range: bytes=2-5") +
  lines("GET /text.txt HTTP/1.1", "Host: a", "Range: bytes=0-1, 4-, -3") +
  lines("HEAD /text.txt HTTP/1.1", "Host: a", "Range: bytes=0-1") +
  lines("GET /folder HTTP/1.1", "Host: a") + lines("GET /none HTTP/1.1", "Host: a") +
  lines("GET /text.txt HTTP/1.1", "Host: a", "If-None-Match: *") + lines("GET /empty HTTP/1.0", "Range: bytes=-1"),
  lines("GET /big HTTP/1.1", "Host: a") + lines("GET /big HTTP/1.1", "Host: a", "Range: bytes=65530-"),
];

/** Byte sequences with a meaning in a head or in chunked content, or for the parsers. */
export const HTTP_WORDS: readonly string[] = [
  ..."partial\r\n|complete\r\n|bytes\r\n|gone\r\n|ended\r\n|null\r\n|-1\r\n|Expect: ,100-continue,\r\n|Expect:\r\n"
    .split("|"),
  ..."GET |HEAD |POST |OPTIONS * |CONNECT a:1 |PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n| HTTP/1.1\r\n| HTTP/1.0\r\n| HTTP/2.0| HTTP/1.9"
    .split("|"),
  ...[
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\n\n",
    "\r",
    "\r\r\n",
    "\0",
    ":",
    " ",
    "  ",
    "\t",
    ",",
    ";",
    '"',
    "\\",
    "\r\n ",
    "\r\n\t",
  ],
  ..."Host: a\r\n|Host: b:80\r\n|host:[::1]\r\n|Host:\r\n|Host: a,b\r\n|Host : a\r\n|Host: a@b\r\n".split("|"),
  ..."Connection: close\r\n|Connection: keep-alive\r\n|connection: Close , x\r\n|Expect: 100-continue\r\n|Expect: x\r\n"
    .split("|"),
  ..."Content-Length: 5\r\n|Content-Length: 0\r\n|Content-Length: 1, 1\r\n|Content-Length: +5\r\n|Content-Length: 05\r\n|Content-Length: 5 \r\n|Content-Length:\r\n"
    .split("|"),
  ..."Transfer-Encoding: chunked\r\n|Transfer-Encoding: x\r\n|Transfer-Encoding: chunked, chunked\r\n|Transfer-Encoding:\r\n"
    .split("|"),
  ..."Transfer-Encoding: \x0bchunked\r\n|Transfer_Encoding: chunked\r\n|Transfer-Encoding: xchunked\r\n|TE: trailers\r\n"
    .split("|"),
  "0".repeat(20),
  ...'0\r\n\r\n|0\r\n|1\r\na\r\n|5\r\nhello\r\n|a;b=c\r\n|;a="b"|;a|fffffffffffffffff|ffffffffffffffff|;a="\\\x01"|;a="\\"|;a="\x7f"|;a=b c|0x1\r\n|1 \r\n|-1\r\n|10000\r\n'
    .split("|"),
  ...'Range: bytes=0-1\r\n|Range: bytes=-1\r\n|If-None-Match: *\r\n|If-Match: "x"\r\n|GET / HTTP/1.1\r\nHost: a\r\n\r\n'
    .split("|"),
];

/** Raw targets. */
export const TARGETS: readonly string[] = [
  "/",
  "/a/b.html?x=y/../z",
  "/a//b/./c/../d/",
  "/%7Euser/%c3%a9%20/",
  "http://a.example:8080/b?c",
  "http://[2001:db8::1]/",
  "http://a",
  "*",
  "a.example:443",
  "/%2e%2e/%2E./etc/passwd",
  "/..%2f..%5c",
  "//evil.example/%2f..",
];

export const TARGET_WORDS: readonly string[] = [
  ..."/ // /./ /../ .. . %2e %2E %2e%2e %2f %2F %5c %5C \\ %00 %25 %252e %c0%ae %e0%80%ae %c3%a9 %ef%bb%bf %ed%a0%80 %ff \xff \xc3\xa9 \xc3 %"
    .split(" "),
  ..."%0d%0a %u002e ? # ; @ : [ ] [::1] [::ffff:1.2.3.4] http:// HTTP:// https:// * ~ | ^ { } ` ' \" < > & = + $ ! ( ) %7f"
    .split(" "),
];

/** Realistic texts of web.conf. */
export const CONFIGS: readonly string[] = [
  "host default www\n\nmedia txt text/plain\nmedia c++ text/x-c\nparameter timeout 1\n",
  '# a comment\r\nhost localhost:8080 "my files"\r\nhost A.example. ../.. extra\r\nparameter port 99999\r\n',
  '\xef\xbb\xbfhost default default\tx\rmedia .md text/markdown;charset=utf-8\rmedia html "text/html; charset=utf-8"\r',
  'parameter address [::1]\nparameter address *\nparameter server-name "my server"\nparameter workers auto\nparameter cache auto\n',
  "parameter log json\nparameter revalidate 0.5\nparameter cache 1\nparameter connections 5\nparameter head-timeout .5\n",
  "index a b\nerror 4xx /e.html\nredirect /old/** /new/$1\nhost a a\n  redirect *.{php,asp*} https://b.example/$1?x=$2 302\n",
  'cache none\nhost a a\n  cache /assets/** immutable\n  header **.html X-A "b c"\n  header * ETag ""\n  fallback /index.html\n',
  "clean-urls on\ncharset off\nhost a a\n  redirect none\n  redirect /gone -\n  dotfiles on\nhost *.b.c d\n  error 404 /x\n",
  'paramter timeout 5\nhost default www # the site\nhost "unclosed\nmedia a"b c/d\nhost\n',
];

export const CONFIG_WORDS: readonly string[] = [
  ..."redirect |header |cache |error |fallback |clean-urls |charset |dotfiles |index |none|on|off|404|5xx|301|308|410|-|immutable"
    .split("|"),
  ..."*|**|/**/|{a,b}|{,}|{|}|$1|$9|//|/../|\\\\|?x=1|#f|https://|http://$1|%2e|/a|$&|$$".split("|"),
  ..."host |media |parameter |default|timeout |port |address |workers |log |server-name |revalidate |cache |connections "
    .split("|"),
  ...[
    "\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    '"',
    '""',
    '" "',
    "#",
    " #",
    '"#"',
    "\0",
    "\xef\xbf\xbd",
    "\xef\xbb\xbf",
    "\xe2\x80\xa8",
  ],
  ..."__proto__|constructor|toString|text/plain|[::1]|::|1e-7|0.0000001|.5|5.|-1|0x10|auto|json|.|..|\\|\x1b[31m|\xff"
    .split("|"),
  ..."\x0b|\x0c|\xc2\xa0|\xc2\x85|\xf0\x9f\x92\xa9|\xc4\xb0|\xe2\x84\xaa".split("|"),
];

/** Values of Range, dates, and lists of entity tags. */
export const RANGE_VALUES: readonly string[] = [
  ..."bytes=0-0|bytes=-1|bytes=5-|bytes=0-1,3-4,-2|Bytes=0-, ,\t7-9|bytes=9007199254740992-|items=0-1|bytes=1-0|bytes="
    .split("|"),
];

export const RANGE_WORDS: readonly string[] = [
  ..."bytes= BYTES= = - , ,, -- 0 1 9 10 11 99 -0 -1 0- 0-0 5-4 9007199254740993-9007199254740992 99999999999999999999"
    .split(" "),
  ...[" ", "\t", "\x85", "\xa0", "bytes =", "items="],
];

export const DATE_VALUES: readonly string[] = [
  "Sun, 06 Nov 1994 08:49:37 GMT",
  "Sunday, 06-Nov-94 08:49:37 GMT",
  "Sun Nov  6 08:49:37 1994",
  "Thu, 29 Feb 2024 23:59:60 GMT",
  "Friday, 31-Dec-99 23:59:59 GMT",
  "Sat Jan  1 00:00:00 0000",
];

export const DATE_WORDS: readonly string[] = [
  ..."Sun Mon Tuesday Jan Feb Mar Dec 00 01 29 30 31 32 59 60 61 23 24 0000 1970 1999 2000 2100 9999 GMT UTC +0000 , : - 94 76 77"
    .split(" "),
  ...[" ", "  ", "\t", " 0", "\n", "gmt"],
];

export const CONDITION_VALUES: readonly string[] = [
  'If-None-Match: "a", W/"b,c" , "d"\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n',
  "If-Match: *\r\nIf-Unmodified-Since: Sunday, 06-Nov-94 08:49:37 GMT\r\n",
  'If-Match: W/"etag"\r\nIf-None-Match: "etag"\r\nIf-Range: "etag"\r\n',
  'If-None-Match: ,, "etag" ,\r\nIf-None-Match: "x\r\n',
  "If-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n",
];

export const CONDITION_WORDS: readonly string[] = [
  ...['"etag"', 'W/"etag"', 'w/"etag"', "*", ",", '"', '""', "W/", " ", "\t", "\r\n", '"a,b"', "\xff", "\x7f", "etag"],
  ..."If-Match: |If-None-Match: |If-Range: |If-Modified-Since: |If-Unmodified-Since: |Sun, 06 Nov 1994 08:49:37 GMT"
    .split("|"),
];

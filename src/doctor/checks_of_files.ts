/**
 * Checks of the self-test: files, methods, ranges and conditions (RFC 9110).
 * @module
 */

import { type Check, exchange, first, get, request } from "./check.ts";
import { BIG, TEXT } from "./instance.ts";

/** In the order in which they are shown. */
export const FILE_CHECKS: readonly Check[] = [
  {
    name: "sends a file with its length and type",
    meaning: "no file can be downloaded",
    run: exchange(get(), [{
      status: 200,
      content: TEXT,
      fields: { "content-length": "20", "content-type": "text/plain; charset=utf-8", "accept-ranges": "bytes" },
    }]),
  },
  {
    name: "sends a file that is longer than its buffers",
    meaning: "large downloads are damaged or stop",
    run: exchange(get("/big.bin"), [{ status: 200, content: BIG }]),
  },
  {
    name: "sends an empty file",
    meaning: "browsers wait for content that never comes",
    run: exchange(get("/empty.txt"), [{ status: 200, content: "", fields: { "content-length": "0" } }]),
  },
  {
    name: "sends the index of a folder",
    meaning: "the address of the site shows no page",
    run: exchange(get("/"), [{ status: 200, fields: { "content-type": /^text\/html/ } }]),
  },
  {
    name: "redirects a folder to its address with a slash",
    meaning: "relative links in pages of folders are broken",
    run: exchange(get("/folder?q"), [{ status: 301, fields: { location: "/folder/?q" } }]),
  },
  {
    name: "answers 404 where nothing is",
    meaning: "wrong addresses get no or a wrong answer",
    run: exchange(get("/missing.txt"), [{ status: 404, fields: { "content-type": /^text\/html/ } }]),
  },
  {
    name: "shows no folder without an index",
    meaning: "names of files are shown that nobody has published",
    run: exchange(get("/bare/"), [{ status: 404 }]),
  },
  {
    name: "sends a file with a blank in its name",
    meaning: "files with blanks in their names cannot be reached",
    run: exchange(get("/with%20blank.txt"), [{ status: 200, content: "blank" }]),
  },
  {
    name: "sends a file with an umlaut in its name",
    meaning: "files with letters beyond ASCII in their names cannot be reached",
    run: exchange(get("/%C3%BC.txt"), [{ status: 200, content: "umlaut" }]),
  },
  {
    name: "ignores the query of a file",
    meaning: "links with ?version=2 are broken",
    run: exchange(get("/a.txt?v=2"), [{ status: 200, content: TEXT }]),
  },
  {
    name: "follows a redirect line",
    meaning: "moved pages are not found",
    run: exchange(get("/old/a%20b?q"), [{ status: 301, fields: { location: "/folder/a%20b?q" } }]),
  },
  {
    name: "sends the date and its name",
    meaning: "caches cannot compute the age of files",
    run: exchange(get(), [{
      status: 200,
      fields: { date: /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/, server: "sweepd" },
    }]),
  },
  {
    name: "lets browsers keep files only if they ask again",
    meaning: "edits show late",
    run: exchange(get(), [{ status: 200, fields: { "cache-control": "no-cache" } }]),
  },
  {
    name: "answers HEAD with the fields of GET and without content",
    meaning: "link checkers and download managers hang",
    run: exchange(request("HEAD", "/a.txt"), [{ status: 200, content: "", fields: { "content-length": "20" } }]),
  },
  {
    name: "sends no content after HEAD, so that the next answer follows at once",
    meaning: "a client takes content for an answer",
    run: exchange(first().replace("GET", "HEAD") + get(), [{ status: 200 }, { status: 200, content: TEXT }]),
  },
  {
    name: "names its methods",
    meaning: "tools cannot find out what the server can do",
    run: exchange(request("OPTIONS", "/a.txt"), [{ status: 200, fields: { allow: "GET, HEAD, OPTIONS" } }]),
  },
  {
    name: "refuses to change a file",
    meaning: "clients are not told that the site is read-only",
    run: exchange(request("DELETE", "/a.txt"), [{ status: 405, fields: { allow: "GET, HEAD, OPTIONS" } }]),
  },
  {
    name: "answers an unknown method with 501",
    meaning: "clients wait for an answer",
    run: exchange(request("BREW", "/a.txt"), [{ status: 501 }]),
  },
  {
    name: "sends the first bytes of a file",
    meaning: "films cannot be watched before they are downloaded",
    run: exchange(get("/a.txt", "Range: bytes=0-3"), [{
      status: 206,
      content: "0123",
      fields: { "content-range": "bytes 0-3/20", "content-length": "4" },
    }]),
  },
  {
    name: "sends the last bytes of a file",
    meaning: "programs that read the end of an archive first fail",
    run: exchange(get("/a.txt", "Range: bytes=-4"), [{ status: 206, content: "ghij" }]),
  },
  {
    name: "continues a download",
    meaning: "an interrupted download starts again from the beginning",
    run: exchange(get("/big.bin", "Range: bytes=100000-"), [{ status: 206, content: BIG.slice(100_000) }]),
  },
  {
    name: "sends several ranges at once",
    meaning: "some readers of PDF files fail",
    run: exchange(get("/a.txt", "Range: bytes=0-1,4-5"), [{
      status: 206,
      fields: { "content-type": /^multipart\/byteranges; boundary=/, "content-range": null },
    }]),
  },
  {
    name: "refuses a range beyond the end",
    meaning: "a client that continues a finished download damages it",
    run: exchange(get("/a.txt", "Range: bytes=20-"), [{ status: 416, fields: { "content-range": "bytes */20" } }]),
  },
  {
    name: "ignores a range that it does not understand",
    meaning: "clients with other units get nothing",
    run: exchange(get("/a.txt", "Range: lines=1-2"), [{ status: 200, content: TEXT }]),
  },
  {
    name: "sends a range of the version that the client has",
    meaning: "interrupted downloads cannot be continued",
    run: exchange(({ validators }) => get("/a.txt", "Range: bytes=4-5", `If-Range: ${validators.etag}`), [{
      status: 206,
      content: "45",
    }]),
  },
  {
    name: "sends all of a file that has changed since",
    meaning: "a continued download mixes two versions of a file",
    run: exchange(get("/a.txt", "Range: bytes=4-5", 'If-Range: "other"'), [{ status: 200, content: TEXT }]),
  },
  {
    name: "answers 304 to the entity tag of the file",
    meaning: "browsers download files again that have not changed",
    run: exchange(({ validators }) => get("/a.txt", `If-None-Match: "x", ${validators.etag}`), [{
      status: 304,
      fields: { "content-length": null, etag: /^"/ },
    }]),
  },
  {
    name: "sends a file whose entity tag has changed",
    meaning: "browsers show old files",
    run: exchange(get("/a.txt", 'If-None-Match: "old"'), [{ status: 200, content: TEXT }]),
  },
  {
    name: "answers 304 to the date of the file",
    meaning: "tools such as curl -z download files again that have not changed",
    run: exchange(({ validators }) => get("/a.txt", `If-Modified-Since: ${validators.modified}`), [{ status: 304 }]),
  },
  {
    name: "sends a file that is newer than the date",
    meaning: "browsers show old files",
    run: exchange(get("/a.txt", "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT"), [{ status: 200, content: TEXT }]),
  },
  {
    name: "answers 412 to a wrong If-Match",
    meaning: "a client that wants one version gets another",
    run: exchange(get("/a.txt", 'If-Match: "other"'), [{ status: 412 }]),
  },
  {
    name: "answers 412 to a date before the change",
    meaning: "a client that wants one version gets another",
    run: exchange(get("/a.txt", "If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT"), [{ status: 412 }]),
  },
];

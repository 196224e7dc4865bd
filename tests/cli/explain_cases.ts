/**
 * Requests to explain, with what is said of each: hosts, addresses, passwords, redirects, files, conditions and pages.
 */

import type { Explanation } from "../../src/cli/explain.ts";
import { type Question, readQuestion } from "../../src/cli/question.ts";
import type { Config } from "../../src/config/config.ts";
import { loadConfig } from "../../src/config/load.ts";
import { findSource } from "../../src/config/source.ts";
import { basic, BCRYPT_LINE, PASSWORD } from "../site/passwords.ts";
import { TempFolder } from "../temp_folder.ts";

const CONF = `header **.html X-Frame-Options SAMEORIGIN
deny 10.0.0.0/8
host default www
  redirect /old/** /docs/$1
  redirect /gone -
  auth Staff staff /closed/**
  cache *.html 60
  error 404 /errors/404.html
host files.lab.org lab
  deny none
  allow 127.0.0.0/8 192.0.2.0/24
  deny 127.0.0.9
  index none
  dotfiles on
host *.app.org www
  fallback /index.html
  clean-urls on
host list.org www
  listing on
`;

/** A folder with that configuration, an hour old. */
export function prepare(): TempFolder {
  const folder = new TempFolder();
  const files = {
    "web.conf": CONF,
    "staff": BCRYPT_LINE,
    "www/index.html": "index",
    "www/About.html": "about",
    "www/page.html": "page",
    "www/docs/index.html": "docs",
    "www/empty/x.txt": "x",
    "www/closed/x.txt": "closed",
    "www/errors/404.html": "nothing",
    "www/.env": "secret",
    "lab/x.txt": "0123456789",
    "lab/.profile": "profile",
  };
  const hourAgo = new Date(Date.now() - 3_600_000);
  for (const [path, text] of Object.entries(files)) Deno.utimeSync(folder.write(path, text), hourAgo, hourAgo);
  return folder;
}

export async function loadIn(folder: TempFolder): Promise<Config> {
  const options = { dir: null, config: null, overrides: [] };
  const source = await findSource(options, { standing: folder.path, current: folder.path });
  return (await loadConfig(source, options)).config;
}

export function ask(url: string, headers: readonly string[] = [], from: string | null = null): Question {
  const question = readQuestion({ url, headers, from });
  if (typeof question === "string") throw new Error(question);
  return question;
}

/** The notes as `topic text (line)`, with `$` for the folder. */
export function notesOf({ notes }: Explanation, folder: TempFolder): string[] {
  return notes.filter(({ topic }) => topic !== "validators").map(({ topic, text, line }) => {
    return `${topic} ${text.replaceAll(folder.path, "$")}${line === null ? "" : ` (${line})`}`;
  });
}

const DEFAULT_HOST = 'host default, for "localhost", which no other line matches: $/www (web.conf:3)';
const LAB_HOST = "host files.lab.org, exactly: $/lab (web.conf:9)";
const APP_HOST = 'host *.app.org, for "a.app.org": $/www (web.conf:15)';
const LET_IN = "address 127.0.0.1 is admitted";
const NOT_FOUND = "page 404: a page of the host is sent (web.conf:8)";
const HTML = "type text/html; charset=utf-8";
const FRAME = "field X-Frame-Options: SAMEORIGIN (web.conf:1)";
const KEPT = "field Cache-Control: max-age=60 (web.conf:7)";

export interface Case {
  readonly url: string;
  readonly headers?: readonly string[];
  readonly from?: string;
  readonly status: number;
  readonly notes: readonly string[];
  /** The alternatives, as `what: status`. */
  readonly instead?: readonly string[];
}

export const CASES: readonly Case[] = [
  {
    url: "http://localhost/",
    status: 200,
    notes: [DEFAULT_HOST, "path /", LET_IN, "file $/www/index.html is there: 5 bytes", HTML, FRAME, KEPT],
  },
  {
    url: "/docs?x=1",
    status: 301,
    notes: [
      DEFAULT_HOST,
      "path /docs",
      LET_IN,
      "file $/www/docs is a folder",
      "redirect to the address of the folder, which ends with a slash",
    ],
  },
  {
    url: "/old/a%20b?c",
    status: 301,
    notes: [DEFAULT_HOST, "path /old/a b", LET_IN, "redirect /old/** matches: to /docs/a%20b?c (web.conf:4)"],
  },
  {
    url: "/gone",
    status: 410,
    notes: [DEFAULT_HOST, "path /gone", LET_IN, "redirect /gone matches: gone (web.conf:5)"],
  },
  {
    url: "/closed/x.txt",
    status: 401,
    notes: [
      DEFAULT_HOST,
      "path /closed/x.txt",
      LET_IN,
      "password needed here; the request has no Authorization (web.conf:6)",
    ],
  },
  {
    url: "/closed/x.txt",
    headers: [`Authorization: ${basic("alice:wrong")}`],
    status: 401,
    notes: [
      DEFAULT_HOST,
      "path /closed/x.txt",
      LET_IN,
      "password needed here; no user has these credentials (web.conf:6)",
    ],
  },
  {
    url: `http://alice:${encodeURIComponent(PASSWORD)}@localhost/closed/x.txt`,
    status: 200,
    notes: [
      DEFAULT_HOST,
      "path /closed/x.txt",
      LET_IN,
      'password accepted for user "alice" (web.conf:6)',
      "file $/www/closed/x.txt is there: 6 bytes",
      "type text/plain; charset=utf-8",
      "field Cache-Control: no-cache (default)",
    ],
  },
  {
    url: "/about.html",
    status: 404,
    notes: [DEFAULT_HOST, "path /about.html", LET_IN, "file $/www/about.html is not there", NOT_FOUND, FRAME],
    instead: ["in the letter case of the file: 200"],
  },
  {
    url: "/page.html/",
    status: 404,
    notes: [DEFAULT_HOST, "path /page.html/", LET_IN, "file $/www/page.html/index.html is not there", NOT_FOUND, FRAME],
    instead: ["without the slash at the end: 200"],
  },
  {
    url: "/x.txt",
    status: 404,
    notes: [DEFAULT_HOST, "path /x.txt", LET_IN, "file $/www/x.txt is not there", NOT_FOUND],
    instead: ["for the host files.lab.org: 200"],
  },
  {
    url: "/empty/",
    status: 404,
    notes: [
      DEFAULT_HOST,
      "path /empty/",
      LET_IN,
      "file $/www/empty/index.html is not there",
      "file the folder is there, without an index (default)",
      NOT_FOUND,
    ],
    instead: ["for the host list.org: 200"],
  },
  {
    url: "http://list.org/empty/?sort=size",
    status: 200,
    notes: [
      "host list.org, exactly: $/www (web.conf:18)",
      "path /empty/",
      "address 127.0.0.1 is admitted",
      "file $/www/empty/index.html is not there",
      "listing there is no index, so the folder is listed: 1 name, by size, as HTML (web.conf:19)",
      "field Cache-Control: no-cache (default)",
    ],
  },
  {
    url: "/.env",
    status: 404,
    notes: [
      DEFAULT_HOST,
      "path /.env",
      LET_IN,
      "file $/www/.env is not looked up: a name begins with a dot (default)",
      NOT_FOUND,
    ],
  },
  {
    url: "http://files.lab.org/.profile",
    from: "192.0.2.7",
    status: 200,
    notes: [
      LAB_HOST,
      "path /.profile",
      "address 192.0.2.7 is admitted (web.conf:11)",
      "file $/lab/.profile is there: 7 bytes",
      "type text/plain; charset=utf-8",
      "field Cache-Control: no-cache (default)",
    ],
  },
  {
    url: "http://FILES.lab.org:8080/x.txt",
    from: "127.0.0.9",
    status: 403,
    notes: [LAB_HOST, "path /x.txt", "address 127.0.0.9 is denied (web.conf:12)"],
  },
  {
    url: "http://files.lab.org/x.txt",
    from: "::1",
    status: 403,
    notes: [LAB_HOST, "path /x.txt", "address ::1 is not allowed"],
  },
  {
    url: "/",
    from: "::ffff:10.1.2.3",
    status: 403,
    notes: [DEFAULT_HOST, "path /", "address 10.1.2.3 is denied (web.conf:2)"],
  },
  {
    url: "http://files.lab.org/x.txt",
    headers: ["Range: bytes=2-3"],
    status: 206,
    notes: [
      LAB_HOST,
      "path /x.txt",
      "address 127.0.0.1 is admitted (web.conf:11)",
      "file $/lab/x.txt is there: 10 bytes",
      "type text/plain; charset=utf-8",
      "field Cache-Control: no-cache (default)",
      "range bytes 2-3/10: 206",
    ],
  },
  {
    url: "http://files.lab.org/x.txt",
    headers: ["If-None-Match: *", "Range: bytes=99-"],
    status: 304,
    notes: [
      LAB_HOST,
      "path /x.txt",
      "address 127.0.0.1 is admitted (web.conf:11)",
      "file $/lab/x.txt is there: 10 bytes",
      "type text/plain; charset=utf-8",
      "field Cache-Control: no-cache (default)",
      "condition by if-none-match the client has the current file: 304",
    ],
  },
  {
    url: "http://a.app.org/deep/link",
    headers: ["Accept: text/html"],
    status: 200,
    notes: [
      APP_HOST,
      "path /deep/link",
      LET_IN,
      "file $/www/deep/link is not there",
      "file $/www/deep/link.html is not there",
      "page /index.html is sent, because there is no file (web.conf:16)",
    ],
  },
  {
    url: "http://a.app.org/deep",
    status: 404,
    notes: [
      APP_HOST,
      "path /deep",
      LET_IN,
      "file $/www/deep is not there",
      "file $/www/deep.html is not there",
      "page /index.html is not sent: Accept does not list text/html by name (web.conf:16)",
    ],
    instead: ["with Accept: text/html, as a browser sends it: 200"],
  },
  {
    url: "http://files.lab.org/x.txt",
    headers: ["Accept-Encoding: gzip, identity;q=0"],
    status: 200,
    notes: [
      LAB_HOST,
      "path /x.txt",
      "address 127.0.0.1 is admitted (web.conf:11)",
      "file $/lab/x.txt is there: 10 bytes",
      "type text/plain; charset=utf-8",
      "field Cache-Control: no-cache (default)",
      'coding gzip, encoded by the server: 30 bytes of 10; the client accepts "gzip, identity;q=0"',
    ],
  },
  {
    url: "http://files.lab.org/x.txt",
    headers: ["Accept-Encoding: identity;q=0"],
    status: 406,
    notes: [
      LAB_HOST,
      "path /x.txt",
      "address 127.0.0.1 is admitted (web.conf:11)",
      "file $/lab/x.txt is there: 10 bytes",
      "type text/plain; charset=utf-8",
      "field Cache-Control: no-cache (default)",
      'coding no form of the file is acceptable: 406; the client accepts "identity;q=0"',
    ],
  },
  {
    url: "http://a.app.org/page.html",
    status: 301,
    notes: [
      APP_HOST,
      "path /page.html",
      LET_IN,
      "file $/www/page.html is there: 4 bytes",
      HTML,
      "redirect the address of this page is /page (web.conf:17)",
      FRAME,
    ],
  },
  {
    url: "http://file.lab.org/",
    status: 200,
    notes: [
      'host default, for "file.lab.org", which no other line matches: $/www (web.conf:3)',
      "path /",
      LET_IN,
      "file $/www/index.html is there: 5 bytes",
      HTML,
      FRAME,
      KEPT,
    ],
    instead: ["for the host files.lab.org: 404"],
  },
  { url: "/%zz", status: 400, notes: [] },
];

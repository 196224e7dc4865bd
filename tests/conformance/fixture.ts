/**
 * The site of the conformance suite: two hosts, with files of known content and time.
 */

import { exchange, get } from "../client.ts";
import { type Files, siteWallMs, withSite } from "../site.ts";
import { LETTERS, MODIFIED, SMUGGLED_CONTENT } from "./case.ts";

/** Values that are known only when the server runs. */
export interface Fixture {
  readonly port: number;
  /** The entity tag of /letters.txt. */
  readonly etag: string;
}

/** Longer than the initial size of any socket buffer, so that the server needs several writes. */
export const BIG_BYTES = 1024 * 1024;

const FILES: Files = {
  "index.html": "default index",
  "letters.txt": LETTERS,
  "canary.txt": "canary",
  "smuggled.txt": SMUGGLED_CONTENT,
  "empty.txt": "",
  "recent.txt": "recent",
  "future.txt": "future",
  "epoch.txt": "epoch",
  "big.bin": new Uint8Array(BIG_BYTES).map((_, at) => at % 251),
  "unknown": "no extension",
  "100%.txt": "percent",
  "a b.txt": "blank",
  "a#b.txt": "hash",
  "a?b.txt": "question",
  "a+b.txt": "plus",
  "a;b=c.txt": "semicolon",
  "~a-b_c.txt": "unreserved",
  "ü.txt": "umlaut",
  ".hidden": "hidden",
  "dir/index.html": "dir index",
  "dir/a.txt": "a",
  "a b/index.html": "",
  "ü/index.html": "",
  "100%/index.html": "",
  "a?b/index.html": "",
  "a#b/index.html": "",
  'q"<>/index.html': "",
  "evil/index.html": "evil index",
  "evil.example/index.html": "",
  "crlf\r\nX-Injected: yes/index.html": "",
  "other/index.html": "other index",
};

/** Modification times in seconds since 1970. */
const TIMES: Readonly<Record<string, number>> = {
  "letters.txt": Date.parse(MODIFIED) / 1000,
  "recent.txt": Date.UTC(2020, 0, 1) / 1000 + 0.9, // Not a whole second, unlike HTTP dates.
  "future.txt": siteWallMs() / 1000 + 365 * 86_400,
  "epoch.txt": 0,
};

/** Serves the files while `test` runs. `conf` holds additional lines of web.conf. */
export async function withFixture(conf: string, test: (fixture: Fixture) => Promise<void>): Promise<void> {
  const hosts = "host default ROOT\nhost other.example ROOT/other\n";
  await withSite({ files: FILES, conf: hosts + conf }, async ({ port, root }) => {
    for (const [path, time] of Object.entries(TIMES)) await Deno.utime(`${root}/${path}`, time, time);
    await Deno.symlink("..", `${root}/outside`);
    const { field } = await exchange(port, get("/letters.txt"));
    await test({ port, etag: field("etag") ?? "no ETag" });
  });
}

/** Replaces placeholders in braces by their values. */
export function expand(text: string, { etag }: Fixture): string {
  const now = siteWallMs();
  const dates: Readonly<Record<string, string>> = {
    "{etag}": etag,
    "{now}": new Date(now).toUTCString(),
    "{tomorrow}": new Date(now + 86_400_000).toUTCString(),
    "{rfc850 49 years ahead}": rfc850(now, 49),
    "{rfc850 over 50 years ahead}": rfc850(now, 50),
  };
  return text.replace(/\{[a-z0-9 ]+\}/g, (word) => dates[word] ?? word);
}

/** The day after tomorrow, `years` from now, in the obsolete form with a two-digit year (RFC 9110, section 5.6.7). */
function rfc850(nowMs: number, years: number): string {
  const date = new Date(nowMs + 2 * 86_400_000);
  date.setUTCFullYear(date.getUTCFullYear() + years);
  const [, day, month, year, time] = /^..., (\d\d) (...) ..(\d\d) (\S+) GMT$/.exec(date.toUTCString()) ?? [];
  const weekday = new Intl.DateTimeFormat("en", { weekday: "long", timeZone: "UTC" }).format(date);
  return `${weekday}, ${day}-${month}-${year} ${time} GMT`;
}

/**
 * The folder that a server under test must serve: known files, and a web.conf for servers of the lab.
 * @module
 */

import { join } from "@std/path/join";
import { writeFiles } from "./program.ts";

/** Bytes of the file of the load tests, as in the lab. */
export const LARGE_BYTES = 1_700_000;

/** The files by name. */
export const FILES = {
  "index.html": "<!doctype html>\n<title>lab</title>\n<p>index\n",
  "a.txt": "0123456789".repeat(200),
  "picture.jpg": "not really a picture\n",
  "style.css": "p { color: red }\n",
  "Makefile": "all:\n\ttrue\n",
  "sub/page.html": "<p>page\n",
  "large.bin": "x".repeat(LARGE_BYTES),
} as const;

/** A file that the server may not read, unless its user may read everything. */
export const UNREADABLE = "unreadable.txt";

/** `timeout` of the web.conf, in seconds. */
export const TIMEOUT_SECONDS = 1;

const CONF = `host default www
host localhost www
media html text/html
media txt text/plain
media jpg image/jpeg
media css text/css
parameter timeout ${TIMEOUT_SECONDS}
`;

/** Writes `folder`/www and `folder`/web.conf. Keeps other files that are there. */
export async function makeSite(folder: string): Promise<void> {
  const files = Object.entries(FILES).map(([name, text]) => [`www/${name}`, text]);
  await writeFiles(folder, { ...Object.fromEntries(files), "web.conf": CONF });
  const closed = join(folder, "www", UNREADABLE);
  await Deno.remove(closed).catch(() => {}); // From an earlier call. It cannot be overwritten.
  await Deno.writeTextFile(closed, "closed\n");
  if (Deno.build.os !== "windows") await Deno.chmod(closed, 0);
}

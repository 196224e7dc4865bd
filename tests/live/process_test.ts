/** Live reload of the whole program: a real file changes, and browsers of every worker are told. */

import { assertMatch, assertStringIncludes } from "@std/assert";
import { exchange, get, RawClient } from "../client.ts";
import { ServerProcess } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";

/** Enough that the system gives some to each of two workers. */
const STREAMS = 8;

Deno.test("with --live, all workers tell browsers of an edit, and the page after it is the new one", async () => {
  using folder = new TempFolder();
  folder.write("www/index.html", "<p>old");
  await using server = await ServerProcess.start(["www", "--live", "-w", "2"], { cwd: folder.path });
  assertMatch(server.banner, /^ {2}note +pages in browsers reload when their files change \(--live\)$/m);
  const clients = await Promise.all(Array.from({ length: STREAMS }, () => RawClient.connect(server.port)));
  for (const client of clients) await client.send(get("/.sweepd/events"));
  for (const client of clients) await until(client, "event: version");
  folder.write("www/index.html", "<p>new");
  for (const client of clients) await until(client, "event: page");
  assertMatch((await exchange(server.port, get("/"))).text, /^<p>new<script src="\/\.sweepd\/live\.js\?v=\d+">/);
  for (const client of clients) client.close();
  server.signal("SIGTERM");
  assertStringIncludes((await server.ended()).stdout, '"GET /.sweepd/events HTTP/1.1" 200');
});

/** Receives until the text has come. */
async function until(client: RawClient, text: string): Promise<void> {
  let received = "";
  while (!received.includes(text)) received += new TextDecoder().decode(await client.take(1));
}

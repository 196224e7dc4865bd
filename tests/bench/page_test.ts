/** The page that a browser loads in the benchmark, what is read of a visit, and the relay that delays bytes. */

import { assertEquals, assertThrows } from "@std/assert";
import { relayTo } from "../../bench/delaying_relay.ts";
import { readVisit } from "../../bench/page.ts";
import { makePage, PAGE_FILES } from "../../bench/page_site.ts";
import { TempFolder } from "../temp_folder.ts";

function domOf(changes: Readonly<Record<string, unknown>> = {}): string {
  const visit = { ms: 81.5, files: 60, scripts: 19, broken: 0, versions: ["h2"], ...changes };
  return `<html><body data-result="${JSON.stringify(visit).replaceAll('"', "&quot;")}">`;
}

Deno.test("readVisit() is the time of a whole page, and throws for any other", () => {
  assertEquals(readVisit(domOf(), "h2", "sweepd"), 81.5);
  for (const wrong of [{ files: 59 }, { broken: 1 }, { scripts: 18 }, { versions: ["h2", "http/1.1"] }]) {
    assertThrows(() => readVisit(domOf(wrong), "h2", "sweepd"), Error, "incomplete");
  }
  assertThrows(() => readVisit("<html>", "h2", "sweepd"), Error, "did not load");
});

Deno.test("the page has 60 files of the same bytes each time, and names them all", () => {
  using folder = new TempFolder();
  makePage(`${folder.path}/a`);
  makePage(`${folder.path}/b`);
  const names = Array.from(Deno.readDirSync(`${folder.path}/a`), ({ name }) => name);
  assertEquals(names.length, PAGE_FILES);
  const page = Deno.readTextFileSync(`${folder.path}/a/index.html`);
  for (const name of names) {
    const [one, other] = [`a/${name}`, `b/${name}`].map((path) => Deno.readFileSync(`${folder.path}/${path}`));
    assertEquals(one, other);
    assertEquals(name === "index.html" || page.includes(`src="${name}"`), true, name);
  }
});

Deno.test("the relay passes all bytes on in order, and each end of its own", async () => {
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const echo = async () => {
    using connection = await server.accept();
    const buffer = new Uint8Array(64 * 1024);
    for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
      for (let rest = buffer.subarray(0, count); rest.length > 0;) rest = rest.subarray(await connection.write(rest));
    }
    await connection.closeWrite();
  };
  const echoed = echo();
  using relay = relayTo(server.addr.port, 2);
  using client = await Deno.connect({ hostname: "127.0.0.1", port: relay.port });
  const sent = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
  const writing = (async () => {
    for (let rest = sent; rest.length > 0;) rest = rest.subarray(await client.write(rest.subarray(0, 10_000)));
    await client.closeWrite();
  })();
  const received: number[] = [];
  const buffer = new Uint8Array(64 * 1024);
  for (let count = await client.read(buffer); count !== null; count = await client.read(buffer)) {
    for (const octet of buffer.subarray(0, count)) received.push(octet);
  }
  await Promise.all([writing, echoed]);
  assertEquals(Uint8Array.from(received), sent);
});

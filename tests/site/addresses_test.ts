/** allow and deny over real sockets: two hosts that differ, peers of two addresses and of both families. */

import { assertEquals } from "@std/assert";
import { AddressRules } from "../../src/site/addresses.ts";
import { RawClient } from "../client.ts";
import { exchangeFrom, type FromOptions } from "../from.ts";
import { withSite } from "../site.ts";

const FILES = { "index.html": "index", "sub/index.html": "sub" };

/** The status of a request line, for a host, from an address. */
async function statusFrom(options: FromOptions, port: number, host: string, line = "GET /"): Promise<number> {
  const text = await exchangeFrom(options, port, `${line} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  return Number(text.split(" ")[1]);
}

/** The status of each host for peers of 127.0.0.1, 127.0.0.2 and ::1 at a listener for both families. */
async function statuses(conf: string, hosts: readonly string[]): Promise<Record<string, number[]>> {
  const all: Record<string, number[]> = {};
  await withSite({ files: FILES, conf, hostname: "::" }, async ({ port }) => {
    for (const host of hosts) {
      all[host] = [];
      for (const options of [{ from: "127.0.0.1" }, { from: "127.0.0.2" }, { from: "::1", to: "::1" }]) {
        all[host].push(await statusFrom(options, port, host));
      }
    }
  });
  return all;
}

Deno.test("allow lets in these addresses only, and another host of the same root is as open as before", async () => {
  const conf = "host a ROOT\n  allow 127.0.0.2\nhost b ROOT\n";
  assertEquals(await statuses(conf, ["a", "b"]), { a: [403, 200, 403], b: [200, 200, 200] });
});

Deno.test("deny goes before allow, whatever the order of lines", async () => {
  const conf =
    "host a ROOT\n  deny 127.0.0.2\n  allow 127.0.0.0/8\nhost b ROOT\n  allow 127.0.0.0/8\n  deny 127.0.0.2\n";
  assertEquals(await statuses(conf, ["a", "b"]), { a: [200, 403, 403], b: [200, 403, 403] });
});

Deno.test("lines above the first host hold for every host that does not say none", async () => {
  const conf = "deny 127.0.0.2\nhost a ROOT\n  deny ::1\nhost b ROOT\n  deny none\nhost c ROOT\n";
  assertEquals(await statuses(conf, ["a", "b", "c"]), { a: [200, 403, 403], b: [200, 200, 200], c: [200, 403, 200] });
});

Deno.test("rules of IPv4 hold for a listener for both families, written in either way", async () => {
  const conf = "host a ROOT\n  allow ::ffff:127.0.0.2\nhost b ROOT\n  deny ::/0\nhost c ROOT\n  deny 0.0.0.0/0\n";
  assertEquals(await statuses(conf, ["a", "b", "c"]), { a: [403, 200, 403], b: [200, 200, 403], c: [403, 403, 200] });
});

Deno.test("an address that is not let in learns of nothing that is there", async () => {
  const conf = "redirect /old /new\nhost a ROOT\n  deny 127.0.0.1\n";
  await withSite({ files: FILES, conf }, async ({ port }) => {
    using client = await RawClient.connect(port);
    const answers = new Set<string>();
    for (const target of ["/", "/index.html", "/sub", "/sub/", "/missing", "/old", "/.env", "/%2e%2e/x", "/caf%E9"]) {
      for (const fields of ["", "If-None-Match: *\r\n", "Range: bytes=0-0\r\n", 'If-Match: "x"\r\n']) {
        await client.send(`GET ${target} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`);
        const response = await client.response();
        const names = response.fields.map(([name]) => name).join();
        answers.add(`${response.status} ${names} ${response.text}`);
      }
    }
    assertEquals(answers.size, 1);
    assertEquals([...answers][0]!.split(" ")[0], "403");
  });
});

Deno.test("one connection is let in by one host and not by the other", async () => {
  await withSite({ files: FILES, conf: "host a ROOT\n  deny 127.0.0.1\nhost b ROOT\n" }, async ({ port }) => {
    using client = await RawClient.connect(port);
    await client.send(["b", "a", "b", "a"].map((host) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`).join(""));
    const seen = [];
    for (let count = 0; count < 4; count++) seen.push((await client.response()).status);
    assertEquals(seen, [200, 403, 200, 403]);
  });
});

Deno.test("AddressRules lets nobody in whose address cannot be read", () => {
  assertEquals(new AddressRules([], ["192.0.2.1"]).admits("/tmp/socket"), false);
  assertEquals(new AddressRules([], ["192.0.2.1"]).admits("192.0.2.2"), true);
});

Deno.test("AddressRules says the same of an address that it remembers, and of more addresses than it remembers", () => {
  const rules = new AddressRules(["10.0.0.0/9"], ["10.0.0.7"]);
  for (let round = 0; round < 2; round++) {
    for (let number = 0; number < 5000; number++) {
      const address = `10.${number % 256}.${number >> 8}.7`;
      assertEquals(rules.admits(address), number % 256 < 128 && address !== "10.0.0.7", address);
    }
  }
});

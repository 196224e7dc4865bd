/** A server behind a proxy: trusted fields in the log and in rules for addresses; health checks. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exchange, get } from "../client.ts";
import { withSite } from "../site.ts";
import { parseConfig } from "../../src/config/parse.ts";

const FILES = { "a.txt": "text" };

Deno.test("a trusted proxy's word counts in the log and for allow and deny", async () => {
  const conf = "host default ROOT\n  deny 192.0.2.0/24\nparameter trust 127.0.0.1 10.0.0.0/8\n";
  await withSite({ files: FILES, conf }, async ({ port, access }) => {
    const statusFor = async (list: string) => (await exchange(port, get("/a.txt", { "X-Forwarded-For": list }))).status;
    assertEquals(await statusFor("198.51.100.1"), 200);
    assertEquals(await statusFor("192.0.2.7"), 403);
    assertEquals(
      await statusFor("198.51.100.1, 192.0.2.7, 10.1.1.1"),
      403,
      "the left-most address is the client's own word",
    );
    assertEquals(access.map((line) => line.split(" ")[0]), ["198.51.100.1", "192.0.2.7", "192.0.2.7"]);
  });
});

Deno.test("without trust, fields of clients change nothing", async () => {
  const conf = "host default ROOT\n  deny 192.0.2.0/24\n";
  await withSite({ files: FILES, conf }, async ({ port, access }) => {
    assertEquals((await exchange(port, get("/a.txt", { "X-Forwarded-For": "192.0.2.7" }))).status, 200);
    assertMatch(access[0]!, /^127\.0\.0\.1 /);
  });
});

Deno.test("a refused request is logged with the address of its client", async () => {
  const conf = "host default ROOT\nparameter trust 127.0.0.1\n";
  await withSite({ files: FILES, conf }, async ({ port, access }) => {
    await exchange(port, get("/a.txt", { "X-Forwarded-For": "192.0.2.7", Expect: "tea" }));
    assertMatch(access[0]!, /^192\.0\.2\.7 .* 417 /);
  });
});

Deno.test("health checks are answered for every host, also where addresses are denied", async () => {
  const conf = "host default ROOT\n  deny 127.0.0.1\nparameter health /healthz\n";
  await withSite({ files: FILES, conf }, async ({ port }) => {
    const { status, text, field } = await exchange(port, get("/healthz"));
    assertEquals([status, text, field("cache-control")], [200, "ready\n", "no-store"]);
    assertEquals((await exchange(port, "HEAD /healthz?x HTTP/1.0\r\n\r\n")).status, 200);
    assertEquals((await exchange(port, get("/healthz/"))).status, 403);
    assertEquals((await exchange(port, "POST /healthz HTTP/1.1\r\nHost: a\r\n\r\n")).status, 405);
  });
});

Deno.test("without the parameter there is no health check", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    assertEquals((await exchange(port, get("/healthz"))).status, 404);
  });
});

for (
  const [line, value] of [
    ["parameter trust 10.0.0.0/8", "10.0.0.0/8"],
    ["parameter trust 10.0.0.0/8 ::1 192.0.2.1", "10.0.0.0/8 ::1 192.0.2.1"],
    ['parameter trust "10.0.0.0/8 ::1"', "10.0.0.0/8 ::1"],
    ["parameter trust none", "none"],
  ] as const
) {
  Deno.test(`${line} trusts ${value}`, () => {
    const { config, diagnostics } = parseConfig(line, "web.conf");
    assertEquals([config.parameters.trust.value, diagnostics], [value, []]);
  });
}

for (
  const [line, message] of [
    ["parameter trust localhost", '"localhost" is a name; write its addresses: 127.0.0.1 ::1'],
    ["parameter trust 10.0.0.1 10.0.0.0/33", '"10.0.0.0/33" is not a range'],
    ["parameter trust 10.0.0.0/8 none", '"none" is not an IP address'],
    ["parameter health healthz", '"healthz" is not the path of a health check; write one like /healthz'],
    ["parameter health /", '"/" is not the path of a health check'],
    ["parameter health /a?b", '"/a?b" is not the path of a health check'],
    ["parameter drain-delay soon", '"soon" is not a time'],
  ] as const
) {
  Deno.test(`${line} is an error`, () => {
    const [problem] = parseConfig(line, "web.conf").diagnostics;
    assertEquals(problem?.severity, "error");
    assertStringIncludes(problem!.message, message);
  });
}

/** What the server says of itself when it starts. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { banner, type Running } from "../src/banner.ts";
import { defaultConfig, type HostEntry } from "../src/config/config.ts";
import { VERSION } from "../src/version.ts";

function host(name: string, root: string, line: number): HostEntry {
  return { name, root, origin: { kind: "file", file: "web.conf", line } };
}

function bannerOf(hosts: readonly HostEntry[], running: Partial<Running> = {}): string {
  const config = { ...defaultConfig(), hosts };
  return banner({ source: "./web.conf", config, hostname: "::", port: 8080, workers: 2, ...running });
}

Deno.test("banner() tells version, configuration, hosts, address and scope, one fact a line", () => {
  assertEquals(
    bannerOf([host("default", "www", 3), host("localhost", "/srv/www", 4)]),
    `sweepd ${VERSION}
  configuration ./web.conf
  hosts         default -> www (web.conf:3)
                localhost -> /srv/www (web.conf:4)
  open          http://localhost:8080/
  listening on  [::]:8080, 2 workers
  may read      www, /srv/www, and nothing else
Ctrl-C ends it.
`,
  );
});

Deno.test("banner() names a root once that several hosts share", () => {
  assertStringIncludes(bannerOf([host("a", "www", 1), host("b", "www", 2)]), "  may read      www, and nothing else\n");
});

Deno.test("banner() says that nothing may be read where there are no hosts", () => {
  assertStringIncludes(bannerOf([]), "  may read      nothing, and nothing else\n");
});

Deno.test("banner() counts one worker as one", () => {
  assertMatch(bannerOf([], { workers: 1 }), /, 1 worker$/m);
});

for (
  const [hostname, url] of [
    ["::", "http://localhost:9000/"],
    ["0.0.0.0", "http://localhost:9000/"],
    ["127.0.0.1", "http://127.0.0.1:9000/"],
    ["::1", "http://[::1]:9000/"],
    ["192.0.2.7", "http://192.0.2.7:9000/"],
  ] as const
) {
  Deno.test(`banner() has ${url} opened for a server that listens on ${hostname}`, () => {
    assertStringIncludes(bannerOf([], { hostname, port: 9000 }), `  open          ${url}\n`);
  });
}

Deno.test("VERSION is the one of deno.json", async () => {
  const manifest = JSON.parse(await Deno.readTextFile(new URL("../deno.json", import.meta.url)));
  assertEquals(VERSION, manifest.version);
});

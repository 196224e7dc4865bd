/**
 * Settings under load: hosts of one root that differ are asked in pipelines over many connections, and while the configuration
 * changes. No answer may have anything of another host, or of a configuration that holds no longer.
 */

import { assertEquals } from "@std/assert";
import { parseConfig } from "../../src/config/parse.ts";
import type { Config } from "../../src/config/config.ts";
import { systemDisk } from "../../src/files/disk.ts";
import { systemClock } from "../../src/net/clock.ts";
import { SiteServer } from "../../src/server.ts";
import { RawClient, type RawResponse } from "../client.ts";
import { type Files, siteWallMs, withSite } from "../site.ts";
import { TempFolder } from "../temp_folder.ts";

const FILES: Files = {
  "index.html": "index",
  "a.txt": "a",
  "large.bin": new Uint8Array(300_000),
  "e/one.html": "one",
  "e/two.html": "two",
};

const TWO_HOSTS = `host a ROOT
  header * X-Host a
  header *.txt Content-Type text/x-a
  cache * 1
  error 404 /e/one.html
  redirect /old/** /a/$1
  charset off
host b ROOT
  header * X-Host b
  cache * 2
  error 404 /e/two.html
  redirect /old/** /b/$1
  fallback /index.html
`;

/** Targets, and what each host answers: status, and what tells its answer from that of the other host. */
const ANSWERS: Readonly<Record<string, (host: string) => string>> = {
  "/": (host) => `200 max-age=${host === "a" ? 1 : 2} text/html${host === "a" ? "" : "; charset=utf-8"} index`,
  "/a.txt": (host) =>
    `200 max-age=${host === "a" ? 1 : 2} ${host === "a" ? "text/x-a" : "text/plain; charset=utf-8"} a`,
  "/large.bin": (host) => `200 max-age=${host === "a" ? 1 : 2} application/octet-stream 300000`,
  "/none.js": (host) =>
    `404 no-cache text/html${host === "a" ? "" : "; charset=utf-8"} ${host === "a" ? "one" : "two"}`,
  "/old/x": (host) => `301 - text/html; charset=utf-8 /${host}/x`,
  "/users/7": (host) => {
    return host === "a" ? "404 no-cache text/html one" : "200 max-age=2 text/html; charset=utf-8 index";
  },
};

function written({ status, field, text, content }: RawResponse): string {
  const what = field("location") ?? (content.length > 1000 ? content.length : text);
  return [status, field("cache-control") ?? "-", field("content-type"), what].join(" ");
}

Deno.test("hosts of one root answer each as its own lines say, in pipelines over many connections", async () => {
  await withSite({ files: FILES, conf: TWO_HOSTS }, async ({ port, root }) => {
    const targets = Object.keys(ANSWERS);
    const converse = async (number: number) => {
      using client = await RawClient.connect(port);
      for (let round = 0; round < 10; round++) {
        const asked = Array.from({ length: 12 }, (_, index) => {
          const place = number * 7 + round * 5 + index;
          return { host: place % 2 === 0 ? "a" : "b", target: targets[(place * 3 + number) % targets.length]! };
        });
        await client.send(
          asked.map(({ host, target }) => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\n\r\n`).join(
            "",
          ),
        );
        for (const { host, target } of asked) {
          const answer = await client.response();
          assertEquals([answer.field("x-host"), written(answer)], [host, ANSWERS[target]!(host)], `${host}${target}`);
        }
        // The same content in another state: prepared answers are made again.
        if (number === 0) {
          await Deno.writeTextFile(`${root}/next.html`, "one");
          await Deno.rename(`${root}/next.html`, `${root}/e/one.html`);
        }
      }
    };
    await Promise.all(Array.from({ length: 12 }, (_, number) => converse(number)));
  });
});

/** A server that takes other configurations; `ROOT` in them is the folder of `files`. */
async function withServer(
  files: Files,
  first: string,
  test: (port: number, configure: (conf: string) => void) => Promise<void>,
): Promise<void> {
  using folder = new TempFolder();
  for (const [path, content] of Object.entries(files)) folder.write(path, content);
  const configOf = (conf: string): Config => parseConfig(conf.replaceAll("ROOT", folder.path), "web.conf").config;
  const stop = new AbortController();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const server = new SiteServer(configOf(first), {
    listener,
    clock: { ...systemClock, wall: siteWallMs },
    disk: systemDisk,
    access: () => {},
    report: (problem, error) => {
      throw new Error(problem, { cause: error });
    },
    signal: stop.signal,
  });
  const running = server.run();
  try {
    await test(listener.addr.port, (conf) => server.configure(configOf(conf)));
  } finally {
    stop.abort();
    await running;
  }
}

Deno.test("a reload that changes settings holds for the next request of each connection, back and forth", async () => {
  const swapped = TWO_HOSTS.replace("host a", "host c").replace("host b", "host a").replace("host c", "host b");
  await withServer(FILES, TWO_HOSTS, async (port, configure) => {
    const clients = await Promise.all([1, 2, 3].map(() => RawClient.connect(port)));
    for (let round = 0; round < 6; round++) {
      const isSwapped = round % 2 === 1;
      configure(isSwapped ? swapped : TWO_HOSTS);
      for (const client of clients) {
        for (const [target, answerOf] of Object.entries(ANSWERS)) {
          for (const host of ["a", "b"]) {
            await client.send(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\n\r\n`);
            const meant = isSwapped ? { a: "b", b: "a" }[host]! : host;
            const answer = await client.response();
            // The values of the swapped lines stay: X-Host still says whose lines they were.
            assertEquals(
              [answer.field("x-host"), written(answer)],
              [meant, answerOf(meant)],
              `${round} ${host}${target}`,
            );
          }
        }
      }
    }
    for (const client of clients) client.close();
  });
});

/** The cache of parsed targets and hosts: every request is answered as without the cache. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { http } from "../../src/http/h1/conversation.ts";
import type { Request } from "../../src/http/request.ts";
import type { Response } from "../../src/http/response.ts";
import type { Target } from "../../src/http/target.ts";
import type { Protocol } from "../../src/net/conversation.ts";
import { request, StoppedClock, talk, text } from "./conversation.ts";

/** A handler that answers with the parsed host and path. */
function tell({ host, target }: Request): Response {
  return text(`${host} ${target.kind === "path" ? target.segments.join("/") : target.kind}`);
}

/** Sizes of the cache. With 16 slots, requests replace each other. */
function serverOf(targetsCached: number, handler = tell): Protocol {
  return http(handler, { clock: new StoppedClock(), targetsCached });
}

/** Sends the messages one after the other. Returns for each the content of the answer, or the status of an error. */
async function ask(server: Protocol, ...messages: readonly string[]): Promise<(string | number)[]> {
  const { answers } = await talk(server, [messages.join("")]);
  return answers.map(({ status, content }) => status === 200 ? content : status);
}

function message(requestLine: string, ...fieldLines: readonly string[]): string {
  return [requestLine, ...fieldLines, "", ""].join("\r\n");
}

Deno.test("http() passes the same target object for the same target and host, and only for these", async () => {
  const targets: Target[] = [];
  const server = serverOf(1024, (asked) => {
    targets.push(asked.target);
    return tell(asked);
  });
  await ask(server, ...["a", "a", "b"].map((host) => message("GET /a HTTP/1.1", `Host: ${host}`)));
  await ask(server, message("GET /a HTTP/1.1", "Host: b"));
  assertEquals([targets[0] === targets[1], targets[1] === targets[2], targets[2] === targets[3]], [true, false, true]);
});

Deno.test("http() remembers nearly all of a third as many targets as it has places for, although their hashes collide", async () => {
  const server = serverOf(4096, (asked) => {
    const isRemembered = asked.route.found !== null;
    asked.route.found = {};
    return text(String(isRemembered));
  });
  const requests = Array.from({ length: 4096 / 3 }, (_, number) => message(`GET /${number}.bin HTTP/1.1`, "Host: a"));
  assertEquals(new Set(await ask(server, ...requests)), new Set(["false"]));
  const forgotten = (await ask(server, ...requests)).filter((isRemembered) => isRemembered === "false");
  assert(forgotten.length < requests.length / 100, `${forgotten.length} of ${requests.length} were forgotten`);
});

Deno.test("http() distinguishes requests by method, version, host, form and number of Hosts", async () => {
  const requests: readonly (readonly [string | number, string, ...string[]])[] = [
    ["a x", "GET /x HTTP/1.1", "Host: a"],
    ["b x", "GET /x HTTP/1.1", "Host: b"],
    [400, "GET /x HTTP/1.1", "Host: a", "Host: a"],
    [400, "GET /x HTTP/1.1", "X: a"],
    [" x", "GET /x HTTP/1.0", "Host:"],
    [400, "GET /x HTTP/1.1", "Host:"],
    ["a x", "GET /x HTTP/1.0", "Host: A:80"],
    [400, "CONNECT /x HTTP/1.1", "Host: a"],
    ["c x", "GET http://c/x HTTP/1.1", "Host: a"],
    ["a asterisk", "OPTIONS * HTTP/1.1", "Host: a"],
    [400, "GET * HTTP/1.1", "Host: a"],
    ["a x", "OPTIONS /x HTTP/1.1", "Host: a"],
  ];
  const server = serverOf(1024);
  for (let round = 0; round < 3; round++) {
    for (const [expected, ...lines] of requests) {
      assertEquals(await ask(server, message(...lines)), [expected], lines.join("; "));
    }
  }
});

Deno.test("http() parses targets and hosts correctly if there are more than the cache holds", async () => {
  const server = serverOf(16);
  const numbers = Array.from({ length: 100 }, (_, number) => number);
  const paths = numbers.map((number) => message(`GET /${number} HTTP/1.1`, "Host: a"));
  const hosts = numbers.map((number) => message("GET /x HTTP/1.1", `Host: h${number}`)); // The messages differ only in the host.
  for (let round = 0; round < 2; round++) {
    assertEquals(await ask(server, ...paths), numbers.map((number) => `a ${number}`));
    assertEquals(await ask(server, ...hosts), numbers.map((number) => `h${number} x`));
  }
});

Deno.test("http() parses targets and hosts of every length, also from the cache", async () => {
  const server = serverOf(16);
  for (const length of [255, 256, 257, 4000]) {
    const name = "n".repeat(length);
    for (const host of ["a", "h".repeat(length)]) {
      const messages = [name, `${name}x`].map((path) => message(`GET /${path} HTTP/1.1`, `Host: ${host}`));
      const expected = [name, `${name}x`].map((path) => `${host} ${path}`);
      assertEquals(await ask(server, ...messages, ...messages), [...expected, ...expected]);
    }
  }
});

Deno.test("http() distinguishes targets and hosts that are the same bytes if written one after the other", async () => {
  const server = serverOf(1024);
  for (const length of [2, 3, 60, ...Array.from({ length: 12 }, (_, index) => 112 + index)]) {
    const pairs = [1, Math.ceil(length / 2), length - 1].map((
      count,
    ) => ["a".repeat(count), "a".repeat(length - count)]);
    const messages = pairs.map(([path, host]) => message(`GET /${path} HTTP/1.1`, `Host: ${host}`));
    const expected = pairs.map(([path, host]) => `${host} ${path}`);
    assertEquals(await ask(server, ...messages, ...messages), [...expected, ...expected]);
  }
});

Deno.test("http() refuses a cache size that is not a power of two", async () => {
  for (const targetsCached of [0, -1, 3, 1.5, NaN, Infinity]) {
    assertThrows(() => http(tell, { targetsCached }), RangeError, "power of two");
  }
  const { answers } = await talk(serverOf(1), [request("GET /")]);
  assert(answers[0]?.status === 200);
});

/**
 * Checks of the self-test: messages, pipelining, attempts to escape, and the life of connections (RFC 9112).
 * @module
 */

import { type Check, compare, exchange, type Expected, first, get, type Ground, request } from "./check.ts";
import { SECRET, TEXT } from "./instance.ts";
import type { Wire } from "./wire.ts";

const OK: Expected = { status: 200, content: TEXT };
const BAD: Expected = { status: 400 };

/** Two readers that understand a request differently can be used against each other. */
const SMUGGLING = "an attacker can hide a request from a proxy in front of the server";

const MESSAGES: readonly Check[] = [
  {
    name: "understands a request that arrives byte by byte",
    meaning: "clients in slow networks get errors",
    run: exchange(get(), [OK], { isByteByByte: true }),
  },
  {
    name: "answers two requests in one packet, in order",
    meaning: "clients that pipeline get answers to other requests",
    run: exchange(first("/folder/") + get(), [{ status: 200, content: "<p>folder" }, OK]),
  },
  {
    name: "answers two requests that arrive byte by byte, in order",
    meaning: "clients that pipeline get answers to other requests",
    run: exchange(first("/folder/") + get(), [{ status: 200, content: "<p>folder" }, OK], { isByteByByte: true }),
  },
  {
    name: "answers 50 requests in one packet",
    meaning: "clients that pipeline lose answers",
    run: exchange(first().repeat(49) + get(), new Array(50).fill(OK)),
  },
  {
    name: "continues after an error",
    meaning: "one missing picture ends the connection for all others",
    run: exchange(first("/missing") + get(), [{ status: 404 }, OK]),
  },
  {
    name: "skips the content of a request",
    meaning: "content is taken for the next request",
    run: exchange(first("/a.txt", "Content-Length: 5") + "GET /" + get(), [OK, OK]),
  },
  {
    name: "skips chunked content, also byte by byte",
    meaning: "content is taken for the next request",
    run: exchange(first("/a.txt", "Transfer-Encoding: chunked") + "5\r\nGET /\r\n0\r\n\r\n" + get(), [OK, OK], {
      isByteByByte: true,
    }),
  },
  {
    name: "tells a client to continue",
    meaning: "clients that wait for this hang",
    run: exchange(request("GET", "/a.txt", "Content-Length: 2", "Expect: 100-continue") + "xx", [OK]),
  },
  {
    name: "closes after HTTP/1.0",
    meaning: "old clients wait for ever",
    run: exchange("GET /a.txt HTTP/1.0\r\n\r\n", [{ ...OK, fields: { connection: "close" } }]),
  },
  {
    name: "refuses a request without Host",
    meaning: "requests can reach another site than the proxy thinks",
    run: exchange("GET /a.txt HTTP/1.1\r\n\r\n", [BAD]),
  },
  {
    name: "refuses two lengths",
    meaning: SMUGGLING,
    run: refuses(get("/a.txt", "Content-Length: 0", "Content-Length: 0")),
  },
  {
    name: "refuses a length together with chunked",
    meaning: SMUGGLING,
    run: refuses(get("/a.txt", "Content-Length: 5", "Transfer-Encoding: chunked") + "0\r\n\r\n"),
  },
  { name: "refuses a blank before a colon", meaning: SMUGGLING, run: refuses(get("/a.txt", "Content-Length : 0")) },
  { name: "refuses folded lines", meaning: SMUGGLING, run: refuses(get("/a.txt", "X: a\r\n b")) },
  {
    name: "refuses a head that is too long",
    meaning: "a client can fill the memory of the server",
    run: exchange(get("/a.txt", `X: ${"x".repeat(40_000)}`), [{ status: 431 }]),
  },
  {
    name: "refuses an address that is too long",
    meaning: "a client can fill the memory of the server",
    run: exchange(get(`/${"x".repeat(9_000)}`), [{ status: 414 }]),
  },
];

const ESCAPES: readonly Check[] = [
  {
    name: "stays in its folder: dots",
    meaning: "strangers can read files outside the site",
    run: hides(first("/../secret.txt") + first("/folder/../../secret.txt") + get("/./../secret.txt"), [404, 404, 404]),
  },
  {
    name: "stays in its folder: encoded dots and slashes",
    meaning: "strangers can read files outside the site",
    run: hides(first("/%2e%2e/secret.txt") + get("/..%2fsecret.txt"), [404, 400]),
  },
  {
    name: "stays in its folder: backslashes, NUL, and dots that are encoded twice",
    meaning: "strangers can read files outside the site",
    run: hides(first("/%252e%252e/secret.txt") + get("/..%5csecret.txt"), [404, 400]),
  },
  {
    name: "stays in its folder: links that lead out",
    meaning: "a link in the site opens files outside it",
    run: hides(first("/out.txt") + get("/above/secret.txt"), [[403, 404], [403, 404]]),
  },
  {
    name: "hides files that begin with a dot",
    meaning: "passwords and histories of the site's source can be read",
    run: hides(first("/.hidden") + get("/.git/config"), [404, 404]),
  },
  {
    name: "redirects to no other site",
    meaning: "a link to the site can lead to an attacker's",
    run: exchange(get("//evil.example/..//folder"), [{ status: 301, fields: { location: "/folder/" } }]),
  },
];

const LIVES: readonly Check[] = [
  { name: "ends an idle connection", meaning: "idle clients use up all connections", run: endsIdle },
  {
    name: "ends a request that never becomes complete",
    meaning: "a few slow clients can stop the server",
    run: endsSlow,
  },
  { name: "keeps a connection that is used", meaning: "every file costs a new connection", run: keepsUsed },
  { name: "answers what has arrived before it ends", meaning: "a restart loses requests", run: drains },
  {
    name: "ends idle connections when it ends",
    meaning: "a restart takes as long as the slowest client",
    run: endsOnDrain,
  },
  {
    name: "reported no problem of its own",
    meaning: "there is a mistake in the server; please report it",
    run: hasNoProblems,
  },
];

/** In the order in which they are shown. */
export const CONNECTION_CHECKS: readonly Check[] = [...MESSAGES, ...ESCAPES, ...LIVES];

/** One refusal, and no answer to what may be hidden behind it. */
function refuses(text: string): Check["run"] {
  return exchange(text + get(), [BAD]);
}

/** The answers have these statuses, and none contains the secret. */
function hides(text: string, statuses: readonly (number | readonly number[])[]): Check["run"] {
  return async ({ instance }) => {
    const wire = await instance.connect();
    try {
      await wire.send(text);
      await wire.end();
      const { text: received } = await wire.receive();
      if (received.includes(SECRET)) return "it sent a file that it must not send";
      const found = [...received.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
      const isRight = found.length === statuses.length &&
        statuses.every((each, index) => [each].flat().includes(found[index]!));
      return isRight ? null : `the statuses are ${found.join(", ") || "none"}`;
    } finally {
      wire.close();
    }
  };
}

async function endsIdle({ instance }: Ground): Promise<string | null> {
  const wire = await instance.connect();
  const { text, isEnded } = await wire.receive();
  wire.close();
  return isEnded
    ? text === "" ? null : "it sent something before"
    : "it is still open after four seconds; its limit is one";
}

async function endsSlow({ instance }: Ground): Promise<string | null> {
  const wire = await instance.connect();
  await wire.send("GET /a.txt HTTP/1.1\r\nHost: loc");
  const { text, isEnded } = await wire.receive();
  wire.close();
  return isEnded ? compare(text, "GET /a.txt HTTP/1.1", [{ status: 408 }]) : "it is still open after four seconds";
}

async function keepsUsed({ instance }: Ground): Promise<string | null> {
  const wire = await instance.connect();
  try {
    for (let round = 0; round < 3; round++) {
      await wire.send(first());
      const { text } = await wire.receive((received) => received.endsWith(TEXT));
      const problem = compare(text, first(), [OK]);
      if (problem !== null) return `after ${round} requests: ${problem}`;
    }
    return null;
  } finally {
    wire.close();
  }
}

async function drains({ start }: Ground): Promise<string | null> {
  return await whileEnding(start, async (wire) => {
    await wire.send(first());
    const { text, isEnded } = await wire.receive();
    return isEnded
      ? compare(text, first(), [{ ...OK, fields: { connection: "close" } }])
      : "the connection did not end";
  });
}

async function endsOnDrain({ start }: Ground): Promise<string | null> {
  return await whileEnding(start, async (wire) => {
    const { text, isEnded } = await wire.receive();
    return isEnded && text === "" ? null : "the connection did not end";
  });
}

/** Calls `judge` with a connection on which a request was answered before its server was told to end. */
async function whileEnding(
  start: Ground["start"],
  judge: (wire: Wire) => Promise<string | null>,
): Promise<string | null> {
  const instance = start();
  const wire = await instance.connect();
  await wire.send(first());
  const before = await wire.receive((received) => received.endsWith(TEXT));
  const stopped = instance.stop();
  const problem = compare(before.text, first(), [OK]) ?? await judge(wire);
  await stopped;
  wire.close();
  return problem;
}

function hasNoProblems({ instance }: Ground): Promise<string | null> {
  return Promise.resolve(instance.problems[0] ?? null);
}

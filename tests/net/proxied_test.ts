/** Connections through a proxy that sends a PROXY header, on real sockets. */

import { assertEquals, assertMatch } from "@std/assert";
import { http } from "../../src/http/h1/conversation.ts";
import { textResponse } from "../../src/http/response.ts";
import { systemClock } from "../../src/net/clock.ts";
import { listen } from "../../src/net/listen.ts";
import type { Listener } from "../../src/net/listener.ts";
import { serve } from "../../src/net/listener.ts";
import { proxied } from "../../src/net/proxied.ts";
import { get, RawClient } from "../client.ts";
import { ManualClock } from "../../src/net/manual_clock.ts";
import { proxyHeaderV2, V2 } from "../proxy_bytes.ts";
import { turn } from "../virtual_clock.ts";
import { MemorySocket, SILENCE } from "../memory_socket.ts";

interface Proxied {
  readonly port: number;
  readonly problems: string[];
  readonly refused: { readonly count: number };
}

/** A server that answers with the address that it sees. */
async function withProxied(test: (served: Proxied) => Promise<void>, isTrusted = true): Promise<void> {
  const stop = new AbortController();
  const problems: string[] = [];
  const refused = { count: 0 };
  const inner = listen({ hostname: "127.0.0.1", port: 0 });
  const listener = proxied(inner, {
    isTrusted: (hostname) => isTrusted && hostname === "127.0.0.1",
    clock: systemClock,
    report: (problem) => problems.push(problem),
    onRefuse: () => refused.count++,
  });
  const protocol = http(({ peer }) => textResponse(`${peer.hostname} ${peer.port}`));
  const running = serve(protocol, { listener, report: (problem) => problems.push(problem), signal: stop.signal });
  try {
    await test({ port: inner.addr.port, problems, refused });
  } finally {
    stop.abort();
    await running;
  }
}

const LINE = "PROXY TCP4 192.0.2.7 10.0.0.1 56324 443\r\n";

Deno.test("the address is that of the header, for every request of the connection", async () => {
  await withProxied(async ({ port, problems }) => {
    using client = await RawClient.connect(port);
    await client.send(LINE + get("/") + get("/"));
    assertEquals((await client.response()).text, "192.0.2.7 56324");
    assertEquals((await client.response()).text, "192.0.2.7 56324");
    await client.send(get("/"));
    assertEquals((await client.response()).text, "192.0.2.7 56324");
    assertEquals(problems, []);
  });
});

Deno.test("a header in single bytes, and one that is longer than the buffer of a connection, count", async () => {
  await withProxied(async ({ port }) => {
    using slow = await RawClient.connect(port);
    for (const char of LINE) {
      await slow.send(char);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await slow.send(get("/"));
    assertEquals((await slow.response()).text, "192.0.2.7 56324");
    using long = await RawClient.connect(port);
    const extensions = new Array(1500).fill(0);
    await long.send(proxyHeaderV2({ family: V2.tcp4, source: [192, 0, 2, 8], port: 1, extensions }));
    await long.send(get("/"));
    assertEquals((await long.response()).text, "192.0.2.8 1");
  });
});

Deno.test("a header with more bytes after it than the buffer of a connection has loses none", async () => {
  await withProxied(async ({ port }) => {
    using client = await RawClient.connect(port);
    await client.send(LINE + get("/", { "X-Long": "x".repeat(1500) }) + get("/"));
    assertEquals((await client.response()).status, 200);
    assertEquals((await client.response()).status, 200);
  });
});

Deno.test("the proxy itself has its own address", async () => {
  await withProxied(async ({ port }) => {
    using client = await RawClient.connect(port);
    await client.send(proxyHeaderV2({ command: V2.local, family: 0 }));
    await client.send(get("/"));
    assertMatch((await client.response()).text, /^127\.0\.0\.1 \d+$/);
  });
});

for (
  const [what, first, isTrusted, problem] of [
    ["without a header", get("/"), true, /^127\.0\.0\.1:\d+: the connection does not begin with a PROXY header; /],
    ["with a malformed header", "PROXY TCP9 a\r\n", true, /names no known protocol; its connection was closed$/],
    ["from a peer that is not trusted", LINE + get("/"), false, /^127\.0\.0\.1:\d+ is not trusted .*parameter trust$/],
  ] as const
) {
  Deno.test(`a connection ${what} is closed without an answer, and the reason is reported once`, async () => {
    await withProxied(async ({ port, problems, refused }) => {
      for (let round = 0; round < 3; round++) {
        using client = await RawClient.connect(port);
        await client.send(first);
        const received = await client.end().catch((error) => {
          if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
          return new Uint8Array();
        });
        assertEquals(received.length, 0);
      }
      assertEquals([problems.length, refused.count], [1, 3]);
      assertMatch(problems[0]!, problem);
    }, isTrusted);
  });
}

Deno.test("a peer that ends within its header is no problem", async () => {
  await withProxied(async ({ port, problems }) => {
    using client = await RawClient.connect(port);
    await client.send("PROXY TCP4 192.0");
    await client.closeWrite();
    assertEquals((await client.end()).length, 0);
    assertEquals(problems, []);
  });
});

Deno.test("a connection whose header does not come within five seconds is closed, also when single bytes come", async () => {
  const clock = new ManualClock(0, 0);
  const problems: string[] = [];
  const ours = new MemorySocket(["P", "RO", "XY ", SILENCE]);
  const inner: Listener = { accept: () => Promise.resolve(ours), close: () => {} };
  const listener = proxied(inner, {
    isTrusted: () => true,
    clock,
    report: (problem) => problems.push(problem),
    onRefuse: () => {},
  });
  const socket = await listener.accept();
  const read = socket.read(new Uint8Array(100)).catch(() => "failed");
  await turn();
  clock.advance(4_999);
  await turn();
  assertEquals(ours.isClosed, false);
  clock.advance(1);
  await turn();
  assertEquals([ours.isClosed, await read], [true, "failed"]);
  assertMatch(problems[0]!, /no PROXY header came within five seconds/);
});

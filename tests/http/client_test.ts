/** `HttpClient`: pipelining, and wrong servers. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  AnswerError,
  type AnswerFailure,
  type ClientOptions,
  HttpClient,
  PIPELINE_MAX,
} from "../../src/http/client/client.ts";
import { ConnectError } from "../../src/net/connect.ts";
import { listen } from "../../src/net/listen.ts";
import { MemorySocket, type PeerOptions, RESET, SILENCE, type Step } from "../memory_socket.ts";
import { withServer } from "../serving.ts";
import { withSite } from "../site.ts";
import { turn, VirtualClock } from "../virtual_clock.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const ROOT = { target: "/" };

/** An answer with Content-Length. */
function answer(content: string, fields = ""): string {
  return `HTTP/1.1 200 OK\r\n${fields}Content-Length: ${content.length}\r\n\r\n${content}`;
}

/** A client whose server sends these chunks for any request. */
function clientOf(script: readonly Step[], options: ClientOptions = {}, peer: PeerOptions = {}) {
  const socket = new MemorySocket(script, peer);
  return { socket, client: new HttpClient(socket, { host: "a.example", ...options }) };
}

/** Sends several requests at once. Returns for each the content of its answer, or its error. */
async function outcomesOf(client: HttpClient, count: number): Promise<string[]> {
  const requests = Array.from({ length: count }, () => client.request(ROOT));
  const settled = await Promise.allSettled(requests);
  client.close();
  return settled.map((one) =>
    one.status === "fulfilled" ? new TextDecoder().decode(one.value.content) : inWords(one.reason)
  );
}

function inWords(error: unknown): string {
  assert(error instanceof AnswerError, String(error));
  return `${error.failure}: ${error.message}`;
}

Deno.test("HttpClient sends requests of one turn in one write, and each gets its answer", async () => {
  const { client, socket } = clientOf([answer("one") + answer("two"), answer("three")]);
  assertEquals(await outcomesOf(client, 3), ["one", "two", "three"]);
  assertEquals(socket.writes.length, 1);
  assertEquals(socket.written, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n".repeat(3));
});

Deno.test("HttpClient returns the right answer to each request however the bytes are split", async () => {
  const bytes = answer("one") + "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n" +
    answer("three");
  const { client } = clientOf([...bytes], {}, { writeMax: 7 });
  assertEquals(await outcomesOf(client, 3), ["one", "two", "three"]);
});

Deno.test("HttpClient resolves as soon as an answer is complete, and accepts further requests", async () => {
  const { client } = clientOf([answer("one"), answer("two"), SILENCE]);
  assertEquals((await client.request(ROOT)).contentBytes, 3);
  assertEquals([client.pending, client.isOpen], [0, true]);
  assertEquals((await client.request(ROOT)).contentBytes, 3);
  client.close();
});

Deno.test("HttpClient reads no content of an answer to HEAD", async () => {
  const { client } = clientOf(["HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" + answer("two"), SILENCE]);
  const answers = await Promise.all([client.request({ ...ROOT, method: "HEAD" }), client.request(ROOT)]);
  assertEquals(answers.map(({ contentBytes }) => contentBytes), [0, 3]);
  client.close();
});

Deno.test("HttpClient does not keep content without keepsContent", async () => {
  const { client } = clientOf([answer("one"), SILENCE], { keepsContent: false });
  const { content, contentBytes } = await client.request(ROOT);
  assertEquals([content.length, contentBytes], [0, 3]);
  client.close();
});

const SERVERS: readonly [what: string, script: readonly Step[], expected: readonly string[]][] = [
  ["closes early, between answers", [answer("one")], [
    "one",
    "closed: the server closed the connection with 1 request unanswered",
  ]],
  [
    "closes without an answer",
    [],
    Array(2).fill("closed: the server closed the connection with 2 requests unanswered"),
  ],
  ["sends Connection: close", [answer("one", "Connection: close\r\n") + answer("two")], [
    "one",
    "closed: the server ended the connection after an answer, with 1 request unanswered",
  ]],
  ["closes in the middle of a head", [answer("one") + "HTTP/1.1 20"], [
    "one",
    "short: the answer ends in the middle of its head",
  ]],
  ["sends too little content", [answer("one"), "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"], [
    "one",
    "short: the content ends 5 bytes short of its Content-Length 10",
  ]],
  [
    "sends incomplete chunked content",
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"],
    Array(2).fill(
      "short: the chunked content ends after 5 bytes, before its last chunk",
    ),
  ],
  ["answers until it closes", ["HTTP/1.1 200 OK\r\n\r\nhello"], [
    "hello",
    "closed: the server ended the connection after an answer, with 1 request unanswered",
  ]],
  ["resets the connection", [answer("one"), "HTTP", RESET], [
    "one",
    "reset: the connection was reset before the answer arrived",
  ]],
  [
    "uses another protocol",
    ["220 mail.example ESMTP\r\n"],
    Array(2).fill(
      'malformed: this is no status line of HTTP/1.x: "220 mail.example ESMTP"',
    ),
  ],
  ["sends more answers than requested", [answer("one") + answer("two") + answer("three")], ["one", "two"]],
];

for (const [what, script, expected] of SERVERS) {
  Deno.test(`HttpClient reports a server that ${what}`, async () => {
    const { client, socket } = clientOf(script);
    assertEquals(await outcomesOf(client, 2), expected);
    assertEquals(socket.isClosed, true);
  });
}

Deno.test("HttpClient refuses further requests after a server has sent more than requested", async () => {
  const { client } = clientOf([answer("one") + answer("two")]);
  await client.request(ROOT);
  await turn();
  assertEquals(client.isOpen, false);
  const error = await assertRejects(() => client.request(ROOT), AnswerError);
  assertEquals(error.failure, "closed");
});

Deno.test("HttpClient gives up if a server sends nothing", async () => {
  const clock = new VirtualClock();
  const { client } = clientOf(["HTTP/1.1 200 OK\r\n", SILENCE], { clock, idleTimeoutMs: 2000 });
  const failed = assertRejects(() => client.request(ROOT), AnswerError);
  await turn();
  clock.advance(2000);
  await turn();
  assertEquals(client.isOpen, true);
  clock.advance(500);
  assertEquals(inWords(await failed), "timed out: the server sent nothing for 2000 ms");
  await turn();
  assertEquals(clock.pending, 0);
});

Deno.test("HttpClient.close() fails each pending request once", async () => {
  const { client, socket } = clientOf([SILENCE]);
  const failed = assertRejects(() => client.request(ROOT), AnswerError);
  await turn();
  client.close();
  client.close();
  const failure: AnswerFailure = (await failed).failure;
  assertEquals([failure, socket.isClosed, client.pending], ["aborted", true, 0]);
});

Deno.test("HttpClient closes at the end of a using block", async () => {
  const { client, socket } = clientOf([answer("one"), SILENCE]);
  {
    using open = client;
    await open.request(ROOT);
  }
  assertEquals(socket.isClosed, true);
});

Deno.test("HttpClient refuses targets and fields that are not exactly one request", async () => {
  const { client, socket } = clientOf([SILENCE]);
  const requests = [
    { target: "/a b" },
    { target: "/\r\nX: y" },
    { target: "" },
    { target: "/caf\xe9" },
    { ...ROOT, method: "GET /" },
    { ...ROOT, method: "CONNECT" },
    { ...ROOT, fields: [["A", "b\r\nC: d"]] as const },
    { ...ROOT, fields: [["A:", "b"]] as const },
    { ...ROOT, fields: [["content-length", "5"]] as const },
    { ...ROOT, fields: [["Transfer-Encoding", "chunked"]] as const },
  ];
  for (const request of requests) await assertRejects(() => client.request(request), RangeError);
  await turn();
  assertEquals([socket.written, client.pending], ["", 0]);
  client.close();
});

Deno.test("HttpClient limits the number of pending requests", async () => {
  const { client } = clientOf([SILENCE]);
  const failed = Array.from({ length: PIPELINE_MAX }, () => assertRejects(() => client.request(ROOT), AnswerError));
  await assertRejects(() => client.request(ROOT), RangeError, "under way");
  client.close();
  await Promise.all(failed);
});

Deno.test("HttpClient.connect() reports that no program listens", async () => {
  const listener = listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  const error = await assertRejects(() => HttpClient.connect(listener.addr), ConnectError);
  assertEquals(error.failure, "refused");
});

Deno.test("HttpClient pipelines 1,000 requests over 4 connections to this server, and every answer is right", async () => {
  const content = "0123456789".repeat(300);
  await withSite({ files: { "a.txt": content, "b.html": "<p>" } }, async ({ port }) => {
    const answers = await Promise.all([1, 2, 3, 4].map(async () => {
      using client = await HttpClient.connect({ hostname: "127.0.0.1", port }, { host: "localhost" });
      const requests = Array.from(
        { length: 250 },
        (_, at) => client.request({ target: at % 2 === 0 ? "/a.txt" : "/b.html" }),
      );
      return await Promise.all(requests);
    }));
    for (const onOne of answers) {
      onOne.forEach(({ status, framing, content: received }, at) => {
        assertEquals([status, framing, new TextDecoder().decode(received)], [
          200,
          "length",
          at % 2 === 0 ? content : "<p>",
        ]);
      });
    }
  });
});

Deno.test("HttpClient reads while it writes, so that client and server never wait for each other", async () => {
  const content = "x".repeat(100_000); // All answers together do not fit into the system's buffers.
  await withSite({ files: { "a.txt": content } }, async ({ port }) => {
    using client = await HttpClient.connect({ hostname: "127.0.0.1", port }, {
      host: "localhost",
      keepsContent: false,
    });
    const fields = [["X-Long", "y".repeat(7000)]] as const;
    const requests = Array.from({ length: PIPELINE_MAX }, () => client.request({ target: "/a.txt", fields }));
    for (const { contentBytes } of await Promise.all(requests)) assertEquals(contentBytes, content.length);
  });
});

Deno.test("HttpClient reports a real server that closes early", async () => {
  const closeEarly = async (connection: { write(bytes: Uint8Array): Promise<void>; fill(): Promise<unknown> }) => {
    await connection.fill();
    await connection.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"));
  };
  await withServer(closeEarly, async ({ port }) => {
    using client = await HttpClient.connect({ hostname: "127.0.0.1", port });
    const error = await assertRejects(() => client.request(ROOT), AnswerError);
    assertEquals(error.message, "the content ends 5 bytes short of its Content-Length 10");
  });
});

Deno.test("AnswerError and ConnectError have a failure besides their message", () => {
  assertThrows(() => {
    throw new AnswerError("timed out", "words");
  }, AnswerError);
  assertEquals([new AnswerError("timed out", "words").failure, new ConnectError("refused", "words").failure], [
    "timed out",
    "refused",
  ]);
});

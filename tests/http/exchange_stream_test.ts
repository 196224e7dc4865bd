/** Content of unknown length: chunked in HTTP/1.1, until the connection ends in HTTP/1.0, and sources that fail or wait. */

import { assert, assertEquals } from "@std/assert";
import { http } from "../../src/http/h1/conversation.ts";
import type { Handler } from "../../src/http/handler.ts";
import type { Response } from "../../src/http/response.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { Connection } from "../../src/net/connection.ts";
import { MemorySocket } from "../memory_socket.ts";
import { turn } from "../virtual_clock.ts";
import { converse, request, StoppedClock, text, TRANSPORT } from "./conversation.ts";

/** What became of a source. */
interface Watched {
  made: number;
  isReturned: boolean;
  closed: number;
}

/** A response of these chunks; an error among them is thrown. */
function streamed(chunks: readonly (string | Error)[], watched: Watched = newWatched()): Response {
  async function* make(): AsyncGenerator<Uint8Array> {
    try {
      for (const chunk of chunks) {
        await Promise.resolve();
        if (chunk instanceof Error) throw chunk;
        watched.made++;
        yield latin1Bytes(chunk);
      }
    } finally {
      watched.isReturned = true;
    }
  }
  const content = { kind: "streamed", chunks: make(), close: () => void watched.closed++ } as const;
  return { status: 200, fields: [["Content-Type", "text/plain"]], content };
}

function newWatched(): Watched {
  return { made: 0, isReturned: false, closed: 0 };
}

function contentOf(written: string): string {
  return written.slice(written.indexOf("\r\n\r\n") + 4);
}

Deno.test("http() sends content of unknown length in chunks, and goes on with the next request", async () => {
  const watched = newWatched();
  const handler: Handler = ({ target }) =>
    target.kind === "path" && target.segments.length === 0
      ? streamed(["a", "bcd", "x".repeat(20)], watched)
      : text("!");
  const { socket } = await converse([request("GET /") + request("GET /next")], { handler });
  const [head = "", rest = ""] = socket.written.split(/(?<=\r\n\r\n)/, 2);
  assert(head.includes("\r\nTransfer-Encoding: chunked\r\n") && !head.includes("Content-Length"), head);
  assert(rest.startsWith(`1\r\na\r\n3\r\nbcd\r\n14\r\n${"x".repeat(20)}\r\n0\r\n\r\n`), rest);
  assert(socket.written.endsWith("!"));
  assertEquals(watched, { made: 3, isReturned: true, closed: 1 });
});

Deno.test("http() sends a chunk as soon as it is made, and asks for the next when it was taken", async () => {
  const { socket } = await converse([request("GET /")], { handler: () => streamed(["a", "b"]) });
  const writes = socket.writes.map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(writes.slice(1), ["1\r\na\r\n", "1\r\nb\r\n", "0\r\n\r\n"]);
});

Deno.test("http() sends no empty chunk before the last one", async () => {
  const { socket } = await converse([request("GET /")], { handler: () => streamed(["", "a", ""]) });
  assertEquals(contentOf(socket.written), "1\r\na\r\n0\r\n\r\n");
  const none = await converse([request("GET /")], { handler: () => streamed([]) });
  assertEquals(contentOf(none.socket.written), "0\r\n\r\n");
});

Deno.test("http() sends HEAD the fields of a stream, asks its source for nothing, and closes it", async () => {
  const watched = newWatched();
  const { socket } = await converse([request("HEAD /")], {
    handler: () => streamed(["a"], watched),
    methods: ["HEAD"],
  });
  assert(socket.written.includes("\r\nTransfer-Encoding: chunked\r\n") && socket.written.endsWith("\r\n\r\n"));
  assertEquals([watched.made, watched.closed], [0, 1]);
});

for (const field of ["Connection: keep-alive", "X: y"]) {
  Deno.test(`http() ends the connection behind a stream to HTTP/1.0 with ${field}`, async () => {
    const { socket } = await converse([request("GET / HTTP/1.0", field) + request("GET /next HTTP/1.0")], {
      handler: () => streamed(["ab", "c"]),
    });
    assert(!socket.written.includes("Transfer-Encoding") && socket.written.includes("\r\nConnection: close\r\n"));
    assertEquals(contentOf(socket.written), "abc");
  });
}

Deno.test("http() sends no last chunk when a source fails, reports it, and ends the connection", async () => {
  const watched = newWatched();
  const { socket, reported, logged } = await converse([request("GET /") + request("GET /next")], {
    handler: () => streamed(["a", new Error("the disk is gone")], watched),
  });
  assertEquals(contentOf(socket.written), "1\r\na\r\n");
  assertEquals([reported.length, logged.map(({ problem }) => problem)], [1, ["the content could not be made"]]);
  assertEquals([watched.isReturned, watched.closed], [true, 1]);
});

Deno.test("http() ends a source whose peer is gone", async () => {
  const watched = newWatched();
  const endless = Array.from({ length: 1000 }, () => "x".repeat(1000));
  await converse([request("GET /")], { handler: () => streamed(endless, watched), peer: { takesBytes: 5000 } });
  assert(watched.made < 1000 && watched.isReturned, `${watched.made} chunks`);
  assertEquals(watched.closed, 1);
});

Deno.test("a connection that closes does not wait for the next chunk of its source", async () => {
  const socket = new MemorySocket([latin1Bytes(request("GET /"))], {});
  const connection = new Connection(1, socket, { ...TRANSPORT, clock: new StoppedClock() });
  let isReturned = false;
  const chunks: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: () => {
        isReturned = true;
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  const response: Response = { status: 200, fields: [], content: { kind: "streamed", chunks, close: () => {} } };
  const over = connection.run(http(() => response)).catch(() => "thrown");
  await turn();
  connection.close("drained");
  assertEquals([await over, isReturned], ["thrown", true]);
});

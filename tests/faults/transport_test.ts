/** Faults of the transport: bytes that are held up, and bytes that are lost where a connection ends. */

import { assertEquals, assertMatch } from "@std/assert";
import { chunks } from "../../src/net/chunks.ts";
import { connect } from "../../src/net/connect.ts";
import { listen } from "../../src/net/listen.ts";
import type { Protocol } from "../../src/net/conversation.ts";
import type { Socket } from "../../src/net/socket.ts";
import { writeAll } from "../../src/net/write_all.ts";
import { FakeSocket } from "../net/fake_socket.ts";
import { begin, echo } from "../net/served.ts";
import { withServer } from "../serving.ts";
import { withSite } from "../site.ts";
import { turn } from "../virtual_clock.ts";

Deno.test.sanitizer({ ops: true, resources: true });

/** Puts `instead` in the place of the runtime's own `setNoDelay` for the length of `test`. */
async function withSetNoDelay(
  instead: (noDelay: boolean) => void,
  test: () => Promise<void>,
): Promise<void> {
  const listener = listen({ hostname: "127.0.0.1", port: 0 });
  const some = await connect(listener.addr);
  const prototype: Socket = Object.getPrototypeOf(some);
  const { setNoDelay } = prototype;
  prototype.setNoDelay = function (this: Socket, noDelay) {
    instead(noDelay);
    setNoDelay.call(this, noDelay);
  };
  try {
    await test();
  } finally {
    prototype.setNoDelay = setNoDelay;
    for (const closable of [some, listener]) closable.close();
  }
}

function refuse(): never {
  throw new Error("Invalid argument (os error 22)");
}

Deno.test("serve() has every connection that it accepts send each write at once", async () => {
  const { listener, finish } = begin(echo);
  const socket = listener.connect();
  await turn();
  assertEquals(socket.sendsAtOnce, true);
  socket.end();
  await finish();
});

Deno.test("serve() holds the conversation where the system refuses to send at once", async () => {
  const { listener, finish, problems } = begin(echo);
  const socket = new class extends FakeSocket {
    override setNoDelay(): void {
      refuse();
    }
  }();
  listener.connect(socket);
  socket.receive("hello");
  await turn();
  assertEquals([socket.sent, problems], ["hello", []]);
  socket.end();
  await finish();
});

Deno.test("serve() and connect() have the runtime's own sockets send each write at once", async () => {
  const told: boolean[] = [];
  const say: Protocol = (connection) => connection.write(new Uint8Array(1));
  await withSetNoDelay((noDelay) => told.push(noDelay), () =>
    withServer(say, async ({ port }) => {
      const socket = await connect({ hostname: "127.0.0.1", port });
      await socket.read(new Uint8Array(1));
      socket.close();
    }));
  assertEquals(told, [true, true]);
});

Deno.test("connect() gives a socket where the system refuses to send at once", () =>
  withSetNoDelay(refuse, async () => {
    const listener = listen({ hostname: "127.0.0.1", port: 0 });
    const [ours, theirs] = await Promise.all([connect(listener.addr), listener.accept()]);
    assertEquals(await ours.write(new Uint8Array(1)), 1);
    for (const closable of [ours, theirs, listener]) closable.close();
  }));

const UPLOAD_BYTES = 10_000_000;

/** Requests whose content nobody wants, which is behind them, and the status that says so. */
const UNWANTED: readonly (readonly [status: number, head: string])[] = [
  [405, `POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: ${UPLOAD_BYTES}\r\n\r\n`],
  [405, `PUT /a.txt HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: ${UPLOAD_BYTES}\r\n\r\n`],
  [405, `POST /a.txt HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${UPLOAD_BYTES.toString(16)}\r\n`],
  [405, `POST /a.txt HTTP/1.0\r\nContent-Length: ${UPLOAD_BYTES}\r\n\r\n`],
  [413, `GET /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: ${UPLOAD_BYTES}\r\n\r\n`],
  [404, `GET /none HTTP/1.1\r\nHost: a\r\nContent-Length: ${UPLOAD_BYTES}\r\n\r\n`],
  [417, `GET /a.txt HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\nContent-Length: ${UPLOAD_BYTES}\r\n\r\n`],
  [400, `GET /a.txt HTTP/1.1\r\nContent-Length: ${UPLOAD_BYTES}\r\n\r\n`],
  [501, `BREW /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: ${UPLOAD_BYTES}\r\n\r\n`],
];

/** Sends all of a request before it reads anything. Gives the status line. */
async function upload(port: number, head: string, bytes: number): Promise<string> {
  const socket = await connect({ hostname: "127.0.0.1", port });
  try {
    await writeAll(socket, new TextEncoder().encode(head));
    await writeAll(socket, new Uint8Array(bytes));
    let answer = "";
    for await (const chunk of chunks(socket)) answer += new TextDecoder().decode(chunk);
    return answer.split("\r\n")[0] ?? "";
  } finally {
    socket.close();
  }
}

Deno.test("a client that sends ten megabytes before it reads gets the answer that nobody wants them", async (test) => {
  await withSite({ files: { "a.txt": "a" } }, async ({ port }) => {
    for (const [status, head] of UNWANTED) {
      await test.step(`${status} to ${head.split("\r\n")[0]}`, async () => {
        assertMatch(await upload(port, head, UPLOAD_BYTES), new RegExp(`^HTTP/1.1 ${status} `));
      });
    }
  });
});

Deno.test("a hundred clients that send a megabyte each before they read get their answers", async () => {
  await withSite({ files: { "a.txt": "a" } }, async ({ port }) => {
    const head = "POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
    const answers = await Promise.all(Array.from({ length: 100 }, () => upload(port, head, 1_000_000)));
    assertEquals(new Set(answers), new Set(["HTTP/1.1 405 Method Not Allowed"]));
  });
});

/** Faults of the transport: bytes that are held up, and bytes that are lost where a connection ends. */

import { assertEquals } from "@std/assert";
import { connect } from "../../src/net/connect.ts";
import { listen } from "../../src/net/listen.ts";
import type { Protocol } from "../../src/net/listener.ts";
import type { Socket } from "../../src/net/socket.ts";
import { FakeSocket } from "../net/fake_socket.ts";
import { begin, echo } from "../net/served.ts";
import { withServer } from "../serving.ts";
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

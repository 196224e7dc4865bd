/** `connect()`: a separate error for each reason why a connection fails. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { connect, ConnectError, type ConnectOptions } from "../../src/net/connect.ts";
import type { Socket } from "../../src/net/socket.ts";
import { listen } from "../../src/net/listen.ts";
import { VirtualClock } from "../virtual_clock.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const HERE = "127.0.0.1";

function failing(hostname: string, port: number, options?: ConnectOptions): Promise<ConnectError> {
  return assertRejects(() => connect({ hostname, port }, options), ConnectError);
}

/** A port of this machine on which no program listens: it was free a moment ago. */
function closedPort(): number {
  const listener = listen({ hostname: HERE, port: 0 });
  listener.close();
  return listener.addr.port;
}

/** A port with a full backlog: the system neither accepts nor refuses another connection. */
async function withFullPort(test: (port: number) => Promise<void>): Promise<void> {
  const listener = Deno.listen({ hostname: HERE, port: 0, tcpBacklog: 1 });
  const { port } = listener.addr;
  const held: Socket[] = [];
  try {
    for (let times = 0; times < 8; times++) { // The size of the backlog depends on the system.
      held.push(await connect({ hostname: HERE, port }, { timeoutMs: 100 }));
    }
  } catch (error) {
    assert(error instanceof ConnectError);
    assertEquals([error.failure, held.length > 0], ["timed out", true]);
    assertEquals(
      error.message,
      `cannot connect to ${HERE}:${port}: no answer within 100 ms; check that the server is up, or allow more time`,
    );
    await test(port);
    return;
  } finally {
    for (const socket of held) socket.close();
    listener.close();
  }
  throw new Error("The system accepted every connection");
}

Deno.test("connect() resolves to a socket that carries bytes both ways", async () => {
  const listener = listen({ hostname: HERE, port: 0 });
  const [ours, theirs] = await Promise.all([connect(listener.addr), listener.accept()]);
  assertEquals(ours.remoteAddr.port, listener.addr.port);
  await ours.write(new TextEncoder().encode("ping"));
  const into = new Uint8Array(10);
  assertEquals(await theirs.read(into), 4);
  await theirs.write(into.subarray(0, 4));
  assertEquals(await ours.read(into), 4);
  for (const closable of [ours, theirs, listener]) closable.close();
});

Deno.test("connect() to a port on which no program listens is refused", async () => {
  const port = closedPort();
  const error = await failing(HERE, port);
  assertEquals(error.failure, "refused");
  assertEquals(
    error.message,
    `cannot connect to ${HERE}:${port}: nothing listens there; start the server, or check the address and the port`,
  );
  assert(error.cause instanceof Deno.errors.ConnectionRefused);
});

Deno.test({
  name: "connect() to a loopback address without a route is unreachable",
  ignore: Deno.build.os !== "linux", // Other systems do not have all of 127.0.0.0/8.
  async fn() {
    const error = await failing("127.255.255.255", 9);
    assertEquals(error.failure, "unreachable");
    assertMatch(error.message, /no route leads to that network; check/);
  },
});

Deno.test({
  name: "connect() without an answer times out after 100 ms",
  ignore: Deno.build.os !== "linux", // Other systems refuse or accept when the queue is full.
  fn: () => withFullPort(async () => {}),
});

Deno.test({
  name: "connect() is cancelled when its signal aborts, and does not report a timeout",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withFullPort(async (port) => {
      const stop = new AbortController();
      const clock = new VirtualClock();
      const failed = failing(HERE, port, { signal: stop.signal, timeoutMs: 5000, clock });
      stop.abort();
      assertEquals((await failed).failure, "aborted");
      assertEquals(clock.pending, 0);
    }),
});

Deno.test({
  name: "connect() measures its timeout with the given clock",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withFullPort(async (port) => {
      const clock = new VirtualClock();
      const failed = failing(HERE, port, { timeoutMs: 3_600_000, clock });
      clock.advance(3_600_000);
      assertEquals((await failed).failure, "timed out");
    }),
});

Deno.test("connect() does nothing if its signal has already aborted", async () => {
  const error = await failing(HERE, closedPort(), { signal: AbortSignal.abort() });
  assertEquals([error.failure, error.cause], ["aborted", undefined]);
});

Deno.test("connect() leaves no timer and no listener", async () => {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const listener = listen({ hostname: HERE, port: 0 });
  const [ours, theirs] = await Promise.all([connect(listener.addr, { clock, signal: stop.signal }), listener.accept()]);
  assertEquals(clock.pending, 0);
  stop.abort(); // Has no effect on the connection.
  assertEquals(await ours.write(new Uint8Array(1)), 1);
  for (const closable of [ours, theirs, listener]) closable.close();
});

Deno.test("connect() refuses an invalid port", async () => {
  for (const port of [0, -1, 65_536, 1.5, NaN]) {
    await assertRejects(() => connect({ hostname: HERE, port }), RangeError, "Not a TCP port");
  }
});

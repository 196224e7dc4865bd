/** `listen()`, and other parts of a custom server. */

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { connect } from "../../src/net/connect.ts";
import { SERVE_DEFAULTS } from "../../src/net/defaults.ts";
import { listen, ListenError } from "../../src/net/listen.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const HERE = "127.0.0.1";

Deno.test("listen() on port 0 takes a free port and returns its number", () => {
  using listener = Deno.listen({ hostname: HERE, port: 0 });
  const other = listen({ hostname: HERE, port: 0 });
  assert(other.addr.port > 0 && other.addr.port !== listener.addr.port);
  other.close();
});

Deno.test("listen() explains that another program has the port, with advice", () => {
  const listener = listen({ hostname: HERE, port: 0 });
  const { port } = listener.addr;
  const error = assertThrows(() => listen({ hostname: HERE, port }), ListenError);
  assertEquals(
    error.message,
    `cannot listen on ${HERE}:${port}: another program has this port; end that one, or choose another port`,
  );
  listener.close();
});

Deno.test("listen() explains that this machine has no such address", () => {
  const error = assertThrows(() => listen({ hostname: "203.0.113.200", port: 0 }), ListenError);
  assertMatch(error.message, /this machine has no such address/);
});

Deno.test({
  name: "listen() reuses a port while connections of the previous listener are in TIME_WAIT",
  ignore: Deno.build.os === "windows", // Address reuse has another meaning there, and is not needed.
  async fn() {
    const first = listen({ hostname: HERE, port: 0 });
    const { port } = first.addr;
    const [client, accepted] = await Promise.all([connect(first.addr), first.accept()]);
    accepted.close(); // The side that closes first stays in TIME_WAIT for a minute.
    assertEquals(await client.read(new Uint8Array(1)), null);
    client.close();
    first.close();
    const second = listen({ hostname: HERE, port });
    second.close();
  },
});

Deno.test("listen() on every address accepts IPv4 connections", async () => {
  const listener = listen({ hostname: "", port: 0 });
  const [client, accepted] = await Promise.all([
    connect({ hostname: HERE, port: listener.addr.port }),
    listener.accept(),
  ]);
  for (const closable of [client, accepted, listener]) closable.close();
});

Deno.test("listen() refuses an invalid port", () => {
  for (const port of [-1, 65_536, 1.5, NaN]) {
    assertThrows(() => listen({ hostname: HERE, port }), RangeError, "Not a TCP port");
  }
});

Deno.test("SERVE_DEFAULTS has a limit for everything", () => {
  const { accumulator, connectionsMax, drainMs, linger, sendingRate, sweep } = SERVE_DEFAULTS;
  for (const limits of [accumulator, linger, sendingRate, sweep, { connectionsMax, drainMs }]) {
    for (const [name, value] of Object.entries(limits)) assert(value > 0 && value < Infinity, `${name} is ${value}`);
  }
});

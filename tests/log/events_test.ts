/** Connection events as text. */

import { assertEquals } from "@std/assert";
import { Connection } from "../../src/net/connection.ts";
import type { ConnectionEvent } from "../../src/net/events.ts";
import { describeEvent } from "../../src/log/events.ts";
import { connectionOptions, FakeSocket } from "../net/fake_socket.ts";
import { VirtualClock } from "../virtual_clock.ts";

function connectionFrom(hostname: string): Connection {
  const socket = new FakeSocket({ transport: "tcp", hostname, port: 50_000 });
  return new Connection(12, socket, connectionOptions(new VirtualClock()));
}

const EVENTS: readonly [ConnectionEvent, string][] = [
  [{ kind: "accept", open: 3 }, "from 192.0.2.7:50000; 3 open"],
  [
    { kind: "read", count: 78, accumulated: 100, chunk: new Uint8Array(78) },
    "78 bytes; accumulator holds 100; marked",
  ],
  [{ kind: "end", accumulated: 5 }, "of input; accumulator holds 5"],
  [{ kind: "write", count: 1234, chunk: new Uint8Array(1234) }, "1234 bytes; marked"],
  [{ kind: "sweep", activity: "waiting", reason: "idle" }, "idle while waiting"],
  [{ kind: "close", reason: "done", received: 78, sent: 1234 }, "done; 78 bytes received, 1234 sent"],
];

for (const [event, words] of EVENTS) {
  Deno.test(`describeEvent() describes ${event.kind}`, () => {
    assertEquals(describeEvent(connectionFrom("192.0.2.7"), event), words);
  });
}

for (
  const [hostname, words] of [
    ["::ffff:192.0.2.7", "192.0.2.7:50000"],
    ["2001:db8::7", "[2001:db8::7]:50000"],
  ] as const
) {
  Deno.test(`describeEvent() writes the peer ${hostname} as ${words}`, () => {
    const text = describeEvent(connectionFrom(hostname), { kind: "accept", open: 1 });
    assertEquals(text, `from ${words}; 1 open`);
  });
}

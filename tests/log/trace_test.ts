/** The lines of `-d`: unique names of connections, and times since their accept in a column; also as JSON. */

import { assertEquals } from "@std/assert";
import { Connection } from "../../src/net/connection.ts";
import { Trace } from "../../src/log/trace.ts";
import { connectionOptions, FakeSocket } from "../net/fake_socket.ts";
import { SOME_WALL_MS, VirtualClock } from "../virtual_clock.ts";

function connectionFrom(hostname: string): Connection {
  const socket = new FakeSocket({ transport: "tcp", hostname, port: 50_000 });
  return new Connection(12, socket, connectionOptions(new VirtualClock()));
}

Deno.test("Trace begins each line with the seconds since the accept, in a column, then worker and number", () => {
  const clock = new VirtualClock();
  const trace = new Trace({ worker: 2, json: false, clock });
  const [first, second] = [connectionFrom("192.0.2.7"), connectionFrom("192.0.2.8")];
  const lines = [trace.line(first, { kind: "accept", open: 1 })];
  clock.advance(1234);
  lines.push(trace.line(second, { kind: "accept", open: 2 }), trace.line(first, { kind: "end", accumulated: 0 }));
  clock.advance(3_600_000);
  lines.push(trace.line(first, { kind: "sweep", activity: "waiting", reason: "idle" }));
  assertEquals(lines, [
    "   0.000 #2.12    accept from 192.0.2.7:50000; 1 open\n",
    "   0.000 #2.12    accept from 192.0.2.8:50000; 2 open\n",
    "   1.234 #2.12    end    of input; accumulator holds 0\n",
    "3601.234 #2.12    sweep  idle while waiting\n",
  ]);
});

Deno.test("Trace writes JSON with the usual members, the connection and its seconds", () => {
  const clock = new VirtualClock();
  const trace = new Trace({ worker: 2, json: true, clock });
  const connection = connectionFrom("192.0.2.7");
  trace.line(connection, { kind: "accept", open: 1 });
  clock.advance(1500);
  assertEquals(JSON.parse(trace.line(connection, { kind: "end", accumulated: 5 })), {
    time: new Date(SOME_WALL_MS + 1500).toISOString(),
    level: "info",
    event: "connection",
    message: "end of input; accumulator holds 5",
    connection: "2.12",
    seconds: 1.5,
  });
});

Deno.test("Trace colours the kind alone, and names no worker where there are none", () => {
  const trace = new Trace({ isColoured: true, clock: new VirtualClock() });
  const line = trace.line(connectionFrom("192.0.2.7"), { kind: "write", count: 5, chunk: new Uint8Array(5) });
  assertEquals(line, "   0.000 #12      \x1b[34mwrite  \x1b[39m5 bytes; marked\n");
});

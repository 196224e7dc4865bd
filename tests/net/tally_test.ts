/** What a server counts: each cause once, and bytes when a connection closes. */

import { assertEquals } from "@std/assert";
import type { CloseReason } from "../../src/net/events.ts";
import { type CounterRow, COUNTERS, noCounts, Tally } from "../../src/net/tally.ts";
import { turn } from "../virtual_clock.ts";
import { makeBench } from "./fake_socket.ts";
import { begin } from "./served.ts";

const REASONS: readonly (readonly [CloseReason, keyof typeof COUNTERS])[] = [
  ["done", "done"],
  ["peer gone", "peerGone"],
  ["idle", "sweptIdle"],
  ["message overdue", "headOverdue"],
  ["too slow", "tooSlow"],
  ["lingered", "lingered"],
  ["drained", "drained"],
  ["failed", "failed"],
];

Deno.test("close() counts a connection once, by its reason, with a counter of its own for each", () => {
  for (const [reason, name] of REASONS) {
    const tally = new Tally();
    const { connection } = makeBench({ tally });
    connection.close(reason);
    connection.close("failed"); // It is closed already.
    assertEquals(tally.counts, { ...noCounts(), [name]: 1 });
    const row: CounterRow = COUNTERS[name];
    assertEquals(row.label, ["reason", reason]);
  }
});

Deno.test("the bytes of a connection are counted when it closes", async () => {
  const tally = new Tally();
  const { connection, socket } = makeBench({ tally });
  socket.receive("question");
  await connection.fill();
  await connection.write(new TextEncoder().encode("answer"));
  assertEquals([tally.counts.bytesReceived, tally.counts.bytesSent], [0, 0]);
  connection.close("done");
  assertEquals([tally.counts.bytesReceived, tally.counts.bytesSent], [8, 6]);
});

Deno.test("onClose and onSweep are called while they are set, and only then", async () => {
  const tally = new Tally();
  const served = begin(async (connection) => void await connection.fill(), { tally });
  const seen: string[] = [];
  served.clock.advance(500);
  tally.onSweep = () => seen.push("sweep");
  tally.onClose = (_connection, reason) => seen.push(reason);
  served.clock.advance(500);
  await turn();
  assertEquals(seen, ["sweep"]);
  tally.onSweep = null;
  await served.finish();
  assertEquals(seen, ["sweep"]);
});

/** Mark and sweep: which connections are closed, and why, for each activity and each limit. */

import { assertEquals } from "@std/assert";
import type { Activity, CloseReason } from "../../src/net/events.ts";
import { findOverdue, type Marked, overdue } from "../../src/net/sweep.ts";

const NOW_MS = 500_000;
const LIMITS = { idleMs: 5000, messageMs: 10_000, lingerMs: Infinity };
const NEVER = { idleMs: Infinity, messageMs: Infinity, lingerMs: Infinity };

/** A connection whose marks are all too old, except those that the test sets. */
function marked(activity: Activity, marks: Partial<Marked> = {}): Marked & { readonly expired: CloseReason[] } {
  const expired: CloseReason[] = [];
  const old = {
    markMs: 0,
    messageMs: 0,
    graceUntilMs: Infinity,
    lingerSinceMs: 0,
    isTooSlow: () => true,
    lingerUntilMs: 0,
  };
  return { activity, ...old, expired, expire: (reason) => void expired.push(reason), ...marks };
}

function verdict(activity: Activity, marks: Partial<Marked>, limits = LIMITS): CloseReason | null {
  return overdue(marked(activity, marks), NOW_MS, limits);
}

Deno.test("overdue() closes a waiting connection that was idle for longer than the timeout", () => {
  assertEquals(verdict("waiting", { markMs: NOW_MS - 5001 }), "idle");
});

Deno.test("overdue() does not close a waiting connection that was idle for exactly the timeout", () => {
  assertEquals(verdict("waiting", { markMs: NOW_MS - 5000 }), null);
});

Deno.test("overdue() uses only the mark of a waiting connection", () => {
  assertEquals(verdict("waiting", { markMs: NOW_MS, messageMs: 0, isTooSlow: () => true, lingerUntilMs: 0 }), null);
});

Deno.test("overdue() closes a drained connection that waits longer than its grace", () => {
  assertEquals(verdict("waiting", { markMs: NOW_MS, graceUntilMs: NOW_MS - 1 }), "drained");
  assertEquals(verdict("waiting", { markMs: NOW_MS, graceUntilMs: NOW_MS }), null);
});

Deno.test("overdue() gives a drained connection the time of a message", () => {
  assertEquals(verdict("receiving", { markMs: NOW_MS - 5000, messageMs: NOW_MS - 5000, graceUntilMs: 0 }), null);
});

Deno.test("overdue() closes a connection that stops in the middle of a message", () => {
  assertEquals(verdict("receiving", { markMs: NOW_MS - 5001, messageMs: NOW_MS - 5002 }), "idle");
});

Deno.test("overdue() does not close a connection that receives a message in time", () => {
  assertEquals(verdict("receiving", { markMs: NOW_MS - 5000, messageMs: NOW_MS - 10_000 }), null);
});

Deno.test("overdue() closes a connection whose message takes too long, even with a recent mark", () => {
  assertEquals(verdict("receiving", { markMs: NOW_MS, messageMs: NOW_MS - 10_001 }), "message overdue");
});

Deno.test("overdue() does not close a sending connection before its deadline", () => {
  assertEquals(verdict("sending", { isTooSlow: () => false }), null);
});

Deno.test("overdue() closes a sending connection after its deadline", () => {
  assertEquals(verdict("sending", { markMs: NOW_MS, isTooSlow: () => true }), "too slow");
});

Deno.test("overdue() does not close a lingering connection before its deadline", () => {
  assertEquals(verdict("lingering", { lingerUntilMs: NOW_MS }), null);
});

Deno.test("overdue() closes a lingering connection earlier if there is less time for it", () => {
  const marks = { lingerSinceMs: NOW_MS - 2001, lingerUntilMs: NOW_MS + 1000 };
  assertEquals(verdict("lingering", marks), null);
  assertEquals(verdict("lingering", marks, { ...LIMITS, lingerMs: 2000 }), "lingered");
  assertEquals(verdict("lingering", { ...marks, lingerSinceMs: NOW_MS - 2000 }, { ...LIMITS, lingerMs: 2000 }), null);
});

Deno.test("overdue() closes a lingering connection after its deadline, even if its peer sends", () => {
  assertEquals(verdict("lingering", { markMs: NOW_MS, lingerUntilMs: NOW_MS - 1 }), "lingered");
});

Deno.test("overdue() never closes a working connection", () => {
  assertEquals(verdict("working", {}), null);
});

Deno.test("overdue() ignores a closed connection", () => {
  assertEquals(verdict("closed", {}), null);
});

Deno.test("overdue() closes no waiting or receiving connection if both timeouts are infinite", () => {
  assertEquals(verdict("waiting", {}, NEVER), null);
  assertEquals(verdict("receiving", {}, NEVER), null);
});

Deno.test("overdue() applies one timeout if the other is infinite", () => {
  assertEquals(verdict("receiving", { markMs: 0 }, { ...LIMITS, idleMs: Infinity }), "message overdue");
  assertEquals(verdict("receiving", { markMs: 0 }, { ...LIMITS, messageMs: Infinity }), "idle");
});

Deno.test("overdue() is exact to a fraction of a second", () => {
  const limits = { idleMs: 250, messageMs: 500, lingerMs: Infinity };
  assertEquals(verdict("waiting", { markMs: NOW_MS - 250.5 }, limits), "idle");
  assertEquals(verdict("waiting", { markMs: NOW_MS - 249.5 }, limits), null);
});

Deno.test("findOverdue() finds each overdue connection, in its order, and no other", () => {
  const connections = [
    marked("waiting"),
    marked("waiting", { markMs: NOW_MS }),
    marked("receiving"),
    marked("sending"),
    marked("lingering"),
    marked("working"),
    marked("closed"),
  ];
  const found = findOverdue(connections, NOW_MS, LIMITS);
  assertEquals(found.map(({ activity }) => activity), ["waiting", "receiving", "sending", "lingering"]);
  assertEquals(connections.flatMap(({ expired }) => expired), []);
});

Deno.test("findOverdue() finds a wholly idle connection even while others are busy", () => {
  const idle = marked("waiting", { markMs: NOW_MS - 6000 });
  const busy = Array.from({ length: 100 }, () => marked("waiting", { markMs: NOW_MS }));
  assertEquals(findOverdue([...busy, idle], NOW_MS, LIMITS), [idle]);
});

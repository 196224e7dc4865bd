/** Mark and sweep: who goes, who stays, and why, for each activity and each limit. */

import { assertEquals } from "@std/assert";
import type { Activity, CloseReason } from "../../src/net/events.ts";
import { type Marked, overdue, sweep } from "../../src/net/sweep.ts";

const NOW_MS = 500_000;
const LIMITS = { idleMs: 5000, messageMs: 10_000 };
const NEVER = { idleMs: Infinity, messageMs: Infinity };

/** A connection whose every mark is out of date, save those that the test sets. */
function marked(activity: Activity, marks: Partial<Marked> = {}): Marked & { readonly expired: CloseReason[] } {
  const expired: CloseReason[] = [];
  const old = { markMs: 0, messageMs: 0, isTooSlow: () => true, lingerUntilMs: 0 };
  return { activity, ...old, expired, expire: (reason) => void expired.push(reason), ...marks };
}

function verdict(activity: Activity, marks: Partial<Marked>, limits = LIMITS): CloseReason | null {
  return overdue(marked(activity, marks), NOW_MS, limits);
}

Deno.test("overdue() closes a waiting connection that was idle for longer than the timeout", () => {
  assertEquals(verdict("waiting", { markMs: NOW_MS - 5001 }), "idle");
});

Deno.test("overdue() spares a waiting connection that was idle for just the timeout", () => {
  assertEquals(verdict("waiting", { markMs: NOW_MS - 5000 }), null);
});

Deno.test("overdue() judges a waiting connection by its mark alone", () => {
  assertEquals(verdict("waiting", { markMs: NOW_MS, messageMs: 0, isTooSlow: () => true, lingerUntilMs: 0 }), null);
});

Deno.test("overdue() closes a connection that stops in the middle of a message", () => {
  assertEquals(verdict("receiving", { markMs: NOW_MS - 5001, messageMs: NOW_MS - 5002 }), "idle");
});

Deno.test("overdue() spares a connection that receives a message in good time", () => {
  assertEquals(verdict("receiving", { markMs: NOW_MS - 5000, messageMs: NOW_MS - 10_000 }), null);
});

Deno.test("overdue() closes a connection whose message takes too long, however lately it was marked", () => {
  assertEquals(verdict("receiving", { markMs: NOW_MS, messageMs: NOW_MS - 10_001 }), "message overdue");
});

Deno.test("overdue() spares a connection that is being sent to while it has time that it paid for", () => {
  assertEquals(verdict("sending", { isTooSlow: () => false }), null);
});

Deno.test("overdue() closes a connection that takes what it is sent too slowly", () => {
  assertEquals(verdict("sending", { markMs: NOW_MS, isTooSlow: () => true }), "too slow");
});

Deno.test("overdue() spares a lingering connection until its time is up", () => {
  assertEquals(verdict("lingering", { lingerUntilMs: NOW_MS }), null);
});

Deno.test("overdue() closes a lingering connection whose time is up, even while its peer sends", () => {
  assertEquals(verdict("lingering", { markMs: NOW_MS, lingerUntilMs: NOW_MS - 1 }), "lingered");
});

Deno.test("overdue() spares a connection that we are working on, however long that takes", () => {
  assertEquals(verdict("working", {}), null);
});

Deno.test("overdue() leaves a closed connection alone", () => {
  assertEquals(verdict("closed", {}), null);
});

Deno.test("overdue() lets nobody go for idleness or slow messages when both timeouts are never", () => {
  assertEquals(verdict("waiting", {}, NEVER), null);
  assertEquals(verdict("receiving", {}, NEVER), null);
});

Deno.test("overdue() keeps to the message limit when the idle timeout is never, and the other way round", () => {
  assertEquals(verdict("receiving", { markMs: 0 }, { ...LIMITS, idleMs: Infinity }), "message overdue");
  assertEquals(verdict("receiving", { markMs: 0 }, { ...LIMITS, messageMs: Infinity }), "idle");
});

Deno.test("overdue() holds to its limits at a fraction of a second", () => {
  const limits = { idleMs: 250, messageMs: 500 };
  assertEquals(verdict("waiting", { markMs: NOW_MS - 250.5 }, limits), "idle");
  assertEquals(verdict("waiting", { markMs: NOW_MS - 249.5 }, limits), null);
});

Deno.test("sweep() expires each overdue connection once, for its own reason, and no other", () => {
  const connections = [
    marked("waiting"),
    marked("waiting", { markMs: NOW_MS }),
    marked("receiving"),
    marked("sending"),
    marked("lingering"),
    marked("working"),
    marked("closed"),
  ];
  sweep(connections, NOW_MS, LIMITS);
  assertEquals(connections.map(({ expired }) => expired), [
    ["idle"],
    [],
    ["message overdue"],
    ["too slow"],
    ["lingered"],
    [],
    [],
  ]);
});

Deno.test("sweep() returns how many it expired", () => {
  assertEquals(sweep([marked("waiting"), marked("working"), marked("sending")], NOW_MS, LIMITS), 2);
  assertEquals(sweep([], NOW_MS, LIMITS), 0);
});

Deno.test("sweep() closes a wholly idle connection even while others are busy", () => {
  const idle = marked("waiting", { markMs: NOW_MS - 6000 });
  const busy = Array.from({ length: 100 }, () => marked("waiting", { markMs: NOW_MS }));
  assertEquals(sweep([...busy, idle], NOW_MS, LIMITS), 1);
  assertEquals(idle.expired, ["idle"]);
});

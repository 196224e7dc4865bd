/** The thread that is started before it is needed. */

import { assertEquals } from "@std/assert";
import type { Config } from "../../src/config/config.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { startEarly } from "../../src/process/early_thread.ts";
import { workerPermissions } from "../../src/process/scope.ts";
import type { Report } from "../../src/process/worker.ts";
import { VirtualClock } from "../virtual_clock.ts";
import { ThreadDoubles } from "./doubles.ts";

const LISTENING: Report = { kind: "listening" };

function configOf(port: number, before = ""): Config {
  return parseConfig(`${before}host default /www\nparameter port ${port}\n`, "web.conf").config;
}

const needed = (port: number, before = "") => workerPermissions(configOf(port, before));

/** Collects what a thread tells. */
function events() {
  const told: string[] = [];
  const onReport = ({ kind }: Report) => void told.push(kind);
  return { told, onReport, onError: (message: string) => void told.push(message) };
}

Deno.test("startEarly() starts a thread at once, and gives it to the first who asks for the same permissions", () => {
  const threads = new ThreadDoubles(new VirtualClock());
  const start = startEarly({ config: configOf(80), file: null }, threads.start);
  assertEquals(threads.all.length, 1);
  const { told, ...rest } = events();
  const first = start(1, needed(80, "# other lines\n"), rest);
  assertEquals([threads.all.length, first === threads.all[0]], [1, true]);
  threads.all[0]!.say(LISTENING);
  threads.all[0]!.fail("out of memory");
  assertEquals(told, ["listening", "out of memory"]);
  start(2, needed(80), events());
  assertEquals(threads.alive, [1, 2]);
});

Deno.test("startEarly() ends the thread if others are needed, because it could do more or less than it should", () => {
  const threads = new ThreadDoubles(new VirtualClock());
  const start = startEarly({ config: configOf(80), file: null }, threads.start);
  start(1, needed(81), events());
  assertEquals(threads.all.map(({ isTerminated }) => isTerminated), [true, false]);
  assertEquals(threads.all[1]!.permissions, needed(81));
});

Deno.test("startEarly() leaves it to the first call to report that no thread can be started", () => {
  const threads = new ThreadDoubles(new VirtualClock());
  threads.failure = new Error("no memory");
  const start = startEarly({ config: configOf(80), file: null }, threads.start);
  assertEquals(threads.all.length, 0);
  start(1, needed(80), events());
  assertEquals(threads.all.length, 1);
});

Deno.test("startEarly() starts another thread in place of one that has died before it was needed", () => {
  const threads = new ThreadDoubles(new VirtualClock());
  const start = startEarly({ config: configOf(80), file: null }, threads.start);
  threads.all[0]!.fail("a module is missing");
  start(1, needed(80), events());
  assertEquals(threads.all.length, 2);
});

Deno.test("startEarly() starts nothing before the port is known, because the thread could listen on any", () => {
  const threads = new ThreadDoubles(new VirtualClock());
  const start = startEarly({ config: configOf(0), file: null }, threads.start);
  assertEquals(threads.all.length, 0);
  start(1, needed(80), events());
  assertEquals(threads.all.length, 1);
});

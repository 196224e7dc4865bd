/** The system's clock, without assertions about durations. */

import { assert, assertEquals } from "@std/assert";
import { deadline } from "@std/async/deadline";
import { systemClock } from "../../src/net/clock.ts";
import { turn } from "../virtual_clock.ts";

Deno.test.sanitizer({ ops: true, resources: true }); // A pending timer would keep the process alive.

Deno.test("systemClock.now() does not go back", () => {
  const first = systemClock.now();
  assert(systemClock.now() >= first);
});

Deno.test("systemClock.wall() is the time since 1970 in milliseconds", () => {
  const before = Date.now();
  const wallMs = systemClock.wall();
  assert(wallMs >= before && wallMs <= Date.now());
});

Deno.test("systemClock.every() calls back repeatedly until it is stopped", async () => {
  let calls = 0;
  const isDone = new AbortController();
  const stop = systemClock.every(1, () => {
    if (++calls < 3) return;
    stop();
    isDone.abort();
  });
  await systemClock.sleep(60_000, isDone.signal); // Alone, `every` would not keep the process running.
  assertEquals(calls, 3);
});

Deno.test("systemClock.every() alone keeps no process running", async () => {
  const program = `import { systemClock } from "${new URL("../../src/net/clock.ts", import.meta.url)}";
systemClock.every(3_600_000, () => {});`;
  const child = new Deno.Command(Deno.execPath(), { args: ["eval", program], stdout: "null", stderr: "null" }).spawn();
  try {
    assertEquals((await deadline(child.status, 60_000)).code, 0);
  } catch (error) {
    child.kill("SIGKILL");
    await child.status;
    throw error;
  }
});

Deno.test("systemClock.sleep() resolves without a signal", async () => {
  await systemClock.sleep(1);
});

/** Whether `slept` resolves without waiting. */
async function isAwake(slept: Promise<void>): Promise<boolean> {
  let isOver = false;
  slept.then(() => isOver = true);
  await turn();
  return isOver;
}

Deno.test("systemClock.sleep() resolves at once when its signal aborts, and stops its timer", async () => {
  const stop = new AbortController();
  const slept = systemClock.sleep(3_600_000, stop.signal);
  assertEquals(await isAwake(slept), false);
  stop.abort();
  assertEquals(await isAwake(slept), true);
});

Deno.test("systemClock.sleep() resolves at once if its signal has already aborted", async () => {
  assertEquals(await isAwake(systemClock.sleep(3_600_000, AbortSignal.abort())), true);
});

Deno.test("systemClock.sleep() removes its listener from a signal that does not abort", async () => {
  const { signal } = new AbortController();
  const listeners: string[] = [];
  const remove = signal.removeEventListener.bind(signal);
  signal.removeEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
    listeners.push(type);
    remove(type, listener);
  };
  await systemClock.sleep(1, signal);
  assertEquals(listeners, ["abort"]);
});

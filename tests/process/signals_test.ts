/** What signals ask for: from the first one on, whatever comes twice, and whether a terminal was closed. */

import { assertEquals } from "@std/assert";
import { Signals, type SignalSystem } from "../../src/process/signals.ts";
import { turn, VirtualClock } from "../virtual_clock.ts";

/** The system's side: signals that the test sends. */
class FakeSystem implements SignalSystem {
  readonly clock = new VirtualClock();
  isTerminal = false;
  readonly #listeners = new Map<Deno.Signal, () => void>();

  readonly listen = (signal: Deno.Signal, listener: () => void) => void this.#listeners.set(signal, listener);
  readonly hasTerminal = () => this.isTerminal;
  readonly now = () => this.clock.now();

  send(signal: Deno.Signal): void {
    this.#listeners.get(signal)!();
  }
}

/** What has been asked for so far. */
function watch(signals: Signals): { ended: Deno.Signal | null; forced: boolean; reloads: number } {
  const asked: ReturnType<typeof watch> = { ended: null, forced: false, reloads: 0 };
  signals.ended.then((signal) => asked.ended = signal);
  signals.forced.then(() => asked.forced = true);
  return asked;
}

Deno.test("the first signal asks for the end, a second one within half a second is the same press", async () => {
  const system = new FakeSystem();
  const asked = watch(new Signals(system));
  system.send("SIGINT");
  system.clock.advance(500);
  system.send("SIGINT");
  system.send("SIGTERM");
  await turn();
  assertEquals(asked, { ended: "SIGINT", forced: false, reloads: 0 });
});

Deno.test("a second signal after half a second asks for the end at once", async () => {
  const system = new FakeSystem();
  const asked = watch(new Signals(system));
  system.send("SIGTERM");
  system.clock.advance(400);
  system.send("SIGTERM");
  system.clock.advance(101);
  system.send("SIGINT");
  await turn();
  assertEquals(asked, { ended: "SIGTERM", forced: true, reloads: 0 });
});

const IGNORE = Deno.build.os === "windows";

Deno.test("a hang-up before anybody can reload is not forgotten, and not done twice", { ignore: IGNORE }, () => {
  const system = new FakeSystem();
  const signals = new Signals(system);
  system.send("SIGHUP");
  system.send("SIGHUP");
  let reloads = 0;
  signals.onReload(() => reloads++);
  assertEquals(reloads, 1);
  system.send("SIGHUP");
  assertEquals(reloads, 2);
});

Deno.test("a hang-up asks for a reload, but for the end when the terminal is gone", { ignore: IGNORE }, async () => {
  const system = new FakeSystem();
  system.isTerminal = true;
  const signals = new Signals(system);
  const asked = watch(signals);
  signals.onReload(() => asked.reloads++);
  system.send("SIGHUP");
  await turn();
  assertEquals(asked, { ended: null, forced: false, reloads: 1 });
  system.isTerminal = false;
  system.send("SIGHUP");
  await turn();
  assertEquals(asked, { ended: "SIGHUP", forced: false, reloads: 1 });
});

Deno.test("a hang-up is a reload for a server that never had a terminal", { ignore: IGNORE }, async () => {
  const system = new FakeSystem();
  const signals = new Signals(system);
  const asked = watch(signals);
  signals.onReload(() => asked.reloads++);
  system.send("SIGHUP");
  await turn();
  assertEquals(asked, { ended: null, forced: false, reloads: 1 });
});

Deno.test(
  "SIGUSR1 and SIGUSR2 ask to reopen, and one before that can be done is no trouble",
  { ignore: IGNORE },
  () => {
    const system = new FakeSystem();
    const signals = new Signals(system);
    system.send("SIGUSR1");
    const reopened: Deno.Signal[] = [];
    signals.onReopen((signal) => reopened.push(signal));
    system.send("SIGUSR1");
    system.send("SIGUSR2");
    assertEquals(reopened, ["SIGUSR1", "SIGUSR2"]);
  },
);

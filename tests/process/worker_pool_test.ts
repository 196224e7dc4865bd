/** Workers that die, fall silent or grow too large, and the end of all: on a clock that stands still. */

import { assertEquals, assertRejects } from "@std/assert";
import { ListenError } from "../../src/process/address.ts";
import { NO_TRAFFIC } from "../../src/log/live.ts";
import { WorkersDiedError } from "../../src/process/worker_pool.ts";
import { SandboxTooWideError } from "../../src/process/worker_thread.ts";
import { turn } from "../virtual_clock.ts";
import { conf, Stage } from "./staged.ts";

Deno.test.sanitizer({ ops: true, resources: true });

Deno.test("the first worker listens before the others are started, and all before the server says so", async () => {
  const stage = new Stage();
  stage.threads.ignores.add("start");
  const started = stage.supervisor.start();
  await turn();
  assertEquals(stage.threads.all.length, 1);
  stage.threads.get(1).say({ kind: "listening" });
  await turn();
  assertEquals([stage.threads.all.length, stage.running.length], [2, 0]);
  stage.threads.get(2).say({ kind: "listening" });
  await started;
  assertEquals(stage.running.map(({ address, workers }) => [address, workers]), [[{ hostname: "::", port: 9000 }, 2]]);
  await stage.close();
});

Deno.test("a worker is told its configuration, its permissions, and where to listen", async () => {
  const stage = await Stage.start(conf("host default /www\nparameter address 127.0.0.1\n"));
  const [order] = stage.threads.get(1).orders;
  if (order?.kind !== "start") throw new Error("it was not started");
  assertEquals(order.listen.addresses, [{ hostname: "127.0.0.1", port: 9000 }]);
  assertEquals(order.permissions, stage.threads.get(1).permissions);
  assertEquals(order.permissions.read, [{ what: "/www", origin: "web.conf:3" }]);
  assertEquals(order.outside, ["/", "/web.conf"]);
  await stage.close();
});

Deno.test("a worker that cannot listen keeps the server from starting, in the same words as a port that is taken", async () => {
  const stage = new Stage();
  stage.threads.ignores.add("start");
  const started = stage.supervisor.start();
  await turn();
  const error = { name: "AddrInUse", message: "Address already in use (os error 98)" };
  stage.threads.get(1).say({ kind: "not listening", address: { hostname: "::", port: 9000 }, error });
  const words = "cannot listen on [::]:9000: another program has this port; choose another with --port";
  assertEquals((await assertRejects(() => started, ListenError)).message, words);
  await stage.close();
});

/** A stage whose workers must be told that they listen, or that they cannot. */
async function startSlowly(text: string): Promise<{ stage: Stage; started: Promise<void> }> {
  const stage = new Stage(text);
  stage.threads.ignores.add("start");
  const started = stage.supervisor.start();
  await turn();
  return { stage, started };
}

async function refuseToListen(stage: Stage, number: number, name: string): Promise<void> {
  const [order] = stage.threads.get(number).orders;
  if (order?.kind !== "start") throw new Error("it was not started");
  const [address] = order.listen.addresses;
  stage.threads.get(number).say({ kind: "not listening", address: address!, error: { name, message: "no" } });
  await turn();
}

Deno.test("a start with port 0 takes another number if a program has taken the first one in the meantime", async () => {
  const { stage, started } = await startSlowly(conf().replace("9000", "0"));
  await refuseToListen(stage, 1, "AddrInUse");
  await refuseToListen(stage, 2, "AddrInUse");
  for (const number of [3, 4]) {
    stage.threads.get(number).say({ kind: "listening" });
    await turn();
  }
  await started;
  assertEquals(stage.running.map(({ address }) => address.port), [40_002]);
  assertEquals([stage.messages, [...stage.ports.held]], [[], ["::|40002"]]);
  await stage.close();
});

Deno.test("a start with port 0 ends with the message of the last attempt, or of another error at once", async () => {
  const { stage, started } = await startSlowly(conf().replace("9000", "0"));
  const refused = assertRejects(
    () => started,
    ListenError,
    "cannot listen on [::]:40015: another program has this port",
  );
  for (let number = 1; number <= 16; number++) await refuseToListen(stage, number, "AddrInUse");
  await refused;
  await stage.close();
  const other = await startSlowly(conf().replace("9000", "0"));
  const denied = assertRejects(() => other.started, ListenError, "permission denied");
  await refuseToListen(other.stage, 1, "PermissionDenied");
  await denied;
  assertEquals(other.stage.threads.all.length, 1);
  await other.stage.close();
});

Deno.test("a worker that may do more than its scope keeps the server from starting", async () => {
  const stage = new Stage();
  stage.threads.ignores.add("start");
  const started = stage.supervisor.start();
  await turn();
  stage.threads.get(1).say({ kind: "sandbox too wide", problems: ["the worker sandbox is too wide (it could write)"] });
  await assertRejects(() => started, SandboxTooWideError, "the worker sandbox is too wide (it could write)");
  await stage.close();
});

Deno.test("a worker that dies is replaced after 100 ms, the next one after 200 ms", async () => {
  const stage = await Stage.start();
  stage.threads.get(1).say({ kind: "died", message: "Error: fate" });
  await stage.pass(99);
  assertEquals(stage.serving, [2]);
  await stage.pass(1);
  assertEquals(stage.serving, [2, 3]);
  stage.threads.get(3).fail("it threw");
  await stage.pass(199);
  assertEquals(stage.serving, [2]);
  await stage.pass(1);
  assertEquals(stage.serving, [2, 4]);
  assertEquals(stage.messages, [
    "worker 1 died: Error: fate; a new one starts in 100 ms",
    "worker 3 died: it threw; a new one starts in 200 ms",
  ]);
  await stage.close();
});

Deno.test("a worker that dies while the others start is told of, and replaced", async () => {
  const stage = new Stage();
  stage.threads.ignores.add("start");
  const started = stage.supervisor.start();
  await turn();
  stage.threads.get(1).say({ kind: "listening" });
  await turn();
  stage.threads.get(1).fail("fate");
  stage.threads.get(2).say({ kind: "listening" });
  stage.threads.ignores.clear();
  await started;
  await stage.pass(100);
  assertEquals(stage.serving, [2, 3]);
  assertEquals(stage.messages, ["worker 1 died: fate; a new one starts in 100 ms"]);
  await stage.close();
});

Deno.test("five deaths within a minute end it all", async () => {
  const stage = await Stage.start();
  const failed = assertRejects(
    () => stage.supervisor.failed,
    WorkersDiedError,
    "five workers died within a minute; the last one: fate",
  );
  for (const number of [1, 2, 3, 4, 5]) {
    stage.threads.get(number).fail("fate");
    await stage.pass(1600);
  }
  await failed;
  await stage.close();
});

Deno.test("a thread that cannot be had counts as a death, and is tried again", async () => {
  const stage = await Stage.start();
  stage.threads.failure = new Error("out of memory");
  stage.threads.get(1).fail("fate");
  await stage.pass(300);
  assertEquals(stage.serving, [2, 4]);
  assertEquals(stage.messages[1], "a worker could not be started: out of memory; a new one starts in 200 ms");
  await stage.close();
});

Deno.test("a replacement that may do more than its scope ends it all", async () => {
  const stage = await Stage.start();
  const failed = assertRejects(() => stage.supervisor.failed, SandboxTooWideError);
  stage.threads.ignores.add("start");
  stage.threads.get(1).fail("fate");
  await stage.pass(100);
  stage.threads.get(3).say({ kind: "sandbox too wide", problems: ["the worker sandbox is too wide (it could write)"] });
  await failed;
  await stage.close();
});

Deno.test("a worker that is silent for more than ten seconds is replaced, and not before", async () => {
  const stage = await Stage.start();
  stage.threads.get(1).fallSilent();
  await stage.pass(10_000);
  assertEquals([stage.serving, stage.messages], [[1, 2], []]);
  await stage.pass(1_100);
  assertEquals(stage.serving, [2, 3]);
  assertEquals(stage.messages, [
    "worker 1 died: it was stuck for more than 10 seconds; a new one starts in 100 ms",
  ]);
  await stage.close();
});

Deno.test("no worker is taken for stuck because the supervisor was held up itself", async () => {
  const stage = await Stage.start();
  for (const number of [1, 2]) stage.threads.get(number).fallSilent();
  await stage.pass(20_000, 20_000); // As for a laptop that sleeps, all timers are late.
  assertEquals([stage.serving, stage.messages], [[1, 2], []]);
  await stage.close();
});

Deno.test("a worker that has grown too large finishes behind the one that takes its place", async () => {
  const stage = await Stage.start();
  stage.threads.get(1).say({ kind: "heartbeat", heapBytes: 2 * 1024 ** 3, traffic: NO_TRAFFIC });
  stage.threads.get(1).say({ kind: "heartbeat", heapBytes: 2 * 1024 ** 3, traffic: NO_TRAFFIC });
  await stage.pass(0);
  assertEquals(stage.serving, [2, 3]);
  assertEquals(stage.threads.get(1).told, ["start", "stop accepting", "retire"]);
  assertEquals(stage.messages, ["worker 1 uses too much memory; a new one starts"]);
  await stage.close();
});

Deno.test("the end lets workers finish, and gives the port back at once", async () => {
  const stage = await Stage.start();
  stage.threads.get(1).ignores.add("end");
  let isOver = false;
  const ended = stage.supervisor.end().then(() => isOver = true);
  await turn();
  assertEquals([stage.ports.held.size, stage.threads.alive, isOver], [0, [1], false]);
  assertEquals(stage.threads.get(1).told, ["start", "end"]);
  stage.threads.get(1).say({ kind: "drained" });
  await ended;
  assertEquals(stage.clock.pending, 0);
});

Deno.test("the end waits for no worker longer than drain-timeout and a second", async () => {
  const stage = await Stage.start(conf("host default /www\nparameter drain-timeout 3\n"));
  for (const number of [1, 2]) stage.threads.get(number).ignores.add("end");
  let isOver = false;
  const ended = stage.supervisor.end().then(() => isOver = true);
  await stage.pass(3_900);
  assertEquals(isOver, false);
  await stage.pass(100);
  await ended;
  await stage.close();
});

for (const moment of ["before the port is had", "before the first listens", "before the second listens"]) {
  Deno.test(`an end that comes ${moment} leaves nothing behind`, async () => {
    const stage = new Stage();
    if (moment === "before the port is had") stage.ports.held.add("::|9000");
    else stage.threads.ignores.add("start");
    const started = assertRejects(() => stage.supervisor.start());
    await turn();
    if (moment === "before the second listens") stage.threads.get(1).say({ kind: "listening" });
    await turn();
    await stage.supervisor.end();
    await started;
    stage.ports.held.delete("::|9000");
    assertEquals([stage.running, stage.messages], [[], []]);
    await stage.close();
  });
}

Deno.test("a worker that dies when the end has come is not replaced", async () => {
  const stage = await Stage.start();
  for (const number of [1, 2]) stage.threads.get(number).ignores.add("end");
  const ended = stage.supervisor.end();
  for (const number of [1, 2]) stage.threads.get(number).fail("fate");
  await ended;
  await stage.pass(1000);
  assertEquals([stage.threads.all.length, stage.messages], [2, []]);
  await stage.close();
});

Deno.test("with drain-delay, health checks fail first, and the workers end after the delay", async () => {
  const stage = await Stage.start(conf("host default /www\nparameter drain-delay 3\n"));
  const ended = stage.supervisor.end();
  await turn();
  assertEquals(stage.threads.all.map(({ told }) => told.at(-1)), ["not ready", "not ready"]);
  await stage.pass(2_999);
  assertEquals(stage.threads.all.map(({ told }) => told.at(-1)), ["not ready", "not ready"]);
  await stage.pass(1);
  assertEquals(stage.threads.all.map(({ told }) => told.at(-1)), ["end", "end"]);
  await ended;
  assertEquals(stage.messages, ["health checks fail from now on; the drain begins in 3 s"]);
  await stage.close();
});

Deno.test("workers that start during drain-delay fail health checks, too", async () => {
  const stage = await Stage.start(conf("host default /www\nparameter drain-delay 3\n"));
  stage.threads.ignores.add("start");
  stage.text = conf("host default /other\nparameter drain-delay 3\n"); // A new root needs new workers.
  const reloading = stage.supervisor.reload();
  await turn();
  const ended = stage.supervisor.end();
  assertEquals(stage.threads.get(3).told, ["start", "not ready"]);
  stage.threads.get(3).say({ kind: "listening" });
  await turn();
  assertEquals(stage.threads.get(4).told, ["start", "not ready"]);
  await stage.pass(10_000);
  await Promise.all([reloading, ended]);
  await stage.close();
});

/** Reload: what is sent to the workers that serve, what takes new ones, and what happens meanwhile. On a clock that stands still. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Order } from "../../src/process/worker.ts";
import { turn } from "../virtual_clock.ts";
import { PortDoubles } from "./doubles.ts";
import { conf, Stage } from "./staged.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const TIMEOUT = conf("host default /www\nparameter timeout 4\n");
const TIMEOUT_ALTERED = "parameter timeout altered: 5 -> 4 (web.conf:4)";
const TWO_ROOTS = conf("host default /www\nhost b /b\n");
const TWO_ROOTS_ADDED = "host b added: /b (web.conf:4)";

function configured(stage: Stage, number: number): Extract<Order, { kind: "configure" }> {
  const order = stage.threads.get(number).orders.findLast(({ kind }) => kind === "configure");
  if (order?.kind !== "configure") throw new Error(`worker ${number} was not configured`);
  return order;
}

Deno.test("a reload that permits nothing new is sent to the workers, and told of when all have it", async () => {
  const stage = await Stage.start();
  stage.threads.get(2).ignores.add("configure");
  const reloaded = stage.reload(TIMEOUT);
  await turn();
  assertEquals([stage.messages, stage.serving], [[], [1, 2]]);
  assertEquals([1, 2].map((number) => configured(stage, number).config.parameters.timeout.value), [4, 4]);
  stage.threads.get(2).say({ kind: "configured" });
  assertEquals(await reloaded, [`reloaded: ${TIMEOUT_ALTERED}`]);
  assertEquals([stage.threads.all.length, stage.ports.held.size], [2, 1]);
  await stage.close();
});

Deno.test("a reload with fewer roots has the workers give them up, and prove it", async () => {
  const stage = await Stage.start(TWO_ROOTS);
  assertEquals(await stage.reload(conf()), ["reloaded: host b removed: it was /b"]);
  const { revoke, permissions, outside } = configured(stage, 1);
  assertEquals([revoke, permissions.read.length, outside], [["/b"], 1, ["/", "/web.conf"]]);
  assertEquals(stage.serving, [1, 2]);
  await stage.close();
});

Deno.test("a worker that could still read what it gave up is replaced by one that never could", async () => {
  const stage = await Stage.start(TWO_ROOTS);
  stage.threads.get(1).ignores.add("configure");
  const reloaded = stage.reload(conf());
  await turn();
  stage.threads.get(1).say({
    kind: "sandbox too wide",
    problems: ["the worker sandbox is too wide (it could read /b)"],
  });
  await stage.pass(100);
  assertEquals((await reloaded).length, 2);
  assertEquals(stage.serving, [2, 3]);
  assertEquals(stage.threads.get(3).permissions.read, [{ what: "/www", origin: "web.conf:3" }]);
  await stage.close();
});

Deno.test("a reload with more workers adds only those that are missing, one with fewer retires only what is too much", async () => {
  const stage = await Stage.start();
  await stage.reload(conf("host default /www\nparameter workers 4\n"));
  assertEquals(stage.serving, [1, 2, 3, 4]);
  assertEquals(await stage.reload(conf("host default /www\nparameter workers 1\n")), [
    "reloaded: parameter workers altered: 4 -> 1 (web.conf:4)",
  ]);
  assertEquals(stage.serving, [1]);
  assertEquals(stage.threads.get(4).told.slice(-2), ["stop accepting", "retire"]);
  assertEquals(stage.threads.alive, [1]);
  await stage.close();
});

Deno.test("a reload with a new root takes new workers: all of them listen before the old stop accepting, one by one", async () => {
  const stage = await Stage.start();
  stage.threads.ignores.add("start");
  for (const number of [1, 2]) stage.threads.get(number).ignores.add("stop accepting");
  const reloaded = stage.reload(TWO_ROOTS);
  const said: (readonly string[])[] = [];
  const note = () => void said.push(stage.threads.all.map(({ told }) => told.at(-1)!));
  for (const number of [3, 4]) {
    await turn();
    note();
    stage.threads.get(number).say({ kind: "listening" });
  }
  for (const number of [1, 2]) {
    await turn();
    note();
    stage.threads.get(number).say({ kind: "stopped accepting" });
  }
  await reloaded;
  note();
  assertEquals(said, [
    ["start", "start", "start"],
    ["start", "start", "start", "start"],
    ["stop accepting", "start", "start", "start"],
    ["stop accepting", "stop accepting", "start", "start"],
    ["retire", "retire", "start", "start"],
  ]);
  await stage.pass(0);
  assertEquals([stage.serving, stage.threads.alive], [[3, 4], [3, 4]]);
  assertEquals(stage.messages, [`reloaded: ${TWO_ROOTS_ADDED}`]);
  await stage.close();
});

Deno.test("a reload whose workers cannot start leaves the old ones as they are, and nothing of the new", async () => {
  for (const listening of [0, 1]) {
    const stage = await Stage.start();
    stage.threads.ignores.add("start");
    const reloaded = stage.reload(TWO_ROOTS);
    await turn();
    if (listening > 0) stage.threads.get(3).say({ kind: "listening" });
    await turn();
    stage.threads.all.at(-1)!.fail("fate");
    assertEquals(await reloaded, ["reload failed, the old configuration stays: fate"]);
    assertEquals([stage.serving, stage.threads.alive], [[1, 2], [1, 2]]);
    assertEquals([1, 2].map((number) => stage.threads.get(number).told), [["start"], ["start"]]);
    await stage.close();
  }
});

Deno.test("a reload that cannot be read changes nothing, nor does one in which nothing has changed", async () => {
  const stage = await Stage.start();
  assertEquals(await stage.reload("parameter port none\n"), []);
  assertEquals(await stage.reload(conf()), ["reload: nothing has changed"]);
  assertEquals([stage.threads.get(1).told, stage.serving], [["start"], [1, 2]]);
  await stage.close();
});

Deno.test("reloads come one after the other; what is asked for while one waits is the same one", async () => {
  const stage = await Stage.start();
  stage.threads.get(1).ignores.add("configure");
  const first = stage.reload(TIMEOUT);
  await turn();
  stage.text = conf();
  const others = [1, 2, 3].map(() => stage.supervisor.reload());
  await turn();
  assertEquals(stage.reads, 1);
  stage.threads.get(1).ignores.clear();
  stage.threads.get(1).say({ kind: "configured" });
  await Promise.all([first, ...others]);
  assertEquals(stage.reads, 2);
  assertEquals(stage.messages, [
    `reloaded: ${TIMEOUT_ALTERED}`,
    "reloaded: parameter timeout altered: 4 -> 5 (default)",
  ]);
  await stage.close();
});

Deno.test("a reload that comes during the start waits for it; after a start that failed there is none", async () => {
  for (const fails of [false, true]) {
    const stage = new Stage();
    stage.threads.ignores.add("start");
    const started = stage.supervisor.start();
    const reloaded = stage.reload(TIMEOUT);
    await turn();
    assertEquals(stage.reads, 0);
    stage.threads.ignores.clear();
    if (fails) stage.threads.get(1).fail("fate");
    else stage.threads.get(1).say({ kind: "listening" });
    if (fails) await assertRejects(() => started);
    else await started;
    assertEquals(await reloaded, fails ? [] : [`reloaded: ${TIMEOUT_ALTERED}`]);
    await stage.close();
  }
});

for (const text of [TIMEOUT, TWO_ROOTS]) {
  Deno.test(`an end that comes during a reload ends all, and nothing is told: ${text.split("\n")[3]}`, async () => {
    const stage = await Stage.start();
    stage.threads.ignores.add("start");
    for (const number of [1, 2]) stage.threads.get(number).ignores.add("configure");
    const reloaded = stage.reload(text);
    await turn();
    await stage.supervisor.end();
    assertEquals(await reloaded, []);
    assertEquals(stage.threads.alive, []);
    await stage.close();
  });
}

Deno.test("a worker that dies before it has taken the configuration is replaced by one that has it", async () => {
  const stage = await Stage.start();
  stage.threads.get(1).ignores.add("configure");
  const reloaded = stage.reload(TIMEOUT);
  await turn();
  stage.threads.get(1).fail("fate");
  await reloaded;
  await stage.pass(100);
  const [order] = stage.threads.get(3).orders;
  assert(order?.kind === "start" && order.config.parameters.timeout.value === 4);
  await stage.close();
});

Deno.test("a replacement that is starting when a reload comes takes the new configuration as well", async () => {
  const stage = await Stage.start();
  stage.threads.get(1).fail("fate");
  stage.threads.ignores.add("start");
  await stage.pass(100);
  const reloaded = stage.reload(TIMEOUT);
  await turn();
  assertEquals(stage.threads.get(3).told, ["start", "configure"]);
  stage.threads.get(3).say({ kind: "listening" });
  await reloaded;
  await stage.close();
});

Deno.test("a place that a reload has filled meanwhile is not filled twice", async () => {
  for (const text of [TIMEOUT, TWO_ROOTS]) {
    const stage = await Stage.start();
    stage.threads.get(1).fail("fate");
    await stage.reload(text);
    await stage.pass(1000);
    assertEquals(stage.serving.length, 2);
    await stage.close();
  }
});

Deno.test("an old worker that dies while new ones start is replaced, and retired with the others", async () => {
  const stage = await Stage.start();
  stage.threads.ignores.add("start");
  const reloaded = stage.reload(TWO_ROOTS);
  await turn();
  stage.threads.ignores.clear();
  stage.threads.get(1).fail("fate");
  await stage.pass(100);
  assertEquals(stage.serving, [2, 4]);
  stage.threads.get(3).say({ kind: "listening" });
  await reloaded;
  await stage.pass(0);
  assertEquals([stage.serving, stage.threads.alive], [[3, 5], [3, 5]]);
  await stage.close();
});

Deno.test("an old worker that is stuck holds up a reload no longer than ten seconds", async () => {
  const stage = await Stage.start();
  stage.threads.get(1).fallSilent();
  const reloaded = stage.reload(TWO_ROOTS);
  await stage.pass(11_100);
  await reloaded;
  assertEquals(stage.messages[0], "worker 1 died while it finished: it was stuck for more than 10 seconds");
  assertEquals([stage.serving, stage.threads.alive], [[3, 4], [3, 4]]);
  await stage.close();
});

Deno.test("an old worker that does not finish is ended after the drain-timeout that it was started with, and a second", async () => {
  const stage = await Stage.start(conf("host default /www\nparameter drain-timeout 3\n"));
  stage.threads.get(1).ignores.add("retire");
  await stage.reload(conf("host default /b\nparameter drain-timeout 60\n"));
  await stage.pass(3_900);
  assertEquals(stage.threads.alive, [1, 3, 4]);
  await stage.pass(100);
  assertEquals(stage.threads.alive, [3, 4]);
  await stage.close();
});

Deno.test("no more than three generations finish at the same time: the oldest is ended", async () => {
  const stage = await Stage.start();
  for (const root of ["/b", "/c", "/d", "/e"]) {
    for (const number of stage.serving) stage.threads.get(number).ignores.add("retire");
    await stage.reload(conf(`host default ${root}\n`));
  }
  assertEquals(stage.threads.alive, [3, 4, 5, 6, 7, 8, 9, 10]);
  assertEquals(
    stage.messages[0],
    "worker 1 was ended while it finished: too many reloads within its drain-timeout",
  );
  await stage.close();
});

Deno.test("a reload to another port takes it first, and gives the old one back when nobody listens there", async () => {
  const stage = await Stage.start();
  stage.threads.get(1).ignores.add("stop accepting");
  const reloaded = stage.reload(conf().replace("9000", "9001"));
  await turn();
  assertEquals([...stage.ports.held], ["::|9000", "::|9001"]);
  stage.threads.get(1).say({ kind: "stopped accepting" });
  await reloaded;
  assertEquals([...stage.ports.held], ["::|9001"]);
  await stage.close();
});

Deno.test("a reload to a port that another program has changes nothing", async () => {
  const stage = await Stage.start();
  stage.ports.answering.add(9001);
  assertEquals(await stage.reload(conf().replace("9000", "9001")), [
    "reload failed, the old configuration stays: cannot listen on [::]:9001: another program has this port; " +
    "choose another with --port",
  ]);
  assertEquals([...stage.ports.held, stage.threads.all.length], ["::|9000", 2]);
  await stage.close();
});

Deno.test("a reload to another address on the same port takes new workers there, and back", async () => {
  const stage = await Stage.start();
  stage.ports.answering.add(9000); // That is the server itself.
  for (const hostname of ["127.0.0.1", "::", "0.0.0.0"]) {
    await stage.reload(conf(`host default /www\nparameter address ${hostname}\n`));
    const [order] = stage.threads.all.at(-1)!.orders;
    assertEquals(order?.kind === "start" && order.listen.addresses, [{ hostname, port: 9000 }]);
    assertEquals([...stage.ports.held], [`${hostname}|9000`]);
  }
  assertEquals(stage.serving, [7, 8]);
  await stage.close();
});

Deno.test("a reload to an address on the same port that fails gives the old address back", async () => {
  const stage = await Stage.start(conf("host default /www\nparameter address 127.0.0.1\n"));
  stage.threads.ignores.add("start");
  const reloaded = stage.reload(conf());
  await turn();
  assertEquals([...stage.ports.held], ["::|9000"]);
  stage.threads.get(3).fail("fate");
  await reloaded;
  assertEquals([[...stage.ports.held], stage.serving], [["127.0.0.1|9000"], [1, 2]]);
  await stage.close();
});

Deno.test("port 0 stays the port that it was", async () => {
  const stage = await Stage.start(conf().replace("9000", "0"));
  await stage.reload(TWO_ROOTS.replace("9000", "0"));
  await stage.reload(TWO_ROOTS.replace("9000", "40000"));
  assertEquals([[...stage.ports.held], stage.serving], [["::|40000"], [3, 4]]);
  await stage.close();
});

Deno.test("where ports are not shared, one worker serves, and goes before the next one comes", async () => {
  const stage = await Stage.start(conf(), {}, new PortDoubles({ areShared: false }));
  assertEquals(stage.serving, [1]);
  await stage.reload(TIMEOUT);
  assertEquals(stage.threads.all.length, 1);
  const reloaded = stage.reload(TWO_ROOTS);
  await turn();
  assertEquals([stage.threads.get(1).told.at(-1), stage.threads.all.length], ["retire", 1]);
  await stage.pass(200);
  await reloaded;
  assertEquals(stage.serving, [2]);
  await stage.close();
});

Deno.test("where ports are not shared, a worker with the old configuration serves again after a reload that failed", async () => {
  const stage = await Stage.start(conf(), {}, new PortDoubles({ areShared: false }));
  stage.threads.ignores.add("start");
  const reloaded = stage.reload(TWO_ROOTS);
  await stage.pass(200);
  stage.threads.ignores.clear();
  stage.threads.get(2).fail("fate");
  assertEquals(await reloaded, ["reload failed, the old configuration stays: fate"]);
  assertEquals([stage.serving, stage.threads.get(3).permissions.read.length], [[3], 1]);
  await stage.close();
});

/**
 * Workers that die, hang or exceed their scope; reload; the end. With real workers and real sockets.
 */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { exchange, get, RawClient } from "../client.ts";
import { threadsOf } from "../../src/supervisor/thread.ts";
import { UnprovedError } from "../../src/supervisor/worker_thread.ts";
import { keepBusy } from "./load.ts";
import { conf, withSupervisor } from "./supervised.ts";

// Workers are ended by the supervisor, and what they still had to say is not waited for.
Deno.test.sanitizer?.({ ops: false, resources: false });

const MORTAL = new URL("./mortal_worker.ts", import.meta.url);

/** Waits for something to come true, for ten seconds. */
async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let turn = 0; turn < 1000; turn++) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Not within ten seconds: ${what}`);
}

for (const fate of ["throw", "reject"]) {
  Deno.test(`a worker that dies by ${fate} is replaced, and serves again`, async () => {
    await withSupervisor(
      { startThread: threadsOf(MORTAL), conf: conf("parameter workers 1\n") },
      async (supervised) => {
        await supervised.decide(fate, 1);
        await until(() => supervised.messages.length > 0, "the death is told");
        assertMatch(
          supervised.messages.join("\n"),
          /^worker 1 died: Error: fate[^]*; another takes its place in 100 ms/,
        );
        await until(() => supervised.supervisor.workers.some(({ number }) => number === 2), "a second worker");
        await supervised.supervisor.workers[0]!.listening;
        assertEquals((await exchange(supervised.port(), get("/a.txt"))).status, 200);
      },
    );
  });
}

Deno.test("a worker that dies while the others are starting is told of, and replaced", async () => {
  const options = {
    startThread: threadsOf(MORTAL),
    conf: conf("parameter workers 6\n"),
    fate: "throw sweepd worker 1",
  };
  await withSupervisor(options, async ({ supervisor, messages }) => {
    await until(() => messages.length > 0, "the death is told");
    assertMatch(messages.join("\n"), /^worker 1 died: Error: fate/);
    const numbers = () => supervisor.workers.map(({ number }) => number).toSorted();
    await until(() => numbers().includes(7), "a seventh worker");
    assertEquals(numbers(), [2, 3, 4, 5, 6, 7]);
  });
});

Deno.test("while a worker dies and is replaced, only requests on it fail", async () => {
  await withSupervisor({ startThread: threadsOf(MORTAL) }, async (supervised) => {
    let isOver = false;
    const busy = keepBusy(supervised.port(), 8, () => isOver);
    const deathsMs: number[] = [];
    for (const worker of [1, 2]) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await supervised.decide("throw", worker);
      await until(() => supervised.messages.some((text) => text.startsWith(`worker ${worker} died`)), "a death");
      deathsMs.push(performance.now());
      await until(() => supervised.supervisor.workers.length === 2, "a replacement");
      await Promise.all(supervised.supervisor.workers.map(({ listening }) => listening));
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    isOver = true;
    const { answers, failures } = await busy;
    assert(answers > 100, `${answers} answers`);
    for (const { atMs, reason } of failures) {
      assert(deathsMs.some((deathMs) => Math.abs(atMs - deathMs) < 250), `${reason} at a time when nobody died`);
    }
  });
});

Deno.test("five deaths within a minute end it all", async () => {
  await withSupervisor({ startThread: threadsOf(MORTAL), conf: conf("parameter workers 1\n") }, async (supervised) => {
    const { supervisor } = supervised;
    for (let worker = 1; worker <= 5; worker++) {
      await supervised.decide("throw", worker);
      if (worker < 5) await until(() => supervisor.workers[0]?.number === worker + 1, `worker ${worker + 1}`);
    }
    await assertRejects(() => supervisor.failed, Error, "five workers died within a minute; the last one: Error: fate");
  });
});

Deno.test("a worker that hangs is replaced after ten seconds of silence", async () => {
  await withSupervisor({ startThread: threadsOf(MORTAL), conf: conf("parameter workers 1\n") }, async (supervised) => {
    await supervised.decide("hang", 1);
    // Ten seconds of silence, and a second until the pulse is felt; `until` alone would give up too early.
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    assertEquals(supervised.messages, []);
    await until(() => supervised.supervisor.workers.some(({ number }) => number === 2), "a second worker");
    assertMatch(supervised.messages[0] ?? "", /^worker 1 died: it was stuck for more than 10 seconds/);
    await supervised.supervisor.workers[0]!.listening;
    await new Promise((resolve) => setTimeout(resolve, 2_500)); // The stuck thread comes back, and ends.
    for (let turn = 0; turn < 10; turn++) {
      assertEquals((await exchange(supervised.port(), get("/a.txt"))).status, 200);
    }
  });
});

Deno.test("workers that may do more than their scope are not let serve", async () => {
  const error = await assertRejects(
    () =>
      withSupervisor(
        { startThread: threadsOf(new URL("../../src/worker.ts", import.meta.url), "inherit") },
        () => Promise.resolve(),
      ),
    UnprovedError,
  );
  assertMatch(
    error.message,
    /^a worker could read \/, and must not; .*read \.\/web\.conf, .*; a worker could write, .*; a worker could listen on another port, /,
  );
});

Deno.test("reload takes a configuration anew, and says what has changed", async () => {
  await withSupervisor({}, async (supervised) => {
    const { supervisor, messages, setConf } = supervised;
    setConf(conf("parameter workers 2\nmedia txt text/x-other\n"));
    await supervisor.reload();
    assertEquals(messages, ["reloaded: media txt added: text/x-other (web.conf:6)"]);
    assertEquals(
      (await exchange(supervised.port(), get("/a.txt"))).field("content-type"),
      "text/x-other; charset=utf-8",
    );
  });
});

Deno.test("reload keeps the old configuration when the new one has errors, or cannot be listened on", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await withSupervisor({}, async (supervised) => {
    const { supervisor, messages, setConf } = supervised;
    setConf(conf("parameter timeout never\n"));
    await supervisor.reload();
    setConf(conf().replace("port 0", `port ${taken.addr.port}`));
    await supervisor.reload();
    assertMatch(
      messages.join("\n"),
      /^reload failed, the old configuration stays: cannot listen on 127\.0\.0\.1:\d+: /,
    );
    assertEquals((await exchange(supervised.port(), get("/a.txt"))).status, 200);
  });
});

Deno.test("reload of the same configuration changes nothing", async () => {
  await withSupervisor({}, async ({ supervisor, messages }) => {
    const before = supervisor.workers;
    await supervisor.reload();
    assertEquals([messages, supervisor.workers], [["reload: nothing has changed"], before]);
  });
});

Deno.test("reload lets a download that is under way finish", async () => {
  await withSupervisor({}, async (supervised) => {
    const length = 32 * 1024 * 1024; // More than the system buffers.
    await Deno.writeFile(`${supervised.root}/large`, new Uint8Array(length));
    using client = await RawClient.connect(supervised.port());
    await client.send(get("/large"));
    await client.take(1);
    supervised.setConf(conf("parameter timeout 4\n"));
    await supervised.supervisor.reload();
    assert((await client.end()).length > length - 1);
  });
});

Deno.test("reload again and again under load fails no request", { ignore: Deno.build.os !== "linux" }, async () => {
  await withSupervisor({}, async (supervised) => {
    let isOver = false;
    const busy = keepBusy(supervised.port(), 16, () => isOver);
    for (let turn = 0; turn < 4; turn++) {
      supervised.setConf(conf(`parameter workers 2\nparameter timeout ${1 + turn % 2}\n`));
      await supervised.supervisor.reload();
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    isOver = true;
    const { answers, failures } = await busy;
    assertEquals(failures, []);
    assert(answers > 100, `${answers} answers`);
  });
});

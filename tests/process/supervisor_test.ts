/**
 * The supervisor with real threads, ports and permissions: few tests, because they take real time. What it does when is
 * tested with doubles, in worker_pool_test.ts and reload_test.ts.
 */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { threadsOf } from "../../src/process/thread.ts";
import { SandboxTooWideError } from "../../src/process/worker_thread.ts";
import { exchange, get, RawClient } from "../client.ts";
import { emptyReport, keepBusy } from "./load.ts";
import { conf, withSupervisor } from "./supervised.ts";

// Workers are ended by the supervisor, and what they still had to say is not waited for.
Deno.test.sanitizer?.({ ops: false, resources: false });

const MORTAL = threadsOf(new URL("./mortal_worker.ts", import.meta.url));

const ONE_WORKER = conf("parameter workers 1\n");

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
    await withSupervisor({ startThread: MORTAL, conf: ONE_WORKER }, async (supervised) => {
      await supervised.decide(fate, 1);
      await until(() => supervised.messages.length > 0, "the death is told");
      assertMatch(supervised.messages.join("\n"), /^worker 1 died: Error: fate[^]*; a new one starts in 100 ms/);
      await until(() => supervised.supervisor.workers.some(({ number }) => number === 2), "a second worker");
      await supervised.supervisor.workers[0]!.listening;
      assertEquals((await exchange(supervised.port(), get("/a.txt"))).status, 200);
    });
  });
}

Deno.test("while a worker dies and is replaced, only requests on it fail", async () => {
  await withSupervisor({ startThread: MORTAL }, async (supervised) => {
    const report = emptyReport();
    let isOver = false;
    const busy = keepBusy(supervised.port(), 8, () => isOver, ["keep-alive"], report);
    const answered = async (count: number) => {
      const before = report.answers;
      await until(() => report.answers >= before + count, `${count} more answers`);
    };
    await until(() => supervised.supervisor.workers.length === 2, "two workers");
    await answered(100);
    assertEquals(report.failures, [], "before a death");
    await supervised.decide("throw", 1);
    await until(() => supervised.messages.some((text) => text.startsWith(`worker 1 died`)), "a death");
    await until(() => supervised.supervisor.workers.length === 2, "a replacement");
    await Promise.all(supervised.supervisor.workers.map(({ listening }) => listening));
    await answered(400); // Each of the 8 clients has noticed by then that its worker is gone.
    const { length } = report.failures;
    await answered(400);
    assertEquals(report.failures.slice(length), [], "after the replacement");
    isOver = true;
    await busy;
  });
});

Deno.test("a worker that hangs is replaced, and its thread ends when it comes back", async () => {
  await withSupervisor({ startThread: MORTAL, conf: ONE_WORKER, heartbeatTimeoutMs: 1_500 }, async (supervised) => {
    await supervised.decide("hang", 1);
    await until(() => supervised.supervisor.workers.some(({ number }) => number === 2), "a second worker");
    assertMatch(supervised.messages[0] ?? "", /^worker 1 died: it was stuck for more than 1.5 seconds/);
    await supervised.supervisor.workers[0]!.listening;
    // Until it comes back, the stuck thread's listener takes its share of new connections; then it resets them.
    const isAnswered = () =>
      exchange(supervised.port(), get("/a.txt")).then(({ status }) => status === 200, () => false);
    let answered = 0;
    await until(async () => (answered = await isAnswered() ? answered + 1 : 0) === 10, "ten answers in a row");
  });
});

Deno.test("workers that may do more than their scope are not let serve", async () => {
  const startThread = threadsOf(new URL("../../src/process/worker.ts", import.meta.url), "inherit");
  const error = await assertRejects(
    () => withSupervisor({ startThread }, () => Promise.resolve()),
    SandboxTooWideError,
  );
  assertMatch(
    error.message,
    /^the worker sandbox is too wide \(it could read \/; it could read \.\/web\.conf; it could write;/,
  );
});

Deno.test("a reload that permits nothing new holds in the same workers when it is told of", async () => {
  await withSupervisor({}, async (supervised) => {
    const { supervisor, messages, setConf } = supervised;
    const before = supervisor.workers;
    setConf(conf("parameter workers 2\nmedia txt text/x-other\n"));
    await supervisor.reload();
    assertEquals(messages, ["reloaded: media txt added: text/x-other (web.conf:6)"]);
    const { field } = await exchange(supervised.port(), get("/a.txt"));
    assertEquals([field("content-type"), supervisor.workers], ["text/x-other; charset=utf-8", before]);
  });
});

Deno.test("a root that is served no more is given up by the same workers; one that is new takes others", async () => {
  await withSupervisor({}, async (supervised) => {
    const { supervisor, setConf, root } = supervised;
    Deno.mkdirSync(`${root}/other`);
    Deno.writeTextFileSync(`${root}/other/a.txt`, "other");
    const both = conf("parameter workers 2\nhost other ROOT/other\n").replace("default ROOT", "default ROOT/none");
    const ask = async (host: string) => (await exchange(supervised.port(), get("/a.txt", { Host: host }))).status;
    setConf(both);
    await supervisor.reload();
    const workers = supervisor.workers;
    assertEquals([await ask("other"), workers.map(({ number }) => number)], [200, [3, 4]]);
    setConf(both.replace(/host other .*\n/, ""));
    await supervisor.reload();
    assertEquals([await ask("other"), supervisor.workers], [404, workers]);
    assertMatch(supervised.messages.join("\n"), /^reloaded: [^\n]*\nreloaded: host other removed: [^\n]*$/);
  });
});

Deno.test("reload keeps the old configuration when the new one cannot be listened on", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await withSupervisor({}, async (supervised) => {
    const { supervisor, messages, setConf } = supervised;
    setConf(conf().replace("port 0", `port ${taken.addr.port}`));
    await supervisor.reload();
    assertMatch(
      messages.join("\n"),
      /^reload failed, the old configuration stays: cannot listen on 127\.0\.0\.1:\d+: another program has this port/,
    );
    assertEquals((await exchange(supervised.port(), get("/a.txt"))).status, 200);
  });
});

for (const [kind, more] of [["the same workers", "timeout 4"], ["new workers", "address ::"]] as const) {
  Deno.test(`a reload to ${kind} lets a download that is under way finish`, async () => {
    await withSupervisor({}, async (supervised) => {
      const length = 32 * 1024 * 1024; // More than the system buffers.
      await Deno.writeFile(`${supervised.root}/large`, new Uint8Array(length));
      using client = await RawClient.connect(supervised.port());
      await client.send(get("/large", { Connection: "close" }));
      await client.take(1);
      supervised.setConf(conf(`parameter workers 2\nparameter ${more}\n`));
      await supervised.supervisor.reload();
      assertMatch(supervised.messages[0] ?? "", /^reloaded: /);
      assert((await client.end()).length > length - 1);
    });
  });
}

/** Batches of log lines: they are sent when they are large enough, after some time, or by flush(). */

import { assertEquals } from "@std/assert";
import { BatchSink } from "../../src/log/sink.ts";

Deno.test.sanitizer({ ops: true, resources: true }); // A pending timer would keep the process alive.

function textOf(lines: Uint8Array): string {
  return new TextDecoder().decode(lines);
}

/** Runs `test` with simulated timers, which fire when it calls `elapse`. `delays` holds their delays. */
function withTimers(test: (timers: { elapse(): void; readonly delays: readonly number[] }) => void): void {
  const { setTimeout, clearTimeout } = globalThis;
  const calls = new Map<number, () => void>();
  const delays: number[] = [];
  Object.assign(globalThis, {
    setTimeout(call: () => void, delayMs: number) {
      calls.set(delays.push(delayMs), call);
      return delays.length;
    },
    clearTimeout: (timer?: number) => calls.delete(timer ?? 0),
  });
  const elapse = () => {
    for (const [timer, call] of [...calls]) {
      calls.delete(timer);
      call();
    }
  };
  try {
    test({ elapse, delays });
    assertEquals(calls.size, 0, "a timer is left");
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout });
  }
}

Deno.test("write() sends lines together, at the next multiple of a fifth of a second", () => {
  withTimers(({ elapse, delays }) => {
    const batches: string[] = [];
    const sink = new BatchSink((lines) => batches.push(textOf(lines)));
    for (const line of ["one\n", "two\n", "three\n"]) sink.write(line, 1_000_150);
    assertEquals([batches, delays], [[], [50]]);
    elapse();
    assertEquals(batches, ["one\ntwo\nthree\n"]);
  });
});

Deno.test("write() begins another batch after one was sent", () => {
  withTimers(({ elapse, delays }) => {
    const batches: string[] = [];
    const sink = new BatchSink((lines) => batches.push(textOf(lines)));
    for (const line of ["one\n", "two\n"]) {
      sink.write(line, 1_000_000);
      elapse();
    }
    assertEquals([batches, delays], [["one\n", "two\n"], [200, 200]]);
  });
});

Deno.test("write() sends a batch of 32 KiB at once, and stops the timer", () => {
  withTimers(() => {
    const batches: string[] = [];
    const sink = new BatchSink((lines) => batches.push(textOf(lines)));
    const line = `${"x".repeat(1023)}\n`;
    for (let times = 0; times < 31; times++) sink.write(line);
    assertEquals(batches.length, 0);
    sink.write(line);
    assertEquals(batches, [line.repeat(32)]);
  });
});

Deno.test("write() sends every line whole and unchanged, also long and non-ASCII ones", () => {
  withTimers(() => {
    const batches: Uint8Array<ArrayBuffer>[] = [];
    const sink = new BatchSink((lines) => batches.push(lines));
    const lines = [1, 31_000, 40_000, 65_535, 200_000, 7].map((count) => `${"\u00fc".repeat(count)}\n`);
    for (const line of lines) sink.write(line);
    sink.flush();
    assertEquals(batches.map(textOf).join(""), lines.join(""));
    assertEquals(batches.filter((batch) => batch.at(-1) !== 0x0a), []);
  });
});

Deno.test("write() sends batches that do not change later, in at most twice their size of memory", () => {
  withTimers(({ elapse }) => {
    const batches: Uint8Array<ArrayBuffer>[] = [];
    const sink = new BatchSink((lines) => batches.push(lines));
    for (const line of ["one\n", "two\n"]) {
      sink.write(line);
      elapse();
    }
    for (let times = 0; times < 40; times++) sink.write(`${"x".repeat(1023)}\n`);
    sink.flush();
    assertEquals(batches.slice(0, 2).map(textOf), ["one\n", "two\n"]);
    assertEquals(batches.filter(({ buffer, length }) => buffer.byteLength > 2 * length), []);
    assertEquals(new Set(batches.map(({ buffer }) => buffer)).size, batches.length);
  });
});

Deno.test("flush() sends the pending lines once, and stops the timer", () => {
  withTimers(({ elapse }) => {
    const batches: string[] = [];
    const sink = new BatchSink((lines) => batches.push(textOf(lines)));
    sink.write("one\n");
    sink.flush();
    sink.flush();
    elapse();
    assertEquals(batches, ["one\n"]);
  });
});

Deno.test("flush() sends nothing if there are no lines", () => {
  const batches: string[] = [];
  new BatchSink((lines) => batches.push(textOf(lines))).flush();
  assertEquals(batches, []);
});

Deno.test("write() sends lines with the system's timers", async () => {
  const lines = await new Promise<Uint8Array>((resolve) => new BatchSink(resolve).write("one\n"));
  assertEquals(textOf(lines), "one\n");
});

Deno.test("write() sends the times of its lines with each batch, for short and long lines", () => {
  withTimers(() => {
    const batches: [lines: string[], times: number[]][] = [];
    const sink = new BatchSink((lines, times) => batches.push([textOf(lines).split("\n").slice(0, -1), [...times]]));
    const lengths = Array.from({ length: 400 }, (_, index) => index % 50 === 7 ? 70_000 : index * 37 % 900);
    lengths.forEach((length, index) => sink.write(`${index} ${"\u00fc".repeat(length)}\n`, index));
    sink.flush();
    const sent = batches.flatMap(([lines, times]) =>
      lines.map((line, index) => [Number(line.split(" ")[0]), times[index]])
    );
    assertEquals(sent, lengths.map((_, index) => [index, index]));
    assertEquals(batches.filter(([lines, times]) => lines.length !== times.length), []);
  });
});

/** The output of text to a stream: in order, complete, with bounded memory, also if no program reads or a disk is full. */

import { assertEquals, assertMatch } from "@std/assert";
import { type ByteStream, Output } from "../../src/log/output.ts";
import { turn, VirtualClock } from "../virtual_clock.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const MEBIBYTE = 1024 * 1024;

/** A stream that accepts as many bytes as the test permits. */
class FakeStream implements ByteStream {
  /** Maximum number of bytes that one write accepts; 0: it waits until `take()`. */
  takesBytes = Infinity;
  /** Total number of bytes that the stream accepts. Further writes fail, like on a full disk. */
  room = Infinity;
  failure: Error = new Error("No space left on device (os error 28)");
  text = "";
  writes = 0;
  #waiting: (() => void) | null = null;

  async write(bytes: Uint8Array): Promise<number> {
    this.writes++;
    if (this.room === 0) throw this.failure;
    if (this.takesBytes === 0) await new Promise<void>((resolve) => this.#waiting = resolve);
    const part = bytes.subarray(0, Math.min(this.takesBytes, this.room));
    this.room -= part.length;
    this.text += new TextDecoder("latin1").decode(part);
    return part.length;
  }

  /** From now on the stream accepts all bytes of each write. */
  take(): void {
    this.takesBytes = Infinity;
    this.#waiting?.();
  }
}

interface Bench {
  readonly stream: FakeStream;
  readonly output: Output;
  readonly problems: string[];
  readonly clock: VirtualClock;
}

function open(): Bench {
  const stream = new FakeStream();
  const problems: string[] = [];
  const clock = new VirtualClock();
  const output = new Output(stream, { name: "the log", clock, report: (problem) => problems.push(problem) });
  return { stream, problems, clock, output };
}

/** Advances the time by `seconds`, second by second. */
async function pass({ clock }: Bench, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    clock.advance(1000);
    await turn();
  }
}

Deno.test("write() writes text in order, even if the stream accepts few bytes at a time", async () => {
  for (const takesBytes of [1, 3, 1000]) {
    const { stream, output } = open();
    stream.takesBytes = takesBytes;
    for (const text of ["one\n", "two\n", "three\n"]) output.write(text);
    assertEquals(await output.close(), "complete");
    assertEquals(stream.text, "one\ntwo\nthree\n");
  }
});

Deno.test("write() writes text as UTF-8", async () => {
  const { stream, output } = open();
  output.write("naïve\n");
  await output.close();
  assertEquals(stream.text, "na\xc3\xafve\n");
});

Deno.test("write() accepts bytes and text, and does not change the bytes", async () => {
  const { stream, output } = open();
  stream.takesBytes = 0;
  output.write("one\n");
  output.write(new TextEncoder().encode("two\n"));
  output.write("three\n");
  stream.take();
  await output.close();
  assertEquals(stream.text, "one\ntwo\nthree\n");
});

Deno.test("write() combines lines that arrive during a write into one write", async () => {
  const { stream, output } = open();
  stream.takesBytes = 0;
  output.write("one\n");
  for (let times = 0; times < 10; times++) output.write("more\n");
  stream.take();
  await output.close();
  assertEquals([stream.text, stream.writes], [`one\n${"more\n".repeat(10)}`, 2]);
});

Deno.test("write() does not wait for the stream", async () => {
  const { stream, output } = open();
  stream.takesBytes = 0;
  output.write("one\n");
  await turn();
  assertEquals(stream.text, "");
  stream.take();
  await output.close();
});

Deno.test("close() resolves when everything is written, or at once if nothing is pending", async () => {
  assertEquals(await open().output.close(), "complete");
  const { stream, output } = open();
  stream.takesBytes = 0;
  output.write("one\n");
  let isClosed = false;
  const closed = output.close("last\n").then(() => isClosed = true);
  await turn();
  assertEquals(isClosed, false);
  stream.take();
  await closed;
  assertEquals(stream.text, "one\nlast\n");
});

Deno.test("write() works again after everything was written", async () => {
  const { stream, output } = open();
  for (const text of ["one\n", "two\n"]) {
    output.write(text);
    await turn();
  }
  assertEquals([stream.text, stream.writes], ["one\ntwo\n", 2]);
});

Deno.test("write() drops lines if 16 MiB are waiting, and reports their number when the stream continues", async () => {
  const { stream, output, problems } = open();
  const lines = `${"x".repeat(MEBIBYTE / 2 - 1)}\n`.repeat(2);
  stream.takesBytes = 0;
  output.write("first\n");
  for (let times = 0; times < 20; times++) output.write(lines);
  assertEquals(problems, []);
  stream.take();
  await output.close();
  assertEquals(stream.text.length, "first\n".length + 16 * MEBIBYTE);
  assertEquals(problems, ["8 lines were lost on the way to the log: its reader does not keep up"]);
});

Deno.test("write() accepts lines again when the stream has caught up, and counts dropped ones from 0", async () => {
  const { stream, output, problems } = open();
  const lines = `${"x".repeat(MEBIBYTE - 1)}\n`;
  for (let round = 0; round < 2; round++) {
    stream.takesBytes = 0;
    output.write("first\n");
    for (let times = 0; times < 17; times++) output.write(lines);
    stream.take();
    await turn();
  }
  output.write("last\n");
  await output.close();
  assertEquals(stream.text.endsWith("last\n"), true);
  assertEquals(problems.map((problem) => problem.split(" ")[0]), ["1", "1"]);
});

Deno.test("write() to a stream without a reader reports that once, and then does nothing", async () => {
  const { stream, output, problems } = open();
  stream.room = 0;
  stream.failure = new Deno.errors.BrokenPipe("Broken pipe");
  output.write("one\n");
  await turn();
  for (let times = 0; times < 5; times++) output.write("more\n");
  assertEquals(await output.close(), "complete");
  assertEquals([stream.writes, problems], [1, ["cannot write to the log: Broken pipe; no more is written to it"]]);
});

Deno.test("write() reports a full disk once, and again with the number of lost lines when there is space", async () => {
  const bench = open();
  const { stream, output, problems } = bench;
  stream.room = 2;
  output.write("one\n");
  await turn();
  for (let second = 0; second < 60; second++) {
    output.write("more\n");
    await pass(bench, 1);
  }
  assertEquals(problems, [
    "cannot write to the log: No space left on device (os error 28); " +
    "its lines wait until that is over, 16 MiB of them at the most",
  ]);
  stream.room = Infinity;
  await pass(bench, 1);
  assertEquals(problems.slice(1), ["the log can be written to again; 0 lines were lost"]);
  assertEquals(stream.text, `one\n${"more\n".repeat(60)}`);
});

Deno.test("write() keeps up to 16 MiB for a full disk, and counts the lines that it drops", async () => {
  const bench = open();
  const { stream, output, problems } = bench;
  stream.room = 0;
  const lines = `${"x".repeat(MEBIBYTE - 1)}\n`;
  output.write(lines);
  await turn();
  for (let times = 0; times < 19; times++) output.write(lines);
  await pass(bench, 3);
  stream.room = Infinity;
  await pass(bench, 1);
  assertEquals(problems.slice(1), ["the log can be written to again; 4 lines were lost"]);
  assertEquals(stream.text.length, 16 * MEBIBYTE);
});

Deno.test("write() continues with the rest of a line that a full disk has cut", async () => {
  const bench = open();
  const { stream, output } = bench;
  stream.room = 3;
  output.write("first\nsecond\n");
  await pass(bench, 2);
  assertEquals(stream.text, "fir");
  stream.room = Infinity;
  await pass(bench, 1);
  assertEquals(stream.text, "first\nsecond\n");
});

Deno.test("close() tries again after a failed write, and reports the number of lost lines", async () => {
  const { stream, output, problems } = open();
  stream.room = 0;
  output.write("one\ntwo\n");
  await turn();
  assertEquals(await output.close("three\n"), "lost");
  assertEquals(stream.writes, 2);
  assertEquals(problems.slice(1), ["cannot write to the log: No space left on device (os error 28); 3 lines are lost"]);
});

Deno.test("close() ends even if the report of lost lines goes to the same stream", async () => {
  const stream = new FakeStream();
  stream.room = 0;
  const output: Output = new Output(stream, {
    name: "the log",
    clock: new VirtualClock(),
    report: (problem) => output.write(`${problem}\n`),
  });
  output.write("one\n");
  assertEquals(await output.close(), "lost");
});

Deno.test("write() waits without a report for a non-blocking pipe", async () => {
  const bench = open();
  const { stream, output, problems } = bench;
  stream.room = 2;
  stream.failure = new Deno.errors.WouldBlock("Resource temporarily unavailable");
  output.write("one\n");
  const closed = output.close();
  await turn();
  stream.room = Infinity;
  await pass(bench, 1);
  assertEquals([await closed, stream.text, problems], ["complete", "one\n", []]);
});

Deno.test("close() does not report a reader that has left during the output of a command", async () => {
  const { stream, output, problems } = open();
  stream.room = 0;
  stream.failure = new Deno.errors.BrokenPipe("Broken pipe");
  assertEquals([await output.close("one\n"), problems], ["complete", []]);
});

Deno.test("a failed write is reported with the system's reason", async () => {
  const bench = open();
  bench.stream.room = 0;
  bench.stream.failure = new Error("Input/output error (os error 5)");
  bench.output.write("one\n");
  await turn();
  assertMatch(bench.problems[0]!, /^cannot write to the log: Input\/output error/);
  await bench.output.close();
});

/** A non-blocking pipe, as the runtime reports it: a write that is only accepted in part fails, like one of which nothing is. */
class NonBlockingPipe implements ByteStream {
  room = 65_536;
  text = "";

  write(bytes: Uint8Array): Promise<number> {
    const isWhole = bytes.length <= this.room;
    const count = isWhole ? bytes.length : bytes.length <= 4096 ? 0 : this.room;
    const lines = new TextDecoder().decode(bytes.subarray(0, count));
    this.text += isWhole ? lines : lines.slice(0, lines.lastIndexOf("\n") + 1);
    this.room -= count;
    return isWhole
      ? Promise.resolve(count)
      : Promise.reject(new Deno.errors.WouldBlock("Resource temporarily unavailable"));
  }
}

Deno.test("write() gets all lines through a non-blocking pipe with a slow reader, and repeats few of them", async () => {
  const clock = new VirtualClock();
  const stream = new NonBlockingPipe();
  const problems: string[] = [];
  const output = new Output(stream, { name: "the log", clock, report: (problem) => problems.push(problem) });
  const lines = Array.from({ length: 5000 }, (_, number) => `line ${number} ${"x".repeat(80)}\n`);
  output.write(lines.join(""));
  for (let times = 0; times < 1000; times++) {
    clock.advance(20);
    await turn();
    stream.room = Math.min(65_536, stream.room + 5000);
  }
  await output.close();
  const written = stream.text.match(/^.*\n/gm) ?? [];
  assertEquals(new Set(written), new Set(lines));
  assertEquals(written.length - lines.length < 700, true, `${written.length - lines.length} lines were repeated`);
  assertEquals(problems, []);
});

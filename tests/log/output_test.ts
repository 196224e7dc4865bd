/** The output of text to a stream: in order, complete, and bounded in memory if no program reads the stream. */

import { assertEquals, assertMatch } from "@std/assert";
import { Output, type TextStream } from "../../src/log/output.ts";
import { turn } from "../virtual_clock.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const MEBIBYTE = 1024 * 1024;

/** A stream that accepts as many bytes as the test permits. */
class FakeStream implements TextStream {
  /** Maximum number of bytes that one write accepts; 0: it waits until `take()`. */
  takesBytes = Infinity;
  failure: Error | null = null;
  text = "";
  writes = 0;
  #waiting: (() => void) | null = null;

  async write(bytes: Uint8Array): Promise<number> {
    this.writes++;
    if (this.failure !== null) throw this.failure;
    if (this.takesBytes === 0) await new Promise<void>((resolve) => this.#waiting = resolve);
    const part = bytes.subarray(0, this.takesBytes);
    this.text += new TextDecoder("latin1").decode(part);
    return part.length;
  }

  /** From now on the stream accepts all bytes of each write. */
  take(): void {
    this.takesBytes = Infinity;
    this.#waiting?.();
  }
}

function open(): { readonly stream: FakeStream; readonly output: Output; readonly problems: string[] } {
  const stream = new FakeStream();
  const problems: string[] = [];
  return { stream, problems, output: new Output(stream, (problem) => problems.push(problem)) };
}

Deno.test("write() writes text in order, even if the stream accepts few bytes at a time", async () => {
  for (const takesBytes of [1, 3, 1000]) {
    const { stream, output } = open();
    stream.takesBytes = takesBytes;
    for (const text of ["one\n", "two\n", "three\n"]) output.write(text);
    await output.flush();
    assertEquals(stream.text, "one\ntwo\nthree\n");
  }
});

Deno.test("write() writes text as UTF-8", async () => {
  const { stream, output } = open();
  output.write("naïve\n");
  await output.flush();
  assertEquals(stream.text, "na\xc3\xafve\n");
});

Deno.test("write() accepts bytes and text, and does not change the bytes", async () => {
  const { stream, output } = open();
  stream.takesBytes = 0;
  output.write("one\n");
  output.write(new TextEncoder().encode("two\n"));
  output.write("three\n");
  stream.take();
  await output.flush();
  assertEquals(stream.text, "one\ntwo\nthree\n");
});

Deno.test("write() combines lines that arrive during a write into one write", async () => {
  const { stream, output } = open();
  stream.takesBytes = 0;
  output.write("one\n");
  for (let times = 0; times < 10; times++) output.write("more\n");
  stream.take();
  await output.flush();
  assertEquals([stream.text, stream.writes], [`one\n${"more\n".repeat(10)}`, 2]);
});

Deno.test("write() does not wait for the stream", async () => {
  const { stream, output } = open();
  stream.takesBytes = 0;
  output.write("one\n");
  await turn();
  assertEquals(stream.text, "");
  stream.take();
  await output.flush();
});

Deno.test("flush() resolves when everything is written, or at once if nothing is pending", async () => {
  const { stream, output } = open();
  await output.flush();
  stream.takesBytes = 0;
  output.write("one\n");
  let isFlushed = false;
  const flushed = output.flush().then(() => isFlushed = true);
  await turn();
  assertEquals(isFlushed, false);
  output.write("two\n");
  stream.take();
  await flushed;
  assertEquals(stream.text, "one\ntwo\n");
});

Deno.test("write() works again after everything was written", async () => {
  const { stream, output } = open();
  for (const text of ["one\n", "two\n"]) {
    output.write(text);
    await output.flush();
  }
  assertEquals(stream.text, "one\ntwo\n");
});

Deno.test("write() drops lines if 16 MiB are waiting, and reports their number when the stream continues", async () => {
  const { stream, output, problems } = open();
  const lines = `${"x".repeat(MEBIBYTE / 2 - 1)}\n`.repeat(2);
  stream.takesBytes = 0;
  output.write("first\n");
  for (let times = 0; times < 20; times++) output.write(lines);
  assertEquals(problems, []);
  stream.take();
  await output.flush();
  assertEquals(stream.text.length, "first\n".length + 16 * MEBIBYTE);
  assertEquals(problems.length, 1);
  assertMatch(problems[0]!, /^8 lines of the log were dropped/);
});

Deno.test("write() accepts lines again when the stream has caught up, and counts dropped ones from 0", async () => {
  const { stream, output, problems } = open();
  const lines = `${"x".repeat(MEBIBYTE - 1)}\n`;
  for (let round = 0; round < 2; round++) {
    stream.takesBytes = 0;
    output.write("first\n");
    for (let times = 0; times < 17; times++) output.write(lines);
    stream.take();
    await output.flush();
  }
  output.write("last\n");
  await output.flush();
  assertEquals(stream.text.endsWith("last\n"), true);
  assertEquals(problems.map((problem) => problem.split(" ")[0]), ["1", "1"]);
});

Deno.test("write() to a stream that fails reports that once, and then does nothing", async () => {
  const { stream, output, problems } = open();
  stream.failure = new Deno.errors.BrokenPipe("Broken pipe");
  output.write("one\n");
  await output.flush();
  for (let times = 0; times < 5; times++) output.write("more\n");
  await output.flush();
  assertEquals([stream.writes, problems], [1, ["cannot write the log: Broken pipe; no more is written"]]);
});

/** A log file: whole lines only, also on a full disk; reopening loses none. */

import { assertEquals, assertRejects } from "@std/assert";
import { LogFile, LogFileError, type LogHandle } from "../../src/log/log_file.ts";
import { Output } from "../../src/log/output.ts";
import { turn, VirtualClock } from "../virtual_clock.ts";
import { TempFolder } from "../temp_folder.ts";

/** A file on a disk that has `room` bytes left. */
class FakeHandle implements LogHandle {
  text = "";
  room = Infinity;
  isClosed = false;
  /** Called before each write. */
  before: () => Promise<void> | void = () => {};

  async write(bytes: Uint8Array): Promise<number> {
    await this.before();
    if (this.isClosed) throw new Deno.errors.BadResource("closed");
    if (this.room === 0) throw new Error("No space left on device (os error 28)");
    const part = bytes.subarray(0, Math.min(7, this.room));
    this.room -= part.length;
    this.text += new TextDecoder().decode(part);
    return part.length;
  }

  seek(): Promise<number> {
    return Promise.resolve(this.text.length);
  }

  truncate(length: number): Promise<void> {
    this.room += this.text.length - length;
    this.text = this.text.slice(0, length);
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
  }
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Opens the handles one after the other. */
function opener(...handles: readonly FakeHandle[]) {
  const left = [...handles];
  return () => Promise.resolve(left.shift()!);
}

Deno.test("write() adds all lines, even if the system accepts few bytes at a time", async () => {
  const handle = new FakeHandle();
  const file = await LogFile.open("log", opener(handle));
  assertEquals(await file.write(bytes("first line\nsecond line\n")), 23);
  assertEquals(handle.text, "first line\nsecond line\n");
});

Deno.test("write() leaves no half line where the disk is full at any byte, and the rest follows when there is room", async () => {
  const lines = "first line\nsecond line\n";
  for (let room = 0; room < lines.length; room++) {
    const handle = new FakeHandle();
    handle.text = "before\n";
    handle.room = room;
    const file = await LogFile.open("log", opener(handle));
    let added = 0;
    if (room < 11) await assertRejects(() => file.write(bytes(lines)), Error, "No space");
    else added = await file.write(bytes(lines));
    assertEquals([room, handle.text], [room, `before\n${lines.slice(0, added)}`]);
    assertEquals(added, room < 11 ? 0 : 11);
    handle.room = Infinity;
    await file.write(bytes(lines.slice(added)));
    assertEquals(handle.text, `before\n${lines}`);
  }
});

Deno.test("a full disk is told once, no line is cut or repeated, and the lines that waited follow", async () => {
  const handle = new FakeHandle();
  handle.room = 40;
  const problems: string[] = [];
  const clock = new VirtualClock();
  const file = await LogFile.open("log", opener(handle));
  const output = new Output(file, { name: "log", clock, report: (problem) => problems.push(problem) });
  const lines = Array.from({ length: 10 }, (_, number) => `line number ${number}\n`);
  for (const line of lines) {
    output.write(line);
    await turn();
  }
  assertEquals(handle.text, lines.slice(0, 2).join(""));
  assertEquals(problems.length, 1);
  handle.room = Infinity;
  for (let second = 0; second < 3; second++) {
    clock.advance(1000);
    await turn();
  }
  assertEquals(handle.text, lines.join(""));
  assertEquals([problems.length, problems[1]], [2, "log can be written to again; 0 lines were lost"]);
  await output.close();
});

Deno.test("reopen() lets a pending write end in the old file, and closes that", async () => {
  const [before, after] = [new FakeHandle(), new FakeHandle()];
  const file = await LogFile.open("log", opener(before, after));
  let reopening: Promise<void> = Promise.resolve();
  before.before = () => {
    before.before = () => {};
    reopening = file.reopen();
    return reopening;
  };
  await file.write(bytes("one line of more than seven bytes\n"));
  assertEquals([before.text, before.isClosed], ["one line of more than seven bytes\n", true]);
  await file.write(bytes("next\n"));
  assertEquals(after.text, "next\n");
  file.close();
  assertEquals(after.isClosed, true);
});

Deno.test("reopen() closes an idle file at once, so that its space can be freed", async () => {
  const [before, after] = [new FakeHandle(), new FakeHandle()];
  const file = await LogFile.open("log", opener(before, after));
  await file.reopen();
  assertEquals([before.isClosed, after.isClosed], [true, false]);
});

Deno.test("reopen() keeps the old file if the path cannot be opened", async () => {
  const handle = new FakeHandle();
  const handles = [handle];
  const file = await LogFile.open("log", () => {
    const next = handles.shift();
    return next === undefined ? Promise.reject(new Error("denied")) : Promise.resolve(next);
  });
  await assertRejects(() => file.reopen(), LogFileError, "cannot write the log file log: denied");
  await file.write(bytes("line\n"));
  assertEquals(handle.text, "line\n");
});

Deno.test("open() adds to an existing file, and makes a missing one that others may not read", async () => {
  using folder = new TempFolder();
  const path = folder.write("old.log", "old\n");
  for (const name of [path, `${folder.path}/new.log`]) {
    const file = await LogFile.open(name);
    await file.write(bytes("line\n"));
    file.close();
  }
  assertEquals(Deno.readTextFileSync(path), "old\nline\n");
  if (Deno.build.os !== "windows") assertEquals(Deno.statSync(`${folder.path}/new.log`).mode! & 0o007, 0);
});

Deno.test("open() refuses a pipe", { ignore: Deno.build.os === "windows" }, async () => {
  using folder = new TempFolder();
  const path = `${folder.path}/pipe`;
  await new Deno.Command("mkfifo", { args: [path] }).output();
  const reader = Deno.open(path); // With a reader, opening for writing does not wait.
  await assertRejects(() => LogFile.open(path), LogFileError, "it is not a regular file");
  (await reader).close();
});

Deno.test("open() refuses what is no regular file, and a file without its folder", async () => {
  using folder = new TempFolder();
  await assertRejects(() => LogFile.open(`${folder.path}/missing/a.log`), LogFileError, "its folder is not there");
  await assertRejects(() => LogFile.open(folder.path), LogFileError, "cannot write the log file");
});

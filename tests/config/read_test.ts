/** Texts that come through pipes: read to their end once, within a time. */

import { assertEquals, assertRejects } from "@std/assert";
import { readText, UnreadableConfigError } from "../../src/config/read.ts";
import { findSource } from "../../src/config/source.ts";
import { loadConfig, reloadConfig } from "../../src/config/load.ts";
import { TempFolder } from "../temp_folder.ts";

const IGNORE = Deno.build.os === "windows";

async function withFifo(test: (path: string) => Promise<void>): Promise<void> {
  using folder = new TempFolder();
  const path = `${folder.path}/fifo`;
  assertEquals((await new Deno.Command("mkfifo", { args: [path] }).output()).code, 0);
  await test(path);
}

/** Writes each part and waits a moment; then the pipe has an end. */
async function feed(path: string, ...parts: readonly string[]): Promise<void> {
  using file = await Deno.open(path, { write: true });
  for (const part of parts) {
    await file.write(new TextEncoder().encode(part));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test("a configuration comes through a pipe, in parts, once", { ignore: IGNORE }, async () => {
  await withFifo(async (path) => {
    const options = { dir: null, config: path, overrides: [] };
    const folders = { standing: "/", current: "/" };
    const [source] = await Promise.all([findSource(options, folders), feed(path, "host a /", "tmp\n", "host b /\n")]);
    const { config } = await loadConfig(source, options);
    assertEquals(config.hosts.map(({ name, root }) => [name, root]), [["a", "/tmp"], ["b", "/"]]);
    const error = await assertRejects(() => reloadConfig(source, options), UnreadableConfigError);
    assertEquals(error.message, `${path.slice(1)} can be read only once`);
  });
});

Deno.test("readText() gives up when nobody writes to a pipe", { ignore: IGNORE }, async () => {
  await withFifo(async (path) => {
    const error = await assertRejects(() => readText(path, "a pipe", 20), UnreadableConfigError);
    assertEquals(error.message, "cannot read a pipe: nothing came for 0.02 seconds");
    await feed(path); // The opening, which the system cannot be told to give up, ends.
  });
});

Deno.test("readText() gives up when a pipe's writer falls silent", { ignore: IGNORE }, async () => {
  await withFifo(async (path) => {
    using writer = await Deno.open(path, { read: true, write: true });
    await writer.write(new TextEncoder().encode("host "));
    const error = await assertRejects(() => readText(path, "a pipe", 20), UnreadableConfigError);
    assertEquals(error.message, "cannot read a pipe: nothing came for 0.02 seconds");
    await writer.write(new TextEncoder().encode("late"));
  });
});

Deno.test(
  "readText() reads no more than a configuration can have of a device without an end",
  { ignore: IGNORE },
  async () => {
    const error = await assertRejects(() => readText("/dev/zero", "a device"), UnreadableConfigError);
    assertEquals(error.message, "cannot read a device: it is larger than 1 MiB, which no web.conf is");
  },
);

/** Texts from pipes: they are read once, to their end, within a time limit. */

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

/** Writes each part and waits a moment after it, then closes the pipe. */
async function feed(path: string, ...parts: readonly string[]): Promise<void> {
  using file = await Deno.open(path, { write: true });
  for (const part of parts) {
    await file.write(new TextEncoder().encode(part));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test("a configuration may come from a pipe, in parts, and is read once", { ignore: IGNORE }, async () => {
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

/** What was given up cannot be cancelled: it ends on its own, a little later than the test. */
const LEFT_PENDING = { ignore: IGNORE, sanitizeOps: false, sanitizeResources: false };

Deno.test("readText() gives up if no program writes to a pipe", LEFT_PENDING, async () => {
  await withFifo(async (path) => {
    const error = await assertRejects(
      () => readText(path, { name: "a pipe", idleTimeoutMs: 20 }),
      UnreadableConfigError,
    );
    assertEquals(error.message, "cannot read a pipe: no data arrived for 0.02 seconds");
    await feed(path); // This ends the pending open, which cannot be cancelled.
  });
});

Deno.test("readText() gives up if the writer of a pipe stops writing", LEFT_PENDING, async () => {
  await withFifo(async (path) => {
    using writer = await Deno.open(path, { read: true, write: true });
    await writer.write(new TextEncoder().encode("host "));
    const error = await assertRejects(
      () => readText(path, { name: "a pipe", idleTimeoutMs: 20 }),
      UnreadableConfigError,
    );
    assertEquals(error.message, "cannot read a pipe: no data arrived for 0.02 seconds");
    await writer.write(new TextEncoder().encode("late"));
  });
});

Deno.test(
  "readText() reads no more than a configuration can have of a device without an end",
  { ignore: IGNORE },
  async () => {
    const error = await assertRejects(() => readText("/dev/zero", { name: "a device" }), UnreadableConfigError);
    assertEquals(error.message, "cannot read a device: it is larger than 1 MiB, the limit for a web.conf");
  },
);

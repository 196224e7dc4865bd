/** The system's disk: reading at positions, also beyond 4 GiB, and errors. */

import { assertEquals, assertThrows } from "@std/assert";
import { type OpenFile, systemDisk } from "../../src/files/disk.ts";
import { readAll, withFolder } from "./folder.ts";

Deno.test.sanitizer({ ops: true, resources: true });

function readAt(file: OpenFile, position: number, length: number): string {
  const into = new Uint8Array(length);
  return new TextDecoder().decode(into.subarray(0, file.readAt(position, into)));
}

async function withOpen(content: string, test: (file: OpenFile) => void): Promise<void> {
  await withFolder((folder) => {
    folder.write("file", content);
    const file = systemDisk.open(`${folder.root}/file`);
    try {
      test(file);
    } finally {
      file.close();
    }
  });
}

Deno.test("systemDisk reads from any position, in any order", async () => {
  await withOpen("0123456789", (file) => {
    assertEquals([readAt(file, 7, 2), readAt(file, 0, 3), readAt(file, 3, 4)], ["78", "012", "3456"]);
  });
});

Deno.test("systemDisk reads fewer bytes at the end of a file, and none after it", async () => {
  await withOpen("0123456789", (file) => {
    assertEquals([readAt(file, 8, 100), readAt(file, 10, 100), readAt(file, 1000, 100)], ["89", "", ""]);
  });
});

Deno.test("systemDisk reads nothing from an empty file", async () => {
  await withOpen("", (file) => assertEquals([readAll(file), file.stat().size], ["", 0]));
});

Deno.test("systemDisk reads beyond 4 GiB", async () => {
  await withFolder((folder) => {
    const path = `${folder.root}/large`;
    const length = 5 * 2 ** 30;
    const written = Deno.openSync(path, { create: true, write: true });
    written.truncateSync(length);
    written.seekSync(length - 3, Deno.SeekMode.Start);
    written.writeSync(new TextEncoder().encode("end"));
    written.close();
    const file = systemDisk.open(path);
    assertEquals([file.stat().size, readAt(file, length - 3, 100)], [length, "end"]);
    file.close();
  });
});

Deno.test("systemDisk returns the state of an open file after its name is deleted", async () => {
  await withFolder((folder) => {
    folder.write("file", "content");
    const path = `${folder.root}/file`;
    const { ino } = systemDisk.stat(path);
    const file = systemDisk.open(path);
    Deno.removeSync(path);
    assertEquals([file.stat().ino, readAll(file)], [ino, "content"]);
    file.close();
    assertThrows(() => systemDisk.stat(path), Deno.errors.NotFound);
  });
});

Deno.test("systemDisk opens for reading only", async () => {
  await withFolder((folder) => {
    folder.write("file", "content");
    Deno.chmodSync(`${folder.root}/file`, 0o444);
    systemDisk.open(`${folder.root}/file`).close();
    assertThrows(() => systemDisk.open(`${folder.root}/new file`), Error, "ENOENT");
  });
});

Deno.test("systemDisk opens a FIFO without waiting for a writer", async () => {
  await withFolder(async (folder) => {
    await new Deno.Command("mkfifo", { args: [`${folder.root}/fifo`] }).output();
    const file = systemDisk.open(`${folder.root}/fifo`);
    assertEquals(file.stat().isFile, false);
    file.close();
  });
});

Deno.test("systemDisk follows links in stat, and resolves all links in realPath", async () => {
  await withFolder((folder) => {
    folder.write("folder/file", "content");
    folder.link("folder", "link");
    const path = `${folder.root}/link/file`;
    assertEquals(systemDisk.stat(path).isFile, true);
    assertEquals(systemDisk.realPath(path), `${folder.root}/folder/file`);
  });
});

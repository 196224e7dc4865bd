/** Listings of folders that are too large to be examined before the answer, on a disk that makes them up. */

import { assert, assertEquals } from "@std/assert";
import { makeCache } from "../files/cached.ts";
import { WatchedDisk } from "../files/folder.ts";
import { type FolderEntry, systemDisk } from "../../src/files/disk.ts";
import type { Handler } from "../../src/http/handler.ts";
import type { Response } from "../../src/http/response.ts";
import { files } from "../../src/site/handler.ts";
import { Site } from "../../src/site/host.ts";
import { TempFolder } from "../temp_folder.ts";
import { requestOf } from "./asking.ts";

/** A folder with `count` files of made-up sizes, and folders among them. The names of some lead nowhere. */
function largeDisk(count: number): WatchedDisk & { examined: number } {
  const entry = (index: number): FolderEntry => {
    const isDirectory = index % 1000 === 0;
    return { name: `${isDirectory ? "folder" : "file"} ${index}`, isFile: !isDirectory, isDirectory, isSymlink: false };
  };
  const disk = new WatchedDisk({
    async *readFolder() {
      for (let index = count - 1; index >= 0; index--) yield await Promise.resolve(entry(index));
    },
    lstat: (path) => {
      const index = Number(/ ([0-9]+)$/.exec(path)?.[1] ?? NaN);
      if (Number.isNaN(index)) return systemDisk.lstat(path);
      counted.examined++;
      if (index % 777 === 1) throw new Deno.errors.NotFound(path);
      const [mtime, size] = [new Date(index * 1000), (index * 7919) % count];
      const { isFile, isDirectory } = entry(index);
      return { isFile, isDirectory, size, mtime, ctime: mtime, dev: 1, ino: index + 1, mode: 0o777 };
    },
  });
  const counted = Object.assign(disk, { examined: 0 });
  return counted;
}

interface Large {
  readonly handler: Handler;
  readonly disk: WatchedDisk & { examined: number };
}

async function withLarge(count: number, test: (large: Large) => Promise<void>): Promise<void> {
  using folder = new TempFolder();
  const disk = largeDisk(count);
  const cache = makeCache({ disk });
  const hosts = new Site([{ name: "default", root: folder.path, listing: true }]);
  await test({ handler: files(hosts, { cache }), disk });
}

async function textOf({ content }: Response): Promise<string> {
  if (content.kind !== "streamed") throw new TypeError("A listing is streamed");
  let text = "";
  for await (const chunk of content.chunks) text += new TextDecoder().decode(chunk);
  content.close();
  return text;
}

const fieldOf = ({ fields }: Response, name: string) => fields.find(([each]) => each === name)?.[1] ?? null;

Deno.test("a large folder is examined while it is sent, and has no entity tag", () =>
  withLarge(6_000, async ({ handler, disk }) => {
    const response = await handler(requestOf("GET / HTTP/1.1"));
    assertEquals([response.status, fieldOf(response, "ETag"), disk.examined], [200, null, 0]);
    const { content } = response;
    if (content.kind !== "streamed") throw new TypeError("A listing is streamed");
    const chunks = content.chunks[Symbol.asyncIterator]();
    const first = new TextDecoder().decode((await chunks.next()).value);
    assert(first.includes("<tbody>"), "the beginning of the page comes before any file is examined");
    assertEquals(disk.examined, 0);
    await chunks.next();
    assert(disk.examined > 0 && disk.examined < 1_000, `${disk.examined} examined for the second chunk`);
    await chunks.return?.();
    content.close();
  }));

const QUERIES = ["", "?sort=name&order=desc", "?sort=size", "?sort=size&order=asc", "?sort=date"];

Deno.test("a large folder is in the same order as a small one, without names that are not there any more", async () => {
  for (const query of QUERIES) {
    const [large, small] = await Promise.all([5_001, 5_000].map(async (count) => {
      let names: string[] = [];
      await withLarge(count, async ({ handler }) => {
        const { entries } = JSON.parse(await textOf(await handler(requestOf(`GET /${query} HTTP/1.1`, JSON_ONLY))));
        names = entries.map(({ name }: { name: string }) => name);
      });
      return names;
    }));
    // The disk makes sizes of the count, so the last name and orders by size are compared on their own.
    if (!query.includes("size")) assertEquals(large!.filter((name) => name !== "folder 5000"), small, query);
    assertEquals(large!.length, 5_001 - Math.ceil(5_000 / 777), query);
    assertEquals(large!.slice(0, 6).every((name) => name.startsWith("folder")), true, query);
  }
});

const JSON_ONLY = "Accept: application/json";

Deno.test("a large folder by size has its sizes in order", () =>
  withLarge(5_500, async ({ handler }) => {
    for (const [order, sign] of [["asc", 1], ["desc", -1]] as const) {
      const response = await handler(requestOf(`GET /?sort=size&order=${order} HTTP/1.1`, JSON_ONLY));
      const { entries } = JSON.parse(await textOf(response));
      const sizes = entries.filter(({ kind }: { kind: string }) => kind === "file")
        .map(({ size }: { size: number }) => size);
      assertEquals(sizes, sizes.toSorted((a: number, b: number) => sign * (a - b)));
      assertEquals(
        entries.filter(({ kind, size }: { kind: string; size: unknown }) => kind === "folder" && size !== null),
        [],
      );
    }
  }));

Deno.test("a page of a large folder has counts at its end", () =>
  withLarge(6_000, async ({ handler }) => {
    const text = await textOf(await handler(requestOf("GET / HTTP/1.1")));
    assert(text.includes(`<td colspan="3">6 folders, 5,986 files, <span title="`), text.slice(-400));
  }));

Deno.test("answers that are not read hold a limited number of entries: others get 503, small folders do not", () =>
  withLarge(300_000, async ({ handler }) => {
    const [first, second] = [await handler(requestOf("GET / HTTP/1.1")), await handler(requestOf("GET / HTTP/1.1"))];
    assertEquals([first.status, second.status, fieldOf(second, "Retry-After")], [200, 503, "1"]);
    await withLarge(900, async (small) => {
      const response = await small.handler(requestOf("GET / HTTP/1.1"));
      assertEquals(response.status, 200);
      response.content.close();
    });
    first.content.close();
    first.content.close(); // Once more has no effect.
    const third = await handler(requestOf("GET / HTTP/1.1"));
    assertEquals(third.status, 200);
    third.content.close();
  }));

Deno.test("a request that needs no content of a large folder holds no entries", () =>
  withLarge(300_000, async ({ handler }) => {
    for (let count = 0; count < 3; count++) {
      const failed = await handler(requestOf("GET / HTTP/1.1", 'If-Match: "x"'));
      assertEquals(failed.status, 412);
      failed.content.close();
    }
    const response = await handler(requestOf("GET / HTTP/1.1"));
    assertEquals(response.status, 200);
    response.content.close();
  }));

Deno.test("answers that are read at the same time hold a limited number of entries together", () =>
  withLarge(200_000, async ({ handler }) => {
    const requests = Array.from({ length: 5 }, () => handler(requestOf("GET / HTTP/1.1")));
    const responses = await Promise.all(requests);
    const statuses = responses.map(({ status }) => status).toSorted();
    assertEquals(statuses[0], 200, "one can always be answered");
    assertEquals(statuses.filter((status) => status === 200).length <= 2, true, statuses.join());
    for (const { content } of responses) content.close();
    const later = await handler(requestOf("GET / HTTP/1.1"));
    assertEquals(later.status, 200);
    later.content.close();
  }));

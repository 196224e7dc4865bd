/**
 * The two locks on a root, each with the other taken away: ours compares real paths, the runtime's is the scope of a worker.
 * Without both, the very same requests are served; so it is the locks that refuse them.
 */

import { assertEquals } from "@std/assert";
import { systemDisk } from "../../src/files/disk.ts";
import { select } from "../../src/files/representation.ts";
import { contentOf, type Folder, SECRET, withFolder } from "./folder.ts";
import type { LockOrder } from "./lock_worker.ts";

/** Ways out of the root. */
const WAYS_OUT: readonly (readonly string[])[] = [
  ["link to file"],
  ["link to link"],
  ["link to folder", "secret.txt"],
  ["absolute link"],
  ["sub", "link to file"],
];

/** A folder's way out would not be read, but where it leads would be told by a redirect. */
const FOLDERS_OUT: readonly (readonly string[])[] = [["link to folder"], ["link to parent"]];

const WITHIN: readonly (readonly string[])[] = [["page.html"], ["inner link"], ["inner folder", "deep.html"]];

function prepare(folder: Folder): void {
  folder.write("page.html", "page");
  folder.write("sub/deep.html", "deep");
  folder.link("page.html", "inner link");
  folder.link("sub", "inner folder");
  folder.link("../outside/secret.txt", "link to file");
  folder.link("link to file", "link to link");
  folder.link("../outside", "link to folder");
  folder.link("..", "link to parent");
  folder.link(`${folder.outside}/secret.txt`, "absolute link");
  folder.link("../../outside/secret.txt", "sub/link to file");
}

/** What a worker that may read the root alone selects without our lock. */
async function selectInWorker(order: LockOrder): Promise<readonly string[]> {
  const worker = new Worker(new URL("lock_worker.ts", import.meta.url), {
    type: "module",
    deno: { permissions: { read: [order.root] } },
  });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(order);
    });
  } finally {
    worker.terminate();
  }
}

Deno.test("select() without the runtime's lock refuses every way out of the root", async () => {
  await withFolder((folder) => {
    prepare(folder);
    for (const segments of [...WAYS_OUT, ...FOLDERS_OUT]) {
      assertEquals(contentOf(select(systemDisk, folder.root, segments)), "(forbidden)", segments.join("/"));
    }
    assertEquals(WITHIN.map((segments) => contentOf(select(systemDisk, folder.root, segments))), [
      "page",
      "page",
      "deep",
    ]);
  });
});

Deno.test("select() without our lock is refused every way out of the root by the runtime", async () => {
  await withFolder(async (folder) => {
    prepare(folder);
    const paths = [...WAYS_OUT, ...FOLDERS_OUT, ...WITHIN];
    const outcomes = await selectInWorker({ root: folder.root, paths });
    const refused = [...WAYS_OUT, ...FOLDERS_OUT].map(() => "(forbidden)");
    assertEquals(outcomes, [...refused, "page", "page", "deep"]);
  });
});

Deno.test("select() without both locks would serve every way out of the root", async () => {
  await withFolder((folder) => {
    prepare(folder);
    for (const segments of WAYS_OUT) {
      assertEquals(
        contentOf(select(systemDisk, folder.root, segments, { lock: () => true })),
        SECRET,
        segments.join("/"),
      );
    }
    for (const segments of FOLDERS_OUT) {
      assertEquals(select(systemDisk, folder.root, segments, { lock: () => true }), "directory", segments.join("/"));
    }
  });
});

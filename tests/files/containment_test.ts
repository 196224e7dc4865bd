/**
 * The two checks that keep files inside a root, each tested without the other. Ours compares real paths; the runtime's are
 * the permissions of a worker. Without both checks the same paths are served, so it is the checks that refuse them.
 */

import { assertEquals } from "@std/assert";
import { systemDisk } from "../../src/files/disk.ts";
import { lookUp } from "../../src/files/look_up.ts";
import { contentOf, type Folder, SECRET, withFolder } from "./folder.ts";
import type { ContainmentOrder } from "./containment_worker.ts";

/** Paths that lead out of the root. */
const WAYS_OUT: readonly (readonly string[])[] = [
  ["link to file"],
  ["link to link"],
  ["link to folder", "secret.txt"],
  ["absolute link"],
  ["sub", "link to file"],
];

/** A link to a folder outside. Its files could not be read, but a redirect would reveal that the folder exists. */
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

/** The result of `lookUp` without our own check, in a worker that may read only the root. */
async function selectInWorker(order: ContainmentOrder): Promise<readonly string[]> {
  const worker = new Worker(new URL("containment_worker.ts", import.meta.url), {
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

Deno.test("lookUp() without the runtime's check refuses every path out of the root", async () => {
  await withFolder((folder) => {
    prepare(folder);
    for (const segments of [...WAYS_OUT, ...FOLDERS_OUT]) {
      assertEquals(contentOf(lookUp(systemDisk, folder.root, segments)), "(forbidden)", segments.join("/"));
    }
    assertEquals(WITHIN.map((segments) => contentOf(lookUp(systemDisk, folder.root, segments))), [
      "page",
      "page",
      "deep",
    ]);
  });
});

Deno.test("the runtime refuses every path out of the root for lookUp() without our check", async () => {
  await withFolder(async (folder) => {
    prepare(folder);
    const paths = [...WAYS_OUT, ...FOLDERS_OUT, ...WITHIN];
    const outcomes = await selectInWorker({ root: folder.root, paths });
    const refused = [...WAYS_OUT, ...FOLDERS_OUT].map(() => "(forbidden)");
    assertEquals(outcomes, [...refused, "page", "page", "deep"]);
  });
});

Deno.test("lookUp() without both checks would serve every path out of the root", async () => {
  await withFolder((folder) => {
    prepare(folder);
    for (const segments of WAYS_OUT) {
      assertEquals(
        contentOf(lookUp(systemDisk, folder.root, segments, { isContained: () => true })),
        SECRET,
        segments.join("/"),
      );
    }
    for (const segments of FOLDERS_OUT) {
      assertEquals(
        contentOf(lookUp(systemDisk, folder.root, segments, { isContained: () => true })),
        "(folder)",
        segments.join("/"),
      );
    }
  });
});

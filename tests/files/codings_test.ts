/** The forms of files in content codings in the cache: made once, bounded, in turns, by a helper, and for current bytes only. */

import { assert, assertEquals } from "@std/assert";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { type FileCache, type FileCacheOptions } from "../../src/files/cache.ts";
import type { Later } from "../../src/files/codings.ts";
import { encode } from "../../src/files/content_codings.ts";
import type { Resource } from "../../src/files/resource.ts";
import type { Coding } from "../../src/http/semantics/coding.ts";
import { turn, VirtualClock } from "../virtual_clock.ts";
import { makeCache } from "./cached.ts";
import { filePathBelow } from "../../src/files/file_path.ts";
import { type Folder, WatchedDisk, withFolder } from "./folder.ts";

const KIB = 1024;

/** Text of `length` bytes that codings make shorter. */
function text(length: number, word = "entry"): string {
  const line = (index: number) => `<li>${word} ${index} of ${index * 7919 % 1000}\n`;
  return Array.from({ length: Math.ceil(length / 20) }, (_, index) => line(index)).join("").slice(0, length);
}

interface Stage {
  readonly folder: Folder;
  readonly clock: VirtualClock;
  readonly disk: WatchedDisk;
  readonly cache: FileCache;
  open(name: string): Resource;
  form(base: Resource, coding?: Coding): Resource | Later | null;
}

/** A cache on a folder in which each file is an hour old. */
async function withCache(
  options: Partial<FileCacheOptions>,
  test: (stage: Stage) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const clock = new VirtualClock(Date.now() + 3_600_000);
    const disk = new WatchedDisk();
    const cache = makeCache({ clock, disk, ...options });
    const open = (name: string) => {
      const found = cache.find(filePathBelow({ root: folder.root, dotFiles: "hidden" }, [name]), clock.now());
      assert(found.kind === "file");
      return found;
    };
    const form: Stage["form"] = (base, coding = "br") => {
      return cache.codings.find(base, coding, { nowMs: clock.now(), isRequired: false });
    };
    await test({ folder, clock, disk, cache, open, form });
    cache.close();
    await turn();
    assertEquals(disk.openFiles, 0);
  });
}

/** Both are one object. */
function assertSame(actual: unknown, expected: unknown): void {
  assert(actual === expected, "two objects");
}

/** Closes what was found, and returns it. */
function used(found: Resource | Later | null): Resource {
  assert(found?.kind === "file", `${found?.kind}`);
  found.close();
  return found;
}

/** The content of a resource in memory, and without its coding. */
function decoded(resource: Resource): string {
  const bytes = resource.read(0)!;
  return new TextDecoder().decode(resource.coding === "br" ? brotliDecompressSync(bytes) : gunzipSync(bytes));
}

Deno.test("a form is made once, and belongs to one state of the file", async () => {
  await withCache({}, async ({ folder, clock, open, form }) => {
    folder.write("a.html", text(4 * KIB));
    const base = open("a.html");
    const first = used(form(base));
    assertSame(used(form(base)), first);
    assertEquals(decoded(first), text(4 * KIB));
    assert(used(form(base, "gzip")) !== first);
    base.close();
    folder.write("a.html", text(4 * KIB, "other"));
    clock.advance(10_000);
    const changed = open("a.html");
    const second = used(form(changed));
    assertEquals([first.cacheState, decoded(second)], [null, text(4 * KIB, "other")]);
    changed.close();
    await Promise.resolve();
  });
});

Deno.test("the forms of a file that is read again after 10 s stay if its bytes are the same", async () => {
  await withCache({}, async ({ folder, clock, disk, open, form }) => {
    folder.write("a.html", text(4 * KIB));
    const base = open("a.html");
    const first = used(form(base));
    base.close();
    const opened = disk.opened.length;
    for (let time = 0; time < 3; time++) {
      clock.advance(10_001);
      const again = open("a.html");
      assertSame(again, base);
      assertSame(used(form(again)), first);
      again.close();
    }
    assertEquals(disk.opened.filter((path) => path.endsWith("a.html")).length, 4);
    assert(disk.opened.length > opened);
    await Promise.resolve();
  });
});

Deno.test("forms count as memory: they are evicted, then made again, and the cache stays within its bounds", async () => {
  const bytesMax = 100 * KIB;
  await withCache({ bytesMax }, async ({ folder, clock, open, form }) => {
    const names = Array.from({ length: 40 }, (_, index) => `${index}.html`);
    for (const name of names) folder.write(name, text(4 * KIB, name));
    const seen: Resource[] = [];
    for (const name of [...names, ...names]) {
      clock.advance(1); // Another turn.
      await turn();
      const base = open(name);
      for (const coding of ["br", "gzip"] as const) {
        const found = form(base, coding);
        if (found === null) continue; // There was no memory for it.
        const resource = used(found);
        assertEquals(decoded(resource), text(4 * KIB, name));
        seen.push(base, resource);
      }
      base.close();
      const kept = [...new Set(seen)].filter(({ cacheState }) => cacheState !== null);
      assert(kept.reduce((sum, { length, isOpen }) => sum + (isOpen ? 0 : length) + KIB, 0) <= bytesMax);
      assert(kept.every(({ form }) => form === null || form.encoded !== null));
    }
    assert(seen.some(({ cacheState }) => cacheState === null));
  });
});

Deno.test("files that have no place in the cache are not encoded, because each request would have to", async () => {
  await withCache({ bytesMax: 0 }, async ({ folder, open, form }) => {
    folder.write("a.html", text(4 * KIB));
    const base = open("a.html");
    assertEquals(form(base), null);
    base.close();
    await Promise.resolve();
  });
});

Deno.test("one turn of the event loop encodes 128 KiB at most, and waits for the next one with the rest", async () => {
  await withCache({}, async ({ folder, clock, open, form }) => {
    for (const name of ["a", "b", "c"]) folder.write(`${name}.html`, text(100 * KIB, name));
    const bases = ["a", "b", "c"].map((name) => open(`${name}.html`));
    used(form(bases[0]!));
    const [second, third] = [form(bases[1]!), form(bases[2]!)];
    assert(second?.kind === "later" && second.isSoon && third?.kind === "later");
    clock.advance(0);
    await second.done;
    used(form(bases[1]!));
    assertEquals(form(bases[2]!)?.kind, "later");
    for (const base of bases) base.close();
  });
});

/** A helper that encodes when it is told to. */
class Helper {
  readonly jobs: { readonly coding: Coding; readonly finish: () => void; readonly fail: () => void }[] = [];

  readonly encode = (bytes: Uint8Array<ArrayBuffer>, coding: Coding): Promise<Uint8Array> => {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const finish = () => resolve(encode(bytes, coding, "quick"));
    this.jobs.push({ coding, finish, fail: () => reject(new Error("the helper has ended")) });
    return promise;
  };
}

Deno.test("a file over 128 KiB is encoded by the helper, once, one at a time, and kept", async () => {
  const helper = new Helper();
  await withCache({ encodeElsewhere: helper.encode }, async ({ folder, open, form }) => {
    for (const [name, length] of [["a", 200], ["b", 600]] as const) {
      folder.write(`${name}.html`, text(length * KIB, name));
    }
    for (const [index, name] of ["a", "b"].entries()) {
      const base = open(`${name}.html`);
      const [first, second] = [form(base), form(base)];
      assert(first?.kind === "later" && second?.kind === "later" && !first.isSoon);
      assertSame(first.done, second.done);
      const other = form(base, "gzip");
      assert(other?.kind === "later");
      await turn();
      assertEquals(helper.jobs.length, 2 * index + 1);
      helper.jobs[2 * index]!.finish();
      await first.done;
      assertEquals(decoded(used(form(base))).length, base.length);
      await turn();
      helper.jobs[2 * index + 1]!.finish();
      await other.done;
      assertEquals(used(form(base, "gzip")).coding, "gzip");
      base.close();
    }
    assertEquals(helper.jobs.length, 4);
  });
});

Deno.test("a file that changes or becomes shorter while it is encoded is not answered with the old form", async () => {
  const helper = new Helper();
  await withCache({ encodeElsewhere: helper.encode }, async ({ folder, clock, open, form }) => {
    for (const length of [200, 600]) {
      folder.write("a.html", text(length * KIB));
      clock.advance(10_000);
      const base = open("a.html");
      const first = form(base);
      assert(first?.kind === "later");
      await turn();
      folder.write("a.html", text(180 * KIB, "other"));
      clock.advance(10_000);
      const changed = open("a.html"); // Removes the old state from the cache.
      helper.jobs.at(-1)!.finish();
      await first.done;
      assertEquals(form(changed)?.kind, "later");
      await turn();
      helper.jobs.at(-1)!.finish();
      await turn();
      assertEquals(decoded(used(form(changed))), text(180 * KIB, "other"));
      base.close();
      changed.close();
    }
    folder.write("b.html", text(600 * KIB));
    const open600 = open("b.html");
    Deno.truncateSync(`${folder.root}/b.html`, 300 * KIB);
    const job = form(open600);
    assert(job?.kind === "later");
    const before = helper.jobs.length;
    await job.done; // Nothing was sent to the helper, because the bytes are not those of the state.
    assertEquals(helper.jobs.length, before);
    open600.close();
  });
});

Deno.test("after a failure of the helper a file is sent as it is, and tried again after 10 s", async () => {
  const helper = new Helper();
  await withCache({ encodeElsewhere: helper.encode }, async ({ folder, clock, open, form }) => {
    folder.write("a.html", text(200 * KIB));
    const base = open("a.html");
    const first = form(base);
    assert(first?.kind === "later");
    await turn();
    helper.jobs[0]!.fail();
    await first.done;
    assertEquals(form(base), null);
    clock.advance(10_001);
    const again = form(base);
    assert(again?.kind === "later");
    await turn();
    helper.jobs[1]!.finish();
    await again.done;
    used(form(base));
    base.close();
  });
});

Deno.test("an encoded form of an open file is made again after 10 s if the bytes are others in the same state", async () => {
  const helper = new Helper();
  let isChanged = false;
  const real = new WatchedDisk();
  const disk = new WatchedDisk({
    open: (path) => {
      const file = real.open(path);
      return {
        stat: () => file.stat(),
        close: () => file.close(),
        readAt: (position, into) => {
          const count = file.readAt(position, into);
          if (isChanged && position === 0) into[0] = "X".charCodeAt(0);
          return count;
        },
      };
    },
  });
  await withCache({ encodeElsewhere: helper.encode, disk }, async ({ folder, clock, open, form }) => {
    folder.write("a.html", text(600 * KIB));
    const base = open("a.html");
    const first = form(base);
    assert(first?.kind === "later");
    await turn();
    helper.jobs[0]!.finish();
    await first.done;
    const kept = used(form(base));
    for (let second = 0; second < 60; second++) clock.advance(1_000); // The file is kept open for its form.
    assertSame(used(form(base)), kept);
    isChanged = true;
    assertSame(used(form(base)), kept);
    clock.advance(10_001);
    assertEquals(form(base)?.kind, "later");
    await turn();
    helper.jobs[1]!.finish();
    await turn();
    assertEquals(decoded(used(form(base)))[0], "X");
    base.close();
  });
});

Deno.test("content over 8 MiB is not encoded, and without a helper none over 128 KiB is", async () => {
  const helper = new Helper();
  await withCache({ encodeElsewhere: helper.encode }, async ({ folder, open, form }) => {
    folder.write("a.txt", text(8 * KIB * KIB + 1));
    const base = open("a.txt");
    assertEquals(form(base), null);
    base.close();
    await Promise.resolve();
  });
  await withCache({}, async ({ folder, open, form }) => {
    folder.write("a.txt", text(128 * KIB + 1));
    const base = open("a.txt");
    assertEquals(form(base), null);
    base.close();
    await Promise.resolve();
  });
});

Deno.test("a form that is too large for the memory is not made again for 10 s", async () => {
  const encodeElsewhere = () => Promise.resolve(new Uint8Array(200 * KIB));
  await withCache({ encodeElsewhere, bytesMax: KIB * KIB }, async ({ folder, clock, cache, open, form }) => {
    folder.write("a.html", text(600 * KIB));
    const base = open("a.html");
    const first = form(base);
    assert(first?.kind === "later");
    await first.done;
    assertEquals(form(base), null);
    assertEquals(cache.codings.find(base, "br", { nowMs: clock.now(), isRequired: true }), null);
    clock.advance(10_001);
    assertEquals(form(base)?.kind, "later");
    await turn();
    base.close();
  });
});

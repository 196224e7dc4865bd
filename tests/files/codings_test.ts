/** The forms of files in content codings in the cache: made once, bounded, in turns, and of current bytes only. */

import { assert, assertEquals } from "@std/assert";
import type { Resource } from "../../src/files/resource.ts";
import { WatchedDisk } from "./folder.ts";
import { assertSame, decoded, KIB, text, used, withCache } from "./coded_cache.ts";
import { turn } from "../virtual_clock.ts";

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
        assert(found.kind === "file");
        assertEquals(decoded(found), text(4 * KIB, name));
        found.close(); // It may have no other holder, and then no content any more.
        seen.push(base, found);
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

Deno.test("an error of the disk while a form is looked for or made leaves the file to be sent as it is", async () => {
  let failing = "";
  const real = new WatchedDisk();
  const failed = () => {
    throw Object.assign(new Error("a bad disk"), { code: "EIO" });
  };
  const disk = new WatchedDisk({
    stat: (path) => failing !== "" && path.endsWith(failing) ? failed() : real.stat(path),
    open: (path) => {
      const file = real.open(path);
      return {
        ...file,
        stat: () => file.stat(),
        close: () => file.close(),
        readAt: (at, into) => failing === "content" ? failed() : file.readAt(at, into),
      };
    },
  });
  await withCache({ disk, bytesMax: 8 * KIB }, async ({ folder, clock, open, form }) => {
    folder.write("a.html", text(20 * KIB)); // There is no memory for it, so it is read from the open file.
    const base = open("a.html");
    failing = "content";
    assertEquals(form(base), null);
    failing = ".br";
    clock.advance(10_001);
    assertEquals(used(form(base)).coding, "br");
    base.close();
    await Promise.resolve();
  });
});

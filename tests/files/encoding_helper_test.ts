/** The forms of large files in content codings: made by a helper, one after the other, while the files change. */

import { assert, assertEquals } from "@std/assert";
import { encode } from "../../src/files/encode.ts";
import type { Coding } from "../../src/http/semantics/coding.ts";
import { WatchedDisk } from "./folder.ts";
import { assertSame, decoded, KIB, text, used, withCache } from "./coded_cache.ts";
import { turn } from "../virtual_clock.ts";

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
    for (let second = 0; second < 45; second++) clock.advance(1_000); // The file is kept open for its form.
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

/**
 * Validators that hold what they promise: one state of a file, one strong tag; no strong tag for what may still be written; no
 * time of modification that is later than Date. With real files, because it is file systems that decide what changes.
 */

import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { FileCache } from "../../src/files/cache.ts";
import { systemDisk } from "../../src/files/disk.ts";
import { files } from "../../src/site/handler.ts";
import { type Answer, asking } from "../site/asking.ts";
import { WatchedDisk, withFolder } from "../files/folder.ts";
import { converse, request, StoppedClock } from "../http/conversation.ts";

const GET = "GET /a.txt HTTP/1.1";
const STRONG = /^"[0-9a-f]{16}"$/;

/** A time that both versions of a file get, as `touch -d`, `rsync -t` and reproducible builds give it. */
const SOME_TIME = new Date("2020-01-01T00:00:00Z");

function writeDated(path: string, content: string): void {
  Deno.writeTextFileSync(path, content);
  Deno.utimeSync(path, SOME_TIME, SOME_TIME);
}

/** The runtime tells the time of change in whole seconds, and the file system's clock is a little behind. */
async function untilNextSecond(): Promise<void> {
  const second = () => Math.floor((Date.now() - 100) / 1000);
  const before = Math.floor(Date.now() / 1000);
  while (second() <= before) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** How a file comes to have other bytes of the same size, dated the same. */
const CHANGES: Readonly<Record<string, (path: string) => void | Promise<void>>> = {
  "renaming another file over it": (path) => {
    writeDated(`${path}.new`, "new bytes");
    Deno.renameSync(`${path}.new`, path);
  },
  "writing it in place": async (path) => {
    await untilNextSecond();
    writeDated(path, "new bytes");
  },
};

for (const [how, change] of Object.entries(CHANGES)) {
  for (const bytesMax of [0, 1 << 20]) {
    Deno.test(`${how} changes its tag, though size and time stay, ${bytesMax > 0 ? "in memory" : "on disk"}`, async () => {
      await withFolder(async (folder) => {
        const path = `${folder.root}/a.txt`;
        writeDated(path, "old bytes");
        const { ask, clock } = asking(folder.root, { bytesMax });
        const before = (await ask(GET)).fields["ETag"]!;
        assertMatch(before, STRONG);
        assertEquals((await ask(GET, `If-None-Match: ${before}`)).status, 304);
        await change(path);
        clock.advance(60_000);
        const after = await ask(GET, `If-None-Match: ${before}`);
        assertEquals([after.status, after.text], [200, "new bytes"]);
        assertNotEquals(after.fields["ETag"], before);
        const resumed = await ask(GET, "Range: bytes=4-", `If-Range: ${before}`);
        assertEquals([resumed.status, resumed.text], [200, "new bytes"]);
      });
    });
  }
}

Deno.test("a tag is the same from memory, from an open file, from a fresh one, and in another process of this machine", async () => {
  await withFolder(async (folder) => {
    writeDated(`${folder.root}/a.txt`, "x".repeat(20_000));
    const tags = new Set<string | undefined>();
    // More than there is memory for is kept open, and nothing where there is none at all.
    for (const bytesMax of [1 << 20, 10_000, 0]) {
      const { ask, cache } = asking(folder.root, { bytesMax });
      for (let time = 0; time < 2; time++) tags.add((await ask(GET)).fields["ETag"]);
      cache.close();
    }
    const script = `import { systemDisk } from "${new URL("../../src/files/disk.ts", import.meta.url)}";
      import { entityTag } from "${new URL("../../src/files/file_validator.ts", import.meta.url)}";
      console.log(entityTag(systemDisk.stat("${folder.root}/a.txt"), Date.now() + 3_600_000));`;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-read", `data:text/javascript,${encodeURIComponent(script)}`],
    }).output();
    tags.add(new TextDecoder().decode(stdout).trim());
    assertEquals(tags.size, 1);
    assertMatch([...tags][0]!, STRONG);
  });
});

Deno.test("a file that was just changed has a weak tag, for no range of which If-Range holds", async () => {
  await withFolder(async (folder) => {
    folder.write("a.txt", "0123456789");
    const { ask, clock } = asking(folder.root);
    const resume = (answer: Answer) => ask(GET, "Range: bytes=4-", `If-Range: ${answer.fields["ETag"]}`);
    clock.setWallBy(Date.now() - clock.wall() + 1000);
    const fresh = await ask(GET);
    assertMatch(fresh.fields["ETag"]!, /^W\/"/);
    assertEquals((await resume(fresh)).status, 200);
    assertEquals((await ask(GET, "Range: bytes=4-", `If-Range: ${fresh.fields["Last-Modified"]}`)).status, 200);
    // Who has not asked for the rest of something may have a part.
    assertEquals((await ask(GET, `If-None-Match: ${fresh.fields["ETag"]}`)).status, 304);
    const part = await ask(GET, "Range: bytes=4-");
    assertEquals([part.status, part.fields["ETag"]!.startsWith("W/")], [206, true]);
    clock.advance(2500);
    const settled = await ask(GET, `If-None-Match: ${fresh.fields["ETag"]}`);
    assertEquals(settled.status, 200); // What was seen in mid-change must not be taken for what stayed.
    assertMatch(settled.fields["ETag"]!, STRONG);
    assertEquals((await resume(settled)).text, "456789");
  });
});

Deno.test("a file has a weak tag for as long as the one write that changed it may take", async () => {
  await withFolder(async (folder) => {
    folder.write("a.txt", "");
    Deno.truncateSync(`${folder.root}/a.txt`, 1_200_000_000);
    const { ask, clock } = asking(folder.root);
    clock.setWallBy(Date.now() - clock.wall() + 30_000);
    const during = await ask(GET, "Range: bytes=-4");
    assertEquals([during.status, during.fields["ETag"]!.startsWith("W/")], [206, true]);
    clock.advance(1);
    assertEquals((await ask("HEAD /a.txt HTTP/1.1", `If-None-Match: ${during.fields["ETag"]}`)).status, 200);
    const last = `If-Range: ${during.fields["ETag"]}`;
    assertEquals((await ask("HEAD /a.txt HTTP/1.1", "Range: bytes=-4", last)).status, 200);
    clock.advance(60_000);
    assertMatch((await ask("HEAD /a.txt HTTP/1.1")).fields["ETag"]!, STRONG);
  });
});

Deno.test("a file whose time no date can tell has no Last-Modified, and dates in conditions are ignored", async () => {
  for (const mtime of [new Date(NaN), null, new Date(Date.UTC(12_000, 0)), new Date(Date.UTC(-5, 0))]) {
    await withFolder(async (folder) => {
      folder.write("a.txt", "0123456789");
      const disk = new WatchedDisk({
        stat: (path) => ({ ...systemDisk.stat(path), mtime }),
        open: (path) => {
          const file = systemDisk.open(path);
          return { ...file, stat: () => ({ ...file.stat(), mtime }) };
        },
      });
      const { ask } = asking(folder.root, { disk });
      const { status, fields } = await ask(GET);
      assertEquals([status, fields["Last-Modified"]], [200, undefined]);
      assertMatch(fields["ETag"]!, STRONG);
      const date = "Fri, 01 Jan 2100 00:00:00 GMT";
      assertEquals((await ask(GET, `If-Modified-Since: ${date}`)).status, 200);
      assertEquals((await ask(GET, "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT")).status, 200);
      assertEquals((await ask(GET, "Range: bytes=0-1", `If-Range: ${date}`)).status, 200);
      assertEquals((await ask(GET, `If-None-Match: ${fields["ETag"]}`)).status, 304);
    });
  }
});

Deno.test("files from the future are dated as Date is, in every second, whole and in parts", async () => {
  await withFolder(async ({ root, write }) => {
    write("a.txt", "0123456789");
    const clock = new StoppedClock(); // It is 1994.
    const handler = files(root, { clock, cache: new FileCache({ clock, revalidateMs: 0 }) });
    const asks = [
      request("GET /a.txt"),
      request("HEAD /a.txt"),
      request("GET /a.txt", "Range: bytes=0-1"),
      request("GET /a.txt", "Range: bytes=0-1,3-4"),
    ];
    const script = [0, 1, 2, 3].flatMap(() => [...asks, () => clock.advance(400)]);
    const methods = script.filter((step) => typeof step === "string").map((line) => line.split(" ", 1)[0]!);
    const { answers } = await converse(script, { handler, clock, methods });
    assertEquals(answers.length, methods.length);
    for (const { field } of answers) assertEquals(field("last-modified"), field("date"));
    assertEquals(new Set(answers.map(({ field }) => field("date"))).size, 2);
  });
});

Deno.test("what is written through a memory map shows ten seconds later at the latest, though no time says so", async () => {
  await withFolder(async (folder) => {
    folder.write("a.txt", "-".repeat(4096));
    const script = `
import mmap, sys
with open(sys.argv[1], "r+b") as file:
    mapped = mmap.mmap(file.fileno(), 0)
    for letter in (b"1", b"2"):
        mapped[0:1] = letter
        sys.stdout.write("w")
        sys.stdout.flush()
        sys.stdin.readline()
`;
    const child = new Deno.Command("python3", {
      args: ["-c", script, `${folder.root}/a.txt`],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const [reader, writer] = [child.stdout.getReader(), child.stdin.getWriter()];
    const { ask, clock } = asking(folder.root);
    const first = async () => (await ask(GET)).text[0];
    await reader.read(); // The page has been written to, and the times are those of then.
    assertEquals(await first(), "1");
    await writer.write(new TextEncoder().encode("\n"));
    await reader.read();
    clock.advance(9_999);
    await first(); // One or the other.
    clock.advance(1);
    assertEquals(await first(), "2");
    await writer.close();
    await reader.cancel();
    await child.status;
  });
});

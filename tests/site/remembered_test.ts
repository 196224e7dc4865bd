/**
 * What a handler remembers of a target between two requests: nothing that the disk has not confirmed within `revalidate`.
 */

import { assertEquals } from "@std/assert";
import { FileCache } from "../../src/files/cache.ts";
import { systemDisk } from "../../src/files/disk.ts";
import type { Response } from "../../src/http/response.ts";
import { files } from "../../src/site/handler.ts";
import { Site } from "../../src/site/host.ts";
import { type Folder, WatchedDisk, withFolder } from "../files/folder.ts";
import { VirtualClock } from "../virtual_clock.ts";
import { withHosts } from "./hosts.ts";
import { requestOf } from "./asking.ts";

const REVALIDATE_MS = 100;

/** A target of which a handler may remember something, as it does for a connection's requests. */
interface Remembered {
  /** The status of a request at `nowMs`, and how often the disk was asked for it. */
  at(nowMs: number): readonly [status: number, lookUps: number];
}

/** Remembers targets of one handler by their request lines. */
function remembering({ root }: Folder, index = ["index.html"], revalidateMs = REVALIDATE_MS) {
  let lookUps = 0;
  const counted = <Result>(call: (path: string) => Result) => (path: string) => {
    lookUps++;
    return call(path);
  };
  const { stat, lstat, realPath, open } = systemDisk;
  const disk = new WatchedDisk({
    stat: counted(stat),
    lstat: counted(lstat),
    realPath: counted(realPath),
    open: counted(open),
  });
  const clock = new VirtualClock(Date.now() + 3_600_000);
  const cache = new FileCache({ disk, clock, revalidateMs });
  const handler = files(new Site([{ name: "default", root, index }]), { cache, clock });
  return (requestLine: string): Remembered => {
    const request = requestOf(requestLine);
    return {
      at(nowMs) {
        lookUps = 0;
        const { status, content } = handler({ ...request, nowMs }) as Response;
        content.close();
        return [status, lookUps];
      },
    };
  };
}

Deno.test("a path where nothing was is looked up again when `revalidate` is over, and not before", async () => {
  await withFolder((folder) => {
    const target = remembering(folder)("GET /late.txt HTTP/1.1");
    assertEquals(target.at(0)[0], 404);
    folder.write("late.txt");
    assertEquals(target.at(REVALIDATE_MS - 1), [404, 0]);
    assertEquals(target.at(REVALIDATE_MS)[0], 200);
    assertEquals(target.at(REVALIDATE_MS + 1), [200, 0]);
    Deno.removeSync(`${folder.root}/late.txt`);
    assertEquals(target.at(2 * REVALIDATE_MS)[0], 404);
  });
});

Deno.test("a target that is asked for the first time has no longer than others of the same path until it is looked up", async () => {
  await withFolder((folder) => {
    const targetOf = remembering(folder);
    assertEquals(targetOf("GET /late.txt HTTP/1.1").at(0)[0], 404);
    const other = targetOf("GET /late.txt?v=2 HTTP/1.1");
    assertEquals(other.at(50), [404, 0]);
    folder.write("late.txt");
    assertEquals(other.at(REVALIDATE_MS)[0], 200);
  });
});

Deno.test("a folder's index is looked for again when `revalidate` is over for the first of its names", async () => {
  await withFolder((folder) => {
    const targetOf = remembering(folder, ["one.html", "two.html"]);
    folder.mkdir("sub");
    assertEquals(targetOf("GET /sub/two.html HTTP/1.1").at(0)[0], 404);
    const target = targetOf("GET /sub/ HTTP/1.1");
    assertEquals(target.at(50)[0], 404);
    folder.write("sub/two.html");
    assertEquals(target.at(REVALIDATE_MS - 1), [404, 0]);
    assertEquals(target.at(REVALIDATE_MS)[0], 200);
    folder.write("sub/one.html");
    assertEquals(target.at(50 + REVALIDATE_MS)[0], 200);
  });
});

Deno.test("a redirect to a folder's slash is remembered for `revalidate`", async () => {
  await withFolder((folder) => {
    const target = remembering(folder)("GET /sub HTTP/1.1");
    folder.mkdir("sub");
    assertEquals(target.at(0)[0], 301);
    Deno.removeSync(`${folder.root}/sub`);
    folder.write("sub", "a file now");
    assertEquals(target.at(REVALIDATE_MS - 1), [301, 0]);
    assertEquals(target.at(REVALIDATE_MS)[0], 200);
  });
});

Deno.test("a refusal is not remembered", async () => {
  await withFolder((folder) => {
    const target = remembering(folder)("GET /out HTTP/1.1");
    folder.link(`${folder.outside}/secret.txt`, "out");
    assertEquals(target.at(0)[0], 403);
    Deno.removeSync(`${folder.root}/out`);
    folder.write("out", "for all");
    assertEquals(target.at(0)[0], 200);
  });
});

Deno.test("nothing is remembered without `revalidate`", async () => {
  await withFolder((folder) => {
    const targetOf = remembering(folder, ["index.html"], 0);
    folder.mkdir("sub");
    const [absent, redirected, empty] = ["/late.txt", "/sub", "/sub/"].map((path) => targetOf(`GET ${path} HTTP/1.1`));
    assertEquals([absent!.at(0)[0], redirected!.at(0)[0], empty!.at(0)[0]], [404, 301, 404]);
    folder.write("late.txt");
    folder.write("sub/index.html");
    assertEquals([absent!.at(0)[0], redirected!.at(0)[0], empty!.at(0)[0]], [200, 301, 200]);
    Deno.removeSync(`${folder.root}/sub`, { recursive: true });
    assertEquals([redirected!.at(0)[0], empty!.at(0)[0]], [404, 404]);
  });
});

Deno.test("answers that are the same for every request are made once", async () => {
  await withFolder((folder) => {
    folder.link(`${folder.outside}/secret.txt`, "out");
    folder.mkdir("sub");
    const clock = new VirtualClock();
    const headers = [{ pattern: "*", name: "X-Content-Type-Options", value: "nosniff" }];
    const hosts = [{ name: "default", root: folder.root }, { name: "with.headers", root: folder.root, headers }];
    const handler = files(new Site(hosts), { clock });
    for (
      const [status, requestLine] of [
        [404, "GET /none HTTP/1.1"],
        [404, "GET /sub/ HTTP/1.1"],
        [403, "GET /out HTTP/1.1"],
        [405, "DELETE /none HTTP/1.1"],
        [501, "BREW /none HTTP/1.1"],
        [200, "OPTIONS /none HTTP/1.1"],
        [200, "OPTIONS * HTTP/1.1"],
      ] as const
    ) {
      for (const host of ["localhost", "with.headers"]) {
        const [one, two] = [1, 2].map(() => handler(requestOf(requestLine, `Host: ${host}`)) as Response);
        assertEquals([one!.status, one === two, one!.encoded !== undefined], [status, true, true], requestLine);
      }
    }
  });
});

Deno.test("a file that was only looked for, by clean-urls or for a listing, is sent with the fields of its host", async () => {
  const conf = "listing on\nindex a.html b.html\nclean-urls on\nheader ** X-A yes\nhost default ROOT\n";
  const files = { "a.html": "a", "b.html": "b", "sub/README.md": "# Hello" };
  await withHosts({ files, conf }, async (ask) => {
    for (const [first, second] of [["/b.html", "/"], ["/sub/", "/sub/README.md"]] as const) {
      assertEquals((await ask("a", first, "Accept: text/html")).status, 200);
      const { status, field } = await ask("a", second);
      assertEquals([status, field("cache-control"), field("x-a")], [200, "no-cache", "yes"], second);
    }
  });
});

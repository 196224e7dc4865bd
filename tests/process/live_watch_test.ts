/** Which changes of files are told, and when. */

import { assertEquals } from "@std/assert";
import type { Change } from "../../src/live/changes.ts";
import { LiveWatch, type Watcher } from "../../src/process/live_watch.ts";
import { turn, VirtualClock } from "../virtual_clock.ts";

/** A file system whose changes a test makes. */
class WatcherDouble implements Watcher {
  isClosed = false;
  readonly #events: Deno.FsEvent[] = [];
  #wake: (() => void) | null = null;

  push(event: Partial<Deno.FsEvent>): void {
    this.#events.push({ kind: "modify", paths: [], ...event } as Deno.FsEvent);
    this.#wake?.();
  }

  close(): void {
    this.isClosed = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Deno.FsEvent> {
    while (!this.isClosed) {
      while (this.#events.length > 0) yield this.#events.shift()!;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

function watching(roots: readonly string[] = ["/srv/www"]) {
  const clock = new VirtualClock();
  const told: Change["paths"][] = [];
  const versions: number[] = [];
  const watchers: WatcherDouble[] = [];
  const live = new LiveWatch({
    watch: () => {
      watchers.push(new WatcherDouble());
      return watchers.at(-1)!;
    },
    clock,
    announce: ({ paths, version }) => {
      told.push(paths);
      versions.push(version);
    },
    tell: (problem) => {
      throw new Error(problem);
    },
  });
  live.follow(roots);
  const advance = async (ms: number) => {
    await turn();
    clock.advance(ms);
    await turn();
  };
  return { clock, told, versions, watchers, live, advance };
}

Deno.test("changes that follow each other are told at once, after a quiet moment", async () => {
  const { told, watchers, advance, live } = watching();
  watchers[0]!.push({ kind: "create", paths: ["/srv/www/a.html"] });
  await advance(49);
  watchers[0]!.push({ paths: ["/srv/www/b.css"] });
  await advance(49);
  assertEquals(told, []);
  await advance(1);
  assertEquals(told, [["/srv/www/a.html", "/srv/www/b.css"]]);
  live.close();
});

Deno.test("a program that writes all the time does not postpone the telling", async () => {
  const { told, watchers, advance, live } = watching();
  for (let round = 0; round < 20; round++) {
    watchers[0]!.push({ paths: ["/srv/www/a.html"] });
    await advance(25);
  }
  assertEquals(told.length, 1);
  live.close();
});

for (
  const [what, event] of [
    ["the reading of a file", { kind: "access", paths: ["/srv/www/a.html"] }],
    ["a hidden file", { paths: ["/srv/www/.a.html.swp"] }],
    ["a file in a hidden folder", { paths: ["/srv/www/.git/index"] }],
    ["a backup", { paths: ["/srv/www/a.html~"] }],
    ["a file that an editor makes to try", { paths: ["/srv/www/4913"] }],
  ] as const
) {
  Deno.test(`${what} is not told`, async () => {
    const { told, watchers, advance, live } = watching();
    watchers[0]!.push({ ...event, paths: [...event.paths] });
    await advance(1000);
    assertEquals(told, []);
    live.close();
  });
}

Deno.test("a root below a hidden folder is watched, and .well-known is not hidden", async () => {
  const { told, watchers, advance, live } = watching(["/srv/.sites/www"]);
  watchers[0]!.push({ paths: ["/srv/.sites/www/.well-known/a"] });
  await advance(50);
  assertEquals(told.length, 1);
  live.close();
});

Deno.test("lost events, and more than can be counted, are everything", async () => {
  const { told, watchers, advance, live } = watching();
  watchers[0]!.push({ kind: "other", flag: "rescan" });
  await advance(50);
  watchers[0]!.push({ paths: Array.from({ length: 1001 }, (_, index) => `/srv/www/${index}`) });
  await advance(50);
  assertEquals(told, ["everything", "everything"]);
  live.close();
});

Deno.test("versions grow, also when the clock stands still", () => {
  const { versions, live } = watching();
  const before = live.version;
  live.follow(["/srv/www"]);
  live.follow(["/srv/www"]);
  assertEquals(versions, [before + 1, before + 2]);
  live.close();
});

Deno.test("other roots are watched after a reload, which is told as everything", () => {
  const { told, watchers, live } = watching();
  live.follow(["/srv/other"]);
  assertEquals(watchers.map(({ isClosed }) => isClosed), [true, false]);
  assertEquals(told, ["everything"]);
  live.close();
  assertEquals(watchers[1]!.isClosed, true);
});

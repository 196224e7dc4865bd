/**
 * The sites: two hosts whose files have the same names and different contents, and files that the server must not send.
 * Fills a disk; does not know which answers are right.
 */

import { CONTENT_BYTES_MAX } from "./content.ts";
import { type MemoryDisk, OUTSIDE_FILE } from "./disk.ts";
import { CHANGES, ERRORS } from "./nodes.ts";
import type { Random } from "./random.ts";
import type { VirtualClock } from "../virtual_clock.ts";

/** A host and its folder. */
export interface Host {
  readonly name: string;
  readonly root: string;
}

/** A target that a client may request. */
export interface Place {
  readonly host: Host;
  /** The target in its plain spelling. */
  readonly target: string;
  /** Its path on disk; `null` if the server must answer 404 for this name. */
  readonly path: string | null;
}

export const HOSTS: readonly Host[] = [
  { name: "default", root: "/srv/a" },
  { name: "b.example", root: "/srv/b" },
];

/** The roots, exchanged. */
export const OTHER_ROOTS: Readonly<Record<string, string>> = { "/srv/a": "/srv/b", "/srv/b": "/srv/a" };

/** The place that the same target names where the hosts have exchanged their roots. */
export function swapped({ host, target, path }: Place): Place {
  const root = OTHER_ROOTS[host.root]!;
  return { host: { ...host, root }, target, path: path === null ? null : root + path.slice(host.root.length) };
}

/** A file that a page has many of. It fits into one frame of HTTP/2, and six of them fill the server's buffer. */
const PICTURE = "picture.png";
const PICTURE_BYTES = 12_000;

const FILES = ["index.html", "a.txt", "b.bin", "noext", "dir/index.html", "dir/c.html", "deep/er/d.png", PICTURE];
const DIRECTORIES = ["", "/dir", "/deep", "/deep/er", "/empty", "/.well-known"];
const TARGETS = [
  ...[
    "/",
    "/dir/",
    "/dir",
    "/deep",
    "/empty/",
    "/a.txt/",
    "/missing",
    "/dir/missing/x",
    "/.hidden",
    "/.well-known/w.txt",
  ],
  ...["/in.txt", "/out.txt", "/outside/secret.txt", "/outside", "/dangling", "/loop", "/fifo", "/forbidden.txt"],
  ...["/.git/config", "/a.txt/x", "/shown", "/git/config", "/git", "/known", "/.well-known/shown"],
];

/** Lengths around every limit of the server: sniffing, frames of HTTP/2, slices, cached files. */
const LENGTHS = [0, 1, 511, 512, 513, 12_000, 16_384, 16_385, 65_535, 65_536, 65_537, 262_143, 262_144, 262_145];

/** Fills the disk and returns all targets. Some files occur several times, so that clients request them again. */
export function buildSites(disk: MemoryDisk, random: Random, timeline: VirtualClock): Place[] {
  disk.addOther("/srv", "directory");
  disk.addOther("/srv/outside", "directory");
  disk.addFile(OUTSIDE_FILE, 100, 0);
  const sizes = random.weigh<Sizes>([[90, "all"], [5, "medium"], [3, "large"]]);
  for (const { root } of HOSTS) {
    for (const path of DIRECTORIES) disk.addOther(root + path, "directory");
    for (const name of FILES) {
      const length = name === PICTURE ? PICTURE_BYTES : someLength(random, sizes);
      disk.addFile(`${root}/${name}`, length, someTime(random, timeline));
    }
    addTraps(disk, root, someTime(random, timeline));
  }
  const favourites = random.chance(0.5) ? random.shuffle(FILES).slice(0, 2) : FILES;
  const files = Array.from({ length: 30 }, (_, at) => `/${favourites[at % favourites.length]}`);
  const targets = [...files, ...FILES.map((name) => `/${name}`), ...TARGETS];
  return HOSTS.flatMap((host) => targets.map((target) => ({ host, target, path: pathOf(host, target) })));
}

function addTraps(disk: MemoryDisk, root: string, mtimeMs: number | null): void {
  disk.addFile(`${root}/.hidden`, 10, mtimeMs);
  disk.addFile(`${root}/.well-known/w.txt`, 10, mtimeMs);
  disk.addFile(`${root}/forbidden.txt`, 10, mtimeMs, true);
  disk.addOther(`${root}/.git`, "directory");
  disk.addFile(`${root}/.git/config`, 10, mtimeMs);
  disk.addLink(`${root}/shown`, `${root}/.hidden`);
  disk.addLink(`${root}/.well-known/shown`, `${root}/shown`);
  disk.addLink(`${root}/git`, `${root}/.git`);
  disk.addLink(`${root}/known`, `${root}/.well-known/w.txt`);
  disk.addLink(`${root}/in.txt`, `${root}/a.txt`);
  disk.addLink(`${root}/out.txt`, OUTSIDE_FILE);
  disk.addLink(`${root}/outside`, "/srv/outside");
  disk.addLink(`${root}/dangling`, `${root}/nowhere`);
  disk.addLink(`${root}/loop`, `${root}/loop`);
  disk.addOther(`${root}/fifo`, "special");
}

/** Whether a path below a root, which begins with a slash, contains a hidden name. */
export function isHidden(path: string): boolean {
  return /\/\./.test(path.replace(/^\/\.well-known(?=\/|$)/, ""));
}

function pathOf({ root }: Host, target: string): string | null {
  if (isHidden(target)) return null;
  return root + (target.endsWith("/") ? `${target}index.html` : target);
}

/** Several `medium` files do not fit into a small cache. The server sends `large` files in larger slices. */
type Sizes = "all" | "medium" | "large";

function someLength(random: Random, sizes: Sizes): number {
  if (sizes === "medium") return random.integer(100_000, 262_144);
  if (sizes === "large") return random.integer(1_000_000, 3_000_000);
  return random.weigh([
    [6, () => random.integer(0, 3000)],
    [4, () => random.pick(LENGTHS)],
    [3, () => random.integer(3000, 400_000)],
    [0.3, () => random.integer(400_000, CONTENT_BYTES_MAX - 1_000_000)],
  ])();
}

/** A time long ago, just now or in the future, or none. */
function someTime(random: Random, timeline: VirtualClock): number | null {
  return random.weigh<() => number | null>([
    [6, () => timeline.wall() - random.integer(10_000, 1_000_000_000)],
    [2, () => timeline.wall() - random.integer(0, 4000)],
    [1, () => timeline.wall() + random.integer(0, 100_000)],
    [1, () => null],
    [0.5, () => random.pick([8_640_000_000_001_000, Date.UTC(10_000, 0), Date.UTC(-1, 0)])], // HTTP dates cannot express these.
  ])();
}

/** Plans changes and errors of some files: at an operation of the server, at a random time, or repeatedly. */
export function planMishaps(
  disk: MemoryDisk,
  places: readonly Place[],
  random: Random,
  timeline: VirtualClock,
): void {
  const files = places.flatMap(({ path }) => path === null || disk.lengthOf(path) === 0 ? [] : [path]);
  for (let left = random.pick([0, 0, 2, 10]); left > 0; left--) {
    const path = random.pick(files);
    const kind = random.pick(CHANGES);
    const number = random.pick([random.integer(1, 8), random.integer(1, 30)]);
    if (random.chance(0.3)) timeline.after(random.integer(0, 5000), () => disk.befall(path, kind));
    else disk.plan(path, number, random.chance(0.7) ? kind : random.pick(ERRORS));
  }
  if (random.chance(0.3)) churn(disk, random.pick(files), random, timeline);
}

/** Writes the same file repeatedly with other content of the same length. */
function churn(disk: MemoryDisk, path: string, random: Random, timeline: VirtualClock): void {
  const kind = random.pick(["rewrite", "rewrite", "rewrite", "rewrite keeping mtime"] as const);
  const everyMs = random.integer(50, 1000);
  for (let afterMs = everyMs; afterMs < 6000; afterMs += everyMs) {
    timeline.after(afterMs, () => disk.befall(path, kind));
  }
}

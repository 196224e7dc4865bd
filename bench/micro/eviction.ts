/**
 * Compares rules for which files stay in memory, with simulated requests: `src/files/shelf.ts`. Requests follow Zipf's
 * law, and sizes are those of the benchmarks' mix. It prints for each rule how many requests of a hundred are answered
 * from memory and from an open file, and what the rule itself costs. Run it with
 * `deno run -A bench/micro/eviction.ts [MIB]`.
 * @module
 */

import { Ring } from "../../src/files/ring.ts";

const MIB = Number(Deno.args[0] ?? 64);
const BYTES_MAX = MIB * 1024 * 1024;
const OPEN_MAX = 4_096;

/** As in the shelf. */
const ENTRY_BYTES = 3_072;
const CACHED_FILE_BYTES_MAX = 256 * 1024;

interface File {
  readonly id: number;
  readonly length: number;
  readonly cost: number;
  /** Uses, as a rule counts them. */
  uses: number;
  triedAt: number;
  place: "memory" | "open" | "disk";
  rank: number;
  slot: number;
}

/** A rule: decides with each request which files are in memory, and which are open. */
interface Rule {
  readonly loads: number;
  request(file: File): void;
}

/** Files by identity, the newest last. */
type Files = Set<File>;

abstract class Bounded implements Rule {
  readonly memory: Files = new Set();
  readonly open: Files = new Set();
  bytes = 0;
  /** How often a file was read into memory. */
  loads = 0;

  request(file: File): void {
    if (file.place === "memory") return this.hit(file);
    if (file.place === "open") return this.hitOpen(file);
    this.miss(file);
  }

  hit(file: File): void {
    file.uses++;
  }

  hitOpen(file: File): void {
    file.uses++;
  }

  abstract miss(file: File): void;

  keep(file: File): void {
    file.place = "memory";
    this.loads++;
    this.bytes += file.cost;
    this.memory.add(file);
  }

  drop(file: File): void {
    file.place = "disk";
    this.bytes -= file.cost;
    this.memory.delete(file);
  }

  keepOpen(file: File): void {
    if (this.open.size >= OPEN_MAX) {
      for (let attempt = 0;; attempt++) {
        const oldest = first(this.open);
        this.open.delete(oldest);
        if (oldest.uses <= 1 || attempt === 8) {
          oldest.place = "disk";
          break;
        }
        oldest.uses >>= 1;
        this.open.add(oldest);
      }
    }
    file.place = "open";
    this.open.add(file);
  }
}

/** The latest requests. */
class Lru extends Bounded {
  override hit(file: File): void {
    this.memory.delete(file);
    this.memory.add(file);
  }
  override miss(file: File): void {
    if (file.length > CACHED_FILE_BYTES_MAX) return this.keepOpen(file);
    while (this.bytes + file.cost > BYTES_MAX) this.drop(first(this.memory));
    this.keep(file);
  }
}

/** The rule until version 0.2: small files with a second chance, larger ones only while there is room. */
class SmallFirst extends Bounded {
  readonly large: Files = new Set();
  override miss(file: File): void {
    if (file.length <= CACHED_FILE_BYTES_MAX && this.makeRoom(file)) {
      file.uses = 1;
      return this.keep(file);
    }
    file.uses = 0;
    this.keepOpen(file);
  }
  makeRoom({ cost, length }: File): boolean {
    if (this.bytes + cost <= BYTES_MAX) return true;
    if (length > 16 * 1024) return false;
    while (this.bytes + cost > BYTES_MAX) {
      const large = this.large.size > 0 ? first(this.large) : null;
      const victim = large ?? first(this.memory);
      if (large === null && victim.uses > 0) {
        victim.uses = 0;
        this.memory.delete(victim);
        this.memory.add(victim);
        return false;
      }
      this.drop(victim);
    }
    return true;
  }
  override keep(file: File): void {
    super.keep(file);
    if (file.length > 16 * 1024) {
      this.memory.delete(file);
      this.large.add(file);
    }
  }
  override drop(file: File): void {
    super.drop(file);
    this.large.delete(file);
  }
}

/** Uses per byte: a file takes the place of files with fewer uses per byte, and those that stay lose half of theirs. */
class ByBenefit extends Bounded {
  readonly #ring = new Ring<File>();
  #strangers = 0;
  constructor(
    readonly attemptsMax: number,
    readonly promotes: boolean,
    readonly margin = 1.5,
    readonly strangers = 8,
  ) {
    super();
  }
  override miss(file: File): void {
    file.uses = 1;
    file.triedAt = 1;
    if (this.isAdmitted(file, 1)) return this.keep(file);
    this.keepOpen(file);
  }
  override hitOpen(file: File): void {
    file.uses++;
    if (!this.promotes || file.uses < 2 * file.triedAt) return;
    file.triedAt = file.uses;
    if (!this.isAdmitted(file, this.margin)) return;
    this.open.delete(file);
    this.keep(file);
  }
  override keep(file: File): void {
    super.keep(file);
    this.#ring.add(file);
  }
  override drop(file: File): void {
    super.drop(file);
    this.#ring.remove(file);
  }
  isAdmitted({ cost, uses, length }: File, margin: number): boolean {
    if (length > CACHED_FILE_BYTES_MAX) return false;
    for (let attempt = 0; this.bytes + cost > BYTES_MAX;) {
      const victim = this.#ring.current;
      if (victim.uses * cost * margin < uses * victim.cost) {
        this.drop(victim);
        continue;
      }
      if (++attempt > this.attemptsMax) return false;
      if (uses > 1 || ++this.#strangers % this.strangers === 0) victim.uses = Math.min(victim.uses, 1023) >> 1;
      this.#ring.advance();
    }
    return true;
  }
}

/** Greedy dual, size and frequency: by priority, in a heap. */
class GreedyDual extends Bounded {
  age = 0;
  readonly heap: { file: File; rank: number }[] = [];
  override hit(file: File): void {
    file.uses++;
    this.push(file);
  }
  override miss(file: File): void {
    if (file.length > CACHED_FILE_BYTES_MAX) return this.keepOpen(file);
    file.uses = 1;
    while (this.bytes + file.cost > BYTES_MAX) {
      const { file: victim, rank } = this.pop();
      if (victim.place !== "memory" || victim.rank !== rank) continue;
      this.age = rank;
      this.drop(victim);
    }
    this.keep(file);
    this.push(file);
  }
  push(file: File): void {
    file.rank = this.age + file.uses / file.cost;
    const { heap } = this;
    heap.push({ file, rank: file.rank });
    for (let at = heap.length - 1; at > 0;) {
      const above = (at - 1) >> 1;
      if (heap[above]!.rank <= heap[at]!.rank) return;
      [heap[above], heap[at]] = [heap[at]!, heap[above]!];
      at = above;
    }
  }
  pop(): { file: File; rank: number } {
    const { heap } = this;
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    heap[0] = last;
    for (let at = 0;;) {
      let least = at;
      for (const below of [2 * at + 1, 2 * at + 2]) {
        if (below < heap.length && heap[below]!.rank < heap[least]!.rank) least = below;
      }
      if (least === at) return top;
      [heap[least], heap[at]] = [heap[at]!, heap[least]!];
      at = least;
    }
  }
}

/** The files with the most requests per byte, known in advance: what no rule can beat. */
class Known extends Bounded {
  constructor(files: readonly File[], shares: Float64Array) {
    super();
    const order = files.filter(({ length }) => length <= CACHED_FILE_BYTES_MAX)
      .toSorted((a, b) => shares[b.id]! / b.cost - shares[a.id]! / a.cost);
    for (const file of order) if (this.bytes + file.cost <= BYTES_MAX) this.keep(file);
  }
  override miss(file: File): void {
    this.keepOpen(file);
  }
}

function first(files: Files): File {
  for (const file of files) return file;
  throw new RangeError("No file");
}

/** Random numbers that are the same in each run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

function makeFiles(count: number): File[] {
  const random = randomFrom(7);
  return Array.from({ length: count }, (_, id): File => {
    const length = Math.min(4e6, Math.floor(5_000 / (1 - random())));
    return { id, length, cost: length + ENTRY_BYTES, uses: 0, triedAt: 1, place: "disk", rank: 0, slot: -1 };
  });
}

/** The part of the requests for each file, by Zipf's law. */
function zipf(count: number, exponent: number): Float64Array {
  const shares = Float64Array.from({ length: count }, (_, rank) => 1 / (rank + 1) ** exponent);
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => share / sum);
}

/** A source of file numbers. In the second half of a moving mix, other files are the popular ones. */
function requestsOf(shares: Float64Array, total: number, kind: string): (at: number) => number {
  const random = randomFrom(11);
  const sums = shares.slice();
  for (let index = 1; index < sums.length; index++) sums[index]! += sums[index - 1]!;
  let scanned = 0;
  return (at) => {
    if (kind === "uniform") return Math.floor(random() * sums.length);
    if (kind === "scanned" && at % 4 === 3) return scanned++ % sums.length;
    const wanted = random() * sums.at(-1)!;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return kind === "moving" && at > total / 2 ? sums.length - 1 - low : low;
  };
}

const RULES: Readonly<Record<string, (files: readonly File[], shares: Float64Array) => Rule>> = {
  "small files first (0.2)": () => new SmallFirst(),
  "least recently used": () => new Lru(),
  "greedy dual (heap)": () => new GreedyDual(),
  "by benefit (the shelf)": () => new ByBenefit(1, true),
  "the same, 4 passed over": () => new ByBenefit(4, true),
  "the same, each first use ages": () => new ByBenefit(1, true, 1.5, 1),
  "the same, no first use ages": () => new ByBenefit(1, true, 1.5, Infinity),
  "the same, without a margin": () => new ByBenefit(1, true, 1),
  "the same, never from open": () => new ByBenefit(1, false),
  "known in advance": (files, shares) => new Known(files, shares),
};

function main(): void {
  for (const count of [1_000, 10_000, 100_000]) {
    for (const kind of ["steady", "moving", "scanned", "uniform"]) {
      const total = Math.max(400_000, 10 * count);
      console.log(
        `\n${count} files, ${kind}: % of requests from memory, from an open file, that read a file into memory; ns a request`,
      );
      for (const [name, make] of Object.entries(RULES)) {
        const files = makeFiles(count);
        const shares = zipf(count, 0.9);
        const rule = make(files, shares);
        const next = requestsOf(shares, total, kind);
        const ids = Uint32Array.from({ length: total }, (_, at) => next(at));
        let [memory, open, loads] = [0, 0, 0];
        const startMs = performance.now();
        ids.forEach((id, at) => {
          const file = files[id]!;
          if (at > total / 4 && file.place === "memory") memory++;
          if (at > total / 4 && file.place === "open") open++;
          if (at === total / 4) loads = rule.loads;
          rule.request(file);
        });
        const ns = (performance.now() - startMs) * 1e6 / total;
        const percent = (part: number) => (100 * part / (total * 0.75)).toFixed(1).padStart(6);
        console.log(
          `  ${name.padEnd(32)} ${percent(memory)} ${percent(open)} ${percent(rule.loads - loads)} ${
            ns.toFixed(0).padStart(6)
          }`,
        );
      }
    }
  }
}

if (import.meta.main) main();

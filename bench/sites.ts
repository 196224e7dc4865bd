/**
 * What is served in the benchmarks: folders of files that look the same on every machine.
 * @module
 */

/** The folders. */
export interface Sites {
  /** `1k.txt`, `10k.txt`, `100k.bin`, `100m.bin`, and `pareto/0.bin` to `pareto/9999.bin`. */
  readonly plain: string;
  /** `1k.txt` beside 100,000 files. */
  readonly crowded: string;
  /** `0` to `9999`, a folder for each of 10,000 hosts, each with its `1k.txt`. */
  readonly hosts: string;
}

export const PARETO_FILES = 10_000;
export const HOSTS = 10_000;
const CROWD_FILES = 100_000;

/** Larger than a file of the lab's mix ever gets in practice. */
const PARETO_BYTES_MAX = 50_000_000;

/** Makes them below `folder`. Takes half a gigabyte and some ten seconds. */
export async function makeSites(folder: string): Promise<Sites> {
  const sites = { plain: `${folder}/plain`, crowded: `${folder}/crowded`, hosts: `${folder}/hosts` };
  await Deno.mkdir(`${sites.plain}/pareto`, { recursive: true });
  await Deno.writeFile(`${sites.plain}/1k.txt`, letters(1024));
  await Deno.writeFile(`${sites.plain}/10k.txt`, letters(10 * 1024));
  await Deno.writeFile(`${sites.plain}/100k.bin`, letters(100 * 1024));
  await Deno.writeFile(`${sites.plain}/100m.bin`, letters(100 * 1024 * 1024));
  const largest = letters(PARETO_BYTES_MAX);
  for (let index = 0; index < PARETO_FILES; index++) {
    await Deno.writeFile(`${sites.plain}/pareto/${index}.bin`, largest.subarray(0, paretoBytes(index)));
  }
  await Deno.mkdir(sites.crowded);
  await Deno.writeFile(`${sites.crowded}/1k.txt`, letters(1024));
  for (let index = 0; index < CROWD_FILES; index++) Deno.writeFileSync(`${sites.crowded}/${index}.bin`, letters(100));
  for (let host = 0; host < HOSTS; host++) {
    Deno.mkdirSync(`${sites.hosts}/${host}`, { recursive: true });
    Deno.writeFileSync(`${sites.hosts}/${host}/1k.txt`, letters(1024));
  }
  return sites;
}

/**
 * The lab's mix: 5 KB times pareto(1), by the quantiles of that distribution instead of at random, so that it is the same
 * mix each time. Half of the files have less than 10 KB, one in a hundred more than 500 KB.
 */
function paretoBytes(index: number): number {
  return Math.min(PARETO_BYTES_MAX, Math.round(5000 * PARETO_FILES / (index + 1)));
}

function letters(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, index) => 97 + index % 26);
}

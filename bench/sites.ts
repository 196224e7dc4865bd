/**
 * The folders that the benchmarks serve. Their files are the same on every machine.
 * @module
 */

import { issueAuthority, issueLeaf } from "../src/certificates/issue.ts";
import { brotliCompressSync, gzipSync } from "node:zlib";

/** The folders. */
export interface Sites {
  /** `1k.txt`, `10k.txt`, `100k.bin`, `100m.bin`, and `pareto/0.bin` to `pareto/9999.bin`. */
  readonly plain: string;
  /** `1k.txt` and 100,000 other files. */
  readonly crowded: string;
  /** `100k.html`. */
  readonly coded: string;
  /** The same, with `.br` and `.gz` beside it. */
  readonly stored: string;
  /** `0` to `9999`, a folder for each of 10,000 hosts, each with its `1k.txt`. */
  readonly hosts: string;
  /** Paths of a certificate for localhost, its key, and the authority that has signed it. */
  readonly tls: { readonly cert: string; readonly key: string; readonly authority: string };
}

export const PARETO_FILES = 10_000;
export const HOSTS = 10_000;
const CROWD_FILES = 100_000;

/** Upper limit for the size of one file. In practice the files of the lab are smaller. */
const PARETO_BYTES_MAX = 50_000_000;

/** Creates the folders below `folder`. They take half a gigabyte and about ten seconds. */
export async function makeSites(folder: string): Promise<Sites> {
  const sites = {
    plain: `${folder}/plain`,
    crowded: `${folder}/crowded`,
    hosts: `${folder}/hosts`,
    coded: `${folder}/coded`,
    stored: `${folder}/stored`,
    tls: { cert: `${folder}/tls.pem`, key: `${folder}/tls.key`, authority: `${folder}/authority.pem` },
  };
  await makeCertificate(sites.tls);
  await Deno.mkdir(`${sites.plain}/pareto`, { recursive: true });
  await Deno.writeFile(`${sites.plain}/1k.txt`, letters(1024));
  await Deno.writeFile(`${sites.plain}/1k.bin`, letters(1024));
  await Deno.writeFile(`${sites.plain}/10k.txt`, letters(10 * 1024));
  await Deno.writeFile(`${sites.plain}/100k.bin`, letters(100 * 1024));
  await Deno.writeFile(`${sites.plain}/100m.bin`, letters(100 * 1024 * 1024));
  for (const place of [sites.coded, sites.stored]) {
    await Deno.mkdir(place);
    await Deno.writeFile(`${place}/100k.html`, html(100 * 1024));
  }
  await Deno.writeFile(`${sites.stored}/100k.html.br`, brotliCompressSync(html(100 * 1024)));
  await Deno.writeFile(`${sites.stored}/100k.html.gz`, gzipSync(html(100 * 1024), { level: 9 }));
  const largest = letters(PARETO_BYTES_MAX);
  for (let index = 0; index < PARETO_FILES; index++) {
    await Deno.writeFile(`${sites.plain}/pareto/${index}.bin`, largest.subarray(0, paretoBytes(index, PARETO_FILES)));
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

/** EC P-256, which is what most sites have. */
export async function makeCertificate({ cert, key, authority }: Sites["tls"]): Promise<void> {
  const subject = { names: ["localhost", "127.0.0.1", "bench.example"], nowMs: Date.now(), days: 2 };
  const issuer = await issueAuthority({ ...subject, commonName: "bench authority" });
  const issued = await issueLeaf({ ...subject, commonName: "localhost" }, issuer);
  await Deno.writeTextFile(cert, issued.certificate);
  await Deno.writeTextFile(key, issued.key);
  await Deno.writeTextFile(authority, issuer.certificate);
}

/** Files of one folder of a mix. Sites are made of many folders. */
const FOLDER_FILES = 100;

/** Larger files of a mix would make one pass over it a measurement of copying. */
const MIX_BYTES_MAX = 4_000_000;

/** Creates `count` files with the lab's sizes in folders of 100. Returns their targets. */
export function makeMix(folder: string, count: number): string[] {
  const largest = letters(MIX_BYTES_MAX);
  return Array.from({ length: count }, (_, index) => {
    const place = `${Math.floor(index / FOLDER_FILES)}`;
    if (index % FOLDER_FILES === 0) Deno.mkdirSync(`${folder}/${place}`);
    Deno.writeFileSync(`${folder}/${place}/${index}.txt`, largest.subarray(0, paretoBytes(index, count)));
    return `/${place}/${index}.txt`;
  });
}

/**
 * File sizes as in the lab: 5 KB times pareto(1). The sizes are the quantiles of this distribution, so that they are the
 * same in each run. Half of the files have less than 10 KB, and one in a hundred has more than 500 KB.
 */
function paretoBytes(index: number, files: number): number {
  return Math.min(PARETO_BYTES_MAX, Math.round(5000 * files / (index + 1)));
}

/** A page with as much repetition as a table of data has: gzip makes a quarter of it. */
export function html(count: number): Uint8Array {
  let state = 1;
  const next = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  const row = (index: number) => {
    return `<tr class="row-${index % 2}"><td>${index}</td><td>${next(1e6)}</td><td><a href="/item/${
      next(1e4)
    }">item</a></td></tr>\n`;
  };
  let text = "<!doctype html>\n<title>Items</title>\n<table>\n";
  for (let index = 0; text.length < count; index++) text += row(index);
  return new TextEncoder().encode(text.slice(0, count));
}

function letters(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, index) => 97 + index % 26);
}

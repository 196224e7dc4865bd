/**
 * Measures the calls of which a look-up consists, in a worker with permission to read one folder, as in the server.
 * The figures decide how a look-up is built: `src/files/look_up.ts` and `src/files/disk.ts`. Run it with
 * `deno run -A --unstable-worker-options bench/micro/file_calls.ts`.
 * @module
 */

import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from "node:fs";

const FILES = 2_000;
const FILE_BYTES = 4_096;
const PASSES = 5;

const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const content = new Uint8Array(FILE_BYTES);
const shared = new Uint8Array(4 * FILE_BYTES);

/** The calls, by name. Each is made for one path. */
const CALLS: Readonly<Record<string, (path: string) => void>> = {
  "stat": (path) => void Deno.statSync(path),
  "lstat": (path) => void Deno.lstatSync(path),
  "lstat (node:fs)": (path) => void lstatSync(path),
  "real path": (path) => void Deno.realPathSync(path),
  "open and close (node:fs)": (path) => withFile(path, () => {}),
  "the same, and fstat": (path) => withFile(path, (file) => void fstatSync(file)),
  "the same, and read": (path) =>
    withFile(path, (file) => {
      fstatSync(file);
      readSync(file, content, 0, FILE_BYTES, 0);
    }),
  "open, stat, read and close (Deno)": (path) => {
    using file = Deno.openSync(path);
    file.statSync();
    file.readSync(content);
  },
  // The two ways of a look-up, see src/files/known_folders.ts.
  "all calls for a file": (path) => {
    Deno.lstatSync(path);
    withFile(path, (file) => {
      fstatSync(file);
      Deno.realPathSync(path);
      Deno.statSync(path);
      readSync(file, content, 0, FILE_BYTES, 0);
    });
  },
  "all calls in a known folder": (path) => {
    Deno.lstatSync(path);
    withFile(path, (file) => {
      Deno.lstatSync(path.slice(0, path.lastIndexOf("/")));
      readSync(file, content, 0, FILE_BYTES, 0);
    });
  },
  "memory for one file": () => void new Uint8Array(FILE_BYTES),
  "a part of larger memory": () => void new Uint8Array(shared.buffer, FILE_BYTES, FILE_BYTES),
};

function withFile(path: string, use: (file: number) => void): void {
  const file = openSync(path, WITHOUT_WAITING);
  use(file);
  closeSync(file);
}

/** Prints the time of each call. The first pass of each is not counted, because the runtime compiles it then. */
function measure(folder: string): void {
  for (const [name, call] of Object.entries(CALLS)) {
    let startMs = 0;
    for (let pass = 0; pass <= PASSES; pass++) {
      if (pass === 1) startMs = performance.now();
      for (let file = 0; file < FILES; file++) call(`${folder}/${file}`);
    }
    const us = (performance.now() - startMs) * 1000 / (PASSES * FILES);
    console.log(`${name.padEnd(36)} ${us.toFixed(1)} µs`);
  }
}

async function main(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sweepd_calls_" });
  for (let file = 0; file < FILES; file++) Deno.writeFileSync(`${folder}/${file}`, content);
  const permissions = { read: [folder], net: false, write: false, env: false, run: false, sys: false, ffi: false };
  const worker = new Worker(import.meta.url, { type: "module", deno: { permissions } });
  await new Promise((resolve) => {
    worker.onmessage = resolve;
    worker.postMessage(folder);
  });
  worker.terminate();
  await Deno.remove(folder, { recursive: true });
}

if ("WorkerGlobalScope" in globalThis) {
  const thread = self as unknown as Worker;
  thread.onmessage = ({ data }) => {
    measure(data);
    thread.postMessage("done");
  };
} else {
  await main();
}

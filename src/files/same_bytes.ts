/**
 * Compares an open file with bytes in memory. The memory for reading is used again, because the collector would have to
 * free that of thousands of files in ten seconds.
 * @module
 */

import { Buffer } from "node:buffer";
import type { OpenFile } from "./disk.ts";

/** Most cached files are read in one call. */
const SLICE_BYTES = 64 * 1024;

const slice = new Uint8Array(SLICE_BYTES);

/** Whether the file begins with these bytes. Throws errors of the system. */
export function beginsWith(file: Pick<OpenFile, "readAt">, bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length;) {
    const count = file.readAt(at, slice.subarray(0, bytes.length - at));
    // The runtime compares in native code, ten times faster than a loop.
    if (count === 0 || Buffer.compare(slice.subarray(0, count), bytes.subarray(at, at + count)) !== 0) return false;
    at += count;
  }
  return true;
}

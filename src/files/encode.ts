/**
 * Content codings as functions of bytes. Apart from what is known of codings, because the thread that reads web.conf
 * need not load the encoders.
 * @module
 */

import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from "node:zlib";
import type { Coding } from "../http/semantics/coding.ts";

/** How thoroughly to encode. `quick` takes at most 6 ms for 128 KiB, `thorough` some 0.1 s for a megabyte. */
export type Effort = "quick" | "thorough";

/**
 * The levels. Brotli from 9 on and zstd from 12 on have a fixed cost of 2 to 80 ms, even for a kilobyte. LGWIN must not
 * be set, because brotli 5 then takes 15 times as long.
 */
const LEVELS: Readonly<Record<Effort, Readonly<Record<Coding, number>>>> = {
  quick: { br: 5, zstd: 3, gzip: 6 },
  thorough: { br: 9, zstd: 9, gzip: 9 },
};

/** `bytes` in a coding. The result is the same for the same version of the runtime. */
export function encode(bytes: Uint8Array, coding: Coding, effort: Effort): Uint8Array {
  const level = LEVELS[effort][coding];
  switch (coding) {
    case "br": {
      const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
      return brotliCompressSync(bytes, {
        params: { [BROTLI_PARAM_QUALITY]: level, [BROTLI_PARAM_SIZE_HINT]: bytes.length },
      });
    }
    case "zstd":
      return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } });
    case "gzip":
      return gzipSync(bytes, { level });
  }
}

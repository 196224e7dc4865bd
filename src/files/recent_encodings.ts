/**
 * The latest encodings of files that have just changed. Such a file is not cached, because it may change again without
 * a sign. Until then it would be encoded for each request, so bytes that were encoded before are compared.
 * @module
 */

import { equals } from "@std/bytes/equals";
import type { Coding } from "../http/semantics/coding.ts";

/** What is encoded. */
export interface Encoding {
  /** The key of the file in the cache. */
  readonly key: string;
  readonly coding: Coding;
  readonly source: Uint8Array;
}

/** The encodings that are remembered. One has at most 128 KiB and its encoded form. */
const REMEMBERED_MAX = 8;

/** The latest encodings. */
export class RecentEncodings {
  readonly #encodings = new Map<string, { readonly source: Uint8Array; readonly bytes: Uint8Array }>();

  /** The encoded form of `source`. Calls `encode` if the bytes were not encoded lately. */
  of({ key, coding, source }: Encoding, encode: () => Uint8Array): Uint8Array {
    const name = `${key}\0${coding}`;
    const known = this.#encodings.get(name);
    if (known !== undefined && equals(known.source, source)) return known.bytes;
    const bytes = encode();
    this.#encodings.delete(name);
    this.#encodings.set(name, { source, bytes });
    for (const oldest of this.#encodings.keys()) {
      if (this.#encodings.size <= REMEMBERED_MAX) break;
      this.#encodings.delete(oldest);
    }
    return bytes;
  }
}

/** Files in content codings, for tests of a server: texts, requests for codings, and decoders. */

import {
  brotliCompressSync,
  brotliDecompressSync,
  gunzipSync,
  gzipSync,
  zstdCompressSync,
  zstdDecompressSync,
} from "node:zlib";
import { withHosts } from "./hosts.ts";
import type { RawResponse } from "../client.ts";
import type { Files, TestSite, withSite } from "../site.ts";

/** A page of about `lines` times 40 bytes. */
export function page(lines: number, word = "entry"): string {
  return Array.from({ length: lines }, (_, index) => `<li>${word} ${index} of ${index * 7919 % 1000}\n`).join("");
}

/** Text that no coding makes shorter: Brotli, zstd and gzip write at least as many bytes. */
export function noise(length: number): Uint8Array<ArrayBuffer> {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state >>> 16 & 0xff;
  });
}

const ENCODERS = { br: brotliCompressSync, zst: zstdCompressSync, gz: gzipSync };

/** `text` as somebody would store it in a sibling. */
export function stored(text: string, extension: keyof typeof ENCODERS): Uint8Array {
  return new Uint8Array(ENCODERS[extension](text));
}

const DECODERS = new Map([["br", brotliDecompressSync], ["zstd", zstdDecompressSync], ["gzip", gunzipSync]]);

/** The content of an answer without its coding. */
export function decoded({ field, content }: RawResponse): string {
  const coding = field("content-encoding");
  if (coding === undefined) return new TextDecoder().decode(content);
  return new TextDecoder().decode(DECODERS.get(coding)!(content));
}

/** Sends `GET TARGET`, or another request line without its version, with Accept-Encoding; `null`: without it. */
export type AskCoded = (
  request: string,
  accepted: string | null,
  ...fields: readonly string[]
) => Promise<RawResponse>;

/** Serves `files` from one host. */
export async function withCoded(
  options: { readonly files: Files; readonly conf?: string } & Partial<Parameters<typeof withSite>[0]>,
  test: (ask: AskCoded, site: TestSite) => Promise<void>,
): Promise<void> {
  await withHosts({ conf: "parameter revalidate 0\nhost default ROOT\n", ...options }, async (ask, site) => {
    await test((request, accepted, ...fields) => {
      return ask("a", request, ...accepted === null ? [] : [`Accept-Encoding: ${accepted}`], ...fields);
    }, site);
  });
}

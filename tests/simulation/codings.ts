/**
 * Content codings in a simulation: what clients accept, which coding of an answer is right for that, and the bytes of a
 * file in a coding. Knows no files.
 */

import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { equals } from "@std/bytes/equals";
import { encode } from "../../src/files/encode.ts";
import { type Coding, CODINGS } from "../../src/http/semantics/coding.ts";
import { preferred } from "../http/codings.ts";
import type { Answer } from "./answers.ts";
import type { Random } from "./random.ts";

const ACCEPTED = [
  "gzip, deflate, br",
  "gzip, deflate, br, zstd",
  "gzip",
  "zstd",
  "br;q=0.5, gzip",
  "*",
  "identity",
  "",
  "identity;q=0, gzip",
  "*;q=0",
  "gzip;q=0, *",
  "identity, gzip;q=0.5",
  "identity;q=0.5, br;q=0.1, zstd",
  "deflate",
];

/** Value of Accept-Encoding of a client; `null`: it sends none. */
export function someAccepted(random: Random): string | null {
  return random.chance(0.4) ? random.pick(ACCEPTED) : null;
}

const IN_PART = /\r\nContent-Encoding: ([a-z]+)\r\n/;

/** The coding of an answer or of its parts; `null`: none. Throws if the server has none of this name. */
export function codingOf({ fields, content }: Pick<Answer, "fields" | "content">): Coding | null {
  const isMultipart = fields.get("content-type")?.startsWith("multipart/") === true;
  const [, inPart] = isMultipart ? IN_PART.exec(String.fromCharCode(...content.subarray(0, 300))) ?? [] : [];
  const value = fields.get("content-encoding") ?? inPart;
  if (value === undefined) return null;
  const coding = CODINGS.find((each) => each === value);
  if (coding === undefined) throw new TypeError(`Content-Encoding: ${value}`);
  return coding;
}

/** What is wrong with the coding of an answer to a client that accepts `accepted`, or `null`. */
export function codingProblem(accepted: string | null, answer: Answer): string | null {
  const { status } = answer;
  const coding = codingOf(answer);
  const value = accepted ?? "";
  if (status === 406) return preferred(value, []) === "406" ? null : `406 for "${accepted}"`;
  if (status !== 200 && status !== 206) return coding === null ? null : `${status} in ${coding}`;
  if (coding === null) return preferred(value, []) === "identity" ? null : `no coding for "${accepted}"`;
  return accepted !== null && preferred(value, [coding]) === coding ? null : `${coding} for "${accepted}"`;
}

/** The bytes of a file in a coding. Checks that they decode to the file. */
export function contentIn(coding: Coding | null, content: Uint8Array): Uint8Array {
  if (coding === null) return content;
  const encoded = new Uint8Array(encode(content, coding, "quick"));
  if (!equals(decode(encoded, coding), content)) throw new Error(`The encoder of ${coding} is wrong`);
  return encoded;
}

/** Bytes without their coding. */
export function decode(bytes: Uint8Array, coding: Coding | null): Uint8Array {
  switch (coding) {
    case null:
      return bytes;
    case "br":
      return new Uint8Array(brotliDecompressSync(bytes));
    case "zstd":
      return new Uint8Array(zstdDecompressSync(bytes));
    case "gzip":
      return new Uint8Array(gunzipSync(bytes));
  }
}

/** Complete content of an answer without its coding; `null`: it is not complete, or no content of this coding. */
export function decodedContent(answer: Answer): Uint8Array | null {
  const coding = codingOf(answer);
  if (coding === null) return answer.content;
  if (!answer.isComplete || answer.status !== 200) return null;
  return decode(answer.content, coding);
}

/** The lengths that a file has in all its forms. */
export function lengthsOf(content: Uint8Array): number[] {
  return [null, ...CODINGS].map((coding) => contentIn(coding, content).length);
}

/** A helper that encodes after a while, and sometimes fails. */
export function slowHelper(sleep: (ms: number) => Promise<void>, random: Random) {
  return async (bytes: Uint8Array<ArrayBuffer>, coding: Coding): Promise<Uint8Array> => {
    await sleep(random.integer(1, 200));
    if (bytes.length > 512 * 1024 || random.chance(0.2)) throw new Error("the helper has ended");
    return encode(bytes, coding, "quick");
  };
}

/**
 * One state of a file: length, type, validators, bytes, and the answers prepared for it.
 * Knows files; not requests.
 * @module
 */

import type { Additions } from "../http/additions.ts";
import type { Validator, ValidatorOctets } from "../http/semantics/conditional.ts";
import type { DateValue } from "../http/date.ts";
import { HeadSpace, type KnownResponse, type Piece, type Response } from "../http/response.ts";
import { latin1Bytes } from "../http/syntax.ts";
import type { OpenFile } from "./disk.ts";
import { entityTag, modification } from "./file_validator.ts";
import type { OpenedFile } from "./look_up.ts";
import { type Media, mediaOf, type MediaTable } from "./media.ts";
import type { Snapshot } from "./revalidator.ts";
import { SNIFFED_BYTES } from "./signatures.ts";

/** Free memory before a file's bytes, for the head of a response, so that one buffer holds both. */
export const HEAD_SPACE_BYTES = 512;

/** What a resource is made from, besides the file. */
export interface ResourceOptions {
  /** The last segment of the requested path. */
  readonly name: string;
  readonly media: MediaTable;
  /** The charset of text whose media type contains none; `null`: none is sent. */
  readonly charset: string | null;
  /** Fields that are added to answers with this file. */
  readonly additions: Additions;
  /** The wall clock. */
  readonly nowMs: number;
  /** `HEAD_SPACE_BYTES` free bytes, then the content; `null`: the content is read from the open file. */
  readonly memory: Uint8Array | null;
}

/** What a cache stores with a resource. */
export interface CacheState {
  /** The key in the cache. */
  readonly key: string;
  /** The file as it was at the last check. */
  readonly snapshot: Snapshot;
  /** When the content was read, on the monotonic clock; `Infinity` for open files, which are read for each answer. */
  readonly readMs: number;
  /** When an open file was last used. */
  usedMs: number;
  /** Whether it was used since the last search for a file to evict. */
  isRecent: boolean;
}

/**
 * One state of a file, which any number of answers may use at the same time. Each holder must close it once, and the
 * last close closes the file. The caller of the constructor is the first holder.
 */
export class Resource implements Media {
  /** Distinguishes a resource from a folder and from no result. */
  readonly kind = "file";
  /** Length in bytes. */
  readonly length: number;
  readonly type: string;
  readonly coding: string | null;
  /** Fields that are added to answers with this file. */
  readonly additions: Additions;
  /** Identifies this state of the file. */
  readonly validator: Validator;
  /** Last modification, if a date can express it. May be in the future. */
  readonly lastModified: DateValue | null;
  /** Free memory before its bytes; `null`: they are not in memory. */
  readonly headSpace: HeadSpace | null;
  /** The data of the cache; `null`: the resource is not cached. */
  cacheState: CacheState | null = null;
  /** The answer with the whole content, once it has been made. */
  whole: Response | null = null;
  /** The answer 304, once it has been made. */
  unchanged: Response | null = null;
  /** The answer with one range, without the numbers and the content, once it was prepared. */
  part: KnownResponse | null = null;
  /** The same for a client that has another part, with its fields, already. */
  furtherPart: KnownResponse | null = null;
  #octets: ValidatorOctets | null = null;
  readonly #bytes: Uint8Array | null;
  readonly #file: OpenFile | null;
  #holders = 1;

  /** Takes over the open file, unless the content is in memory. */
  constructor({ file, length, info }: OpenedFile, { name, media, charset, additions, nowMs, memory }: ResourceOptions) {
    const bytes = memory?.subarray(HEAD_SPACE_BYTES) ?? null;
    this.length = length;
    const { type, coding } = mediaOf(
      name,
      media,
      () => bytes?.subarray(0, SNIFFED_BYTES) ?? peek(file),
      charset,
    );
    this.type = type;
    this.coding = coding;
    this.additions = additions;
    this.lastModified = modification(info);
    this.validator = { etag: entityTag(info, nowMs), modifiedMs: this.lastModified?.ms ?? null };
    this.headSpace = memory === null ? null : new HeadSpace(memory, HEAD_SPACE_BYTES);
    this.#bytes = bytes;
    this.#file = bytes === null ? file : null;
  }

  /** Whether it is read from an open file. */
  get isOpen(): boolean {
    return this.#file !== null;
  }

  /** The validators as octets, made on first use. */
  get octets(): ValidatorOctets {
    const { validator, lastModified } = this;
    return this.#octets ??= {
      etag: latin1Bytes(validator.etag),
      lastModified: lastModified === null ? null : latin1Bytes(lastModified.text),
    };
  }

  /** `length` bytes from position `first` on. */
  slice(first: number, length: number): Piece {
    if (this.#bytes !== null) return this.#bytes.subarray(first, first + length);
    return { source: this.#file!, position: first, length };
  }

  /** Adds a holder. */
  hold(): void {
    this.#holders++;
  }

  /** Removes a holder. */
  close(): void {
    if (--this.#holders > 0) return;
    try {
      this.#file?.close();
    } catch {
      // Nothing was written, so a failed close loses nothing.
    }
  }
}

function peek(file: OpenFile): Uint8Array {
  const bytes = new Uint8Array(SNIFFED_BYTES);
  return bytes.subarray(0, file.readAt(0, bytes));
}

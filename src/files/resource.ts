/**
 * A file as it is served: its length, type and validators, its bytes, and the answers that were prepared for it.
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
import type { Sighting } from "./sightings.ts";
import { SNIFFED_BYTES } from "./signatures.ts";

/** Free memory in front of a file's bytes: for the head of a response, so that both can be sent in one piece. */
export const HEAD_SPACE_BYTES = 512;

/** What a resource is made of besides the file. */
export interface ResourceOptions {
  /** The last segment of the path that it was asked for by. */
  readonly name: string;
  readonly media: MediaTable;
  /** Of text whose type does not say one; `null`: none is told. */
  readonly charset: string | null;
  /** What is added to the answers with it. */
  readonly additions: Additions;
  /** The wall clock. */
  readonly nowMs: number;
  /** `HEAD_SPACE_BYTES` free bytes and then all that was in the file; `null`: it is read from the open file. */
  readonly memory: Uint8Array | null;
}

/** A resource that a cache keeps. */
export interface Keeping {
  /** The cache's name for it. */
  readonly key: string;
  /** How it was seen on disk. */
  readonly sighting: Sighting;
  /** When it was read, on the monotonic clock; of a file that is kept open, never: it is read each time. */
  readonly readMs: number;
  /** When it was last asked for, as far as it matters: of a file that is kept open. */
  usedMs: number;
  /** Used since the last look for something to throw out. */
  isRecent: boolean;
}

/**
 * One state of a file, for any number of answers at the same time. Each holder closes it once; the file is closed when the last
 * one has. The holder that makes it is the first.
 */
export class Resource implements Media {
  /** Tells a resource from a folder and from nothing. */
  readonly kind = "file";
  /** Bytes. */
  readonly length: number;
  readonly type: string;
  readonly coding: string | null;
  /** What is added to the answers with it. */
  readonly additions: Additions;
  /** What tells this state of the file from another. */
  readonly validator: Validator;
  /** Last modification, where a date can tell it; may lie in the future. */
  readonly lastModified: DateValue | null;
  /** Free memory in front of its bytes; `null`: they are not in memory. */
  readonly headSpace: HeadSpace | null;
  /** What the cache knows of it, while it keeps it for other requests; `null`: it is given once, or no more. */
  keeping: Keeping | null = null;
  /** The answer with all of it, once it was prepared. */
  whole: Response | null = null;
  /** The answer to a client that has it already, once it was prepared. */
  unchanged: Response | null = null;
  /** The answer with one range, without the numbers and the content, once it was prepared. */
  part: KnownResponse | null = null;
  /** The same for a client that has another part, with its fields, already. */
  furtherPart: KnownResponse | null = null;
  #octets: ValidatorOctets | null = null;
  readonly #bytes: Uint8Array | null;
  readonly #file: OpenFile | null;
  #holders = 1;

  /** Takes the open file over, unless all of it is in memory. */
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

  /** Whether it has to be read from an open file. */
  get isOpen(): boolean {
    return this.#file !== null;
  }

  /** Its validators as they were sent. Made when they are first asked for. */
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

  /** One holder more. */
  hold(): void {
    this.#holders++;
  }

  /** One holder less. */
  close(): void {
    if (--this.#holders > 0) return;
    try {
      this.#file?.close();
    } catch {
      // Nothing is lost by a close that fails where nothing was written, and the last holder has not asked for it.
    }
  }
}

function peek(file: OpenFile): Uint8Array {
  const bytes = new Uint8Array(SNIFFED_BYTES);
  return bytes.subarray(0, file.readAt(0, bytes));
}

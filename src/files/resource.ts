/**
 * One state of a file: length, type, validators, bytes, and the answers prepared for it.
 * Knows files; not requests.
 * @module
 */

import type { Additions } from "../http/additions.ts";
import type { Validator, ValidatorOctets } from "../http/semantics/conditional.ts";
import type { DateValue } from "../http/date.ts";
import type { Field, HeadSpace, KnownResponse, Piece, Response } from "../http/response.ts";
import { latin1Bytes } from "../http/syntax.ts";
import type { Coding } from "../http/semantics/coding.ts";
import { type CodedForm, CodedForms } from "./coded_forms.ts";
import { isCompressible, isNamedAsCoded, siblingTag } from "./content_codings.ts";
import type { OpenFile } from "./disk.ts";
import type { FilePath } from "./file_path.ts";
import { entityTag, modification } from "./file_validator.ts";
import type { OpenedFile } from "./look_up.ts";
import { type Media, mediaOf, type MediaTable } from "./media.ts";
import type { Snapshot } from "./revalidator.ts";
import { SNIFFED_BYTES } from "./signatures.ts";

/** Free memory before a file's bytes, for the head of a response, so that one buffer holds both. */
export const HEAD_SPACE_BYTES = 512;

/** What the resource of an opened file is made from, besides the file. */
export interface ResourceOptions {
  /** The last segment of the requested path. */
  readonly name: string;
  /** Media types from web.conf. */
  readonly media: MediaTable;
  /** The charset of text whose media type contains none; `null`: none is sent. */
  readonly charset: string | null;
  /** Fields that are added to answers with this file. */
  readonly additions: Additions;
  /** The wall clock. */
  readonly nowMs: number;
  /** `HEAD_SPACE_BYTES` free bytes, then the content; `null`: the content is read from the open file. */
  readonly memory: Uint8Array<ArrayBuffer> | null;
  /** The path for which the file was found; missing: content codings are not used. */
  readonly path?: FilePath;
}

/** The parts of a resource. */
export interface ResourceParts
  extends Pick<Resource, "length" | "origin" | "additions" | "lastModified" | "modifiedMs" | "etag" | "forms"> {
  readonly media: Media;
  /** See `ResourceOptions`. */
  readonly memory: Uint8Array<ArrayBuffer> | null;
  /** The open file, if the content is not in memory. */
  readonly file: OpenFile | null;
}

/** The resource of an opened file. Takes over the open file, unless the content is in memory. */
export function resourceOf({ file, length, info }: OpenedFile, options: ResourceOptions): Resource {
  const { name, charset, additions, nowMs, memory, path } = options;
  const peekContent = () => memory?.subarray(HEAD_SPACE_BYTES).subarray(0, SNIFFED_BYTES) ?? peek(file);
  const given = path?.media ?? null;
  const media = given ?? mediaOf(name, options.media, peekContent, charset);
  const etag = entityTag(info, nowMs);
  return new Resource({
    length,
    media,
    additions,
    lastModified: modification(info),
    modifiedMs: info.mtime?.getTime() ?? NaN,
    etag: given === null ? etag : siblingTag(etag, given.coding as Coding),
    origin: given === null ? "file" : "sibling",
    forms: path === undefined ? null : formsOf(path, media),
    memory,
    file: memory === null ? file : null,
  });
}

/**
 * The forms of a file in content codings; `null`: it has none. A file that is stored in a coding is not encoded again.
 * A `header` line about Content-Encoding says that the administrator takes care of codings.
 */
function formsOf(path: FilePath, { type, coding }: Media): CodedForms | null {
  const { compress, segments, additions: { describing } } = path;
  const isCoded = coding !== null || isNamedAsCoded(segments.at(-1) ?? "");
  if (!compress || isCoded || valueIn(describing, "content-encoding") !== undefined) return null;
  return new CodedForms(path, isCompressible(valueIn(describing, "content-type") ?? type));
}

/** The value of the field with a name in lower case. */
function valueIn(fields: readonly Field[], wanted: string): string | undefined {
  for (const [name, value] of fields) if (name.toLowerCase() === wanted) return value;
  return undefined;
}

/** What a cache stores with a resource. */
export interface CacheState {
  /** The key in the cache. */
  readonly key: string;
  /** The file as it was at the last check. */
  readonly snapshot: Snapshot;
  /** When the content was read, on the monotonic clock; `Infinity` for open files, which are read for each answer. */
  readMs: number;
  /** When an open file was last used. */
  usedMs: number;
  /** How often it was used. The search for a file to evict halves the number. */
  uses: number;
  /** The number of uses at which an open file may have earned a place in memory; -1: never. */
  promotesAt: number;
}

/**
 * One state of a file, which any number of answers may use at the same time. Each holder must close it once, and the
 * last close closes the file. The caller of the constructor is the first holder.
 */
export class Resource implements Media, HeadSpace {
  /** Distinguishes a resource from a folder and from no result. */
  readonly kind = "file";
  /** A `sibling` stores the content of another file in a coding. `encoded`: the server has encoded it. */
  readonly origin: "file" | "sibling" | "encoded";
  /** Length in bytes. */
  readonly length: number;
  readonly type: string;
  readonly coding: string | null;
  /** Fields that are added to answers with this file. */
  readonly additions: Additions;
  /** Its forms in content codings; `null`: it has none. */
  readonly forms: CodedForms | null;
  /** The entity tag. */
  readonly etag: string;
  /** Last modification, if a date can express it. May be in the future. */
  readonly lastModified: DateValue | null;
  /** The same time with its milliseconds; `NaN`: unknown. */
  readonly modifiedMs: number;
  /** The data of the cache; `null`: the resource is not cached. */
  cacheState: CacheState | null = null;
  /** Its place among those that the cache keeps. */
  slot = -1;
  /** The form of another file that it is; `null`: it is none. */
  form: CodedForm | null = null;
  /** The answer with the whole content, once it has been made. */
  whole: Response | null = null;
  /** The answer 304, once it has been made. */
  unchanged: Response | null = null;
  /** The answer with one range, without the numbers and the content, once it was prepared. */
  part: KnownResponse | null = null;
  /** The same for a client that has another part, with its fields, already. */
  furtherPart: KnownResponse | null = null;
  #octets: ValidatorOctets | null = null;
  /** `HEAD_SPACE_BYTES` bytes, then the content. A buffer and no view, because there are thousands. */
  #memory: ArrayBuffer | null;
  #isClaimed = false;
  readonly #file: OpenFile | null;
  #holders = 1;

  constructor(parts: ResourceParts) {
    const { length, media, additions, lastModified, modifiedMs, etag, origin, forms, memory, file } = parts;
    this.length = length;
    this.type = media.type;
    this.coding = media.coding;
    this.additions = additions;
    this.lastModified = lastModified;
    this.modifiedMs = modifiedMs;
    this.etag = etag;
    this.forms = forms;
    this.origin = origin;
    this.#memory = memory?.buffer ?? null;
    this.#file = file;
  }

  /** Whether the answer depends on what codings the client accepts. */
  get isVarying(): boolean {
    return this.origin !== "file" || this.forms !== null && this.forms.isVarying;
  }

  /** Whether it is read from an open file. */
  get isOpen(): boolean {
    return this.#file !== null;
  }

  /** Identifies this state of the file. */
  get validator(): Validator {
    return { etag: this.etag, modifiedMs: this.lastModified?.ms ?? null };
  }

  /** The validators as octets, made on first use. */
  get octets(): ValidatorOctets {
    const { etag, lastModified } = this;
    return this.#octets ??= {
      etag: latin1Bytes(etag),
      lastModified: lastModified === null ? null : latin1Bytes(lastModified.text),
      modifiedMs: lastModified?.ms ?? NaN,
    };
  }

  /** `length` bytes from position `first` on. */
  slice(first: number, length: number): Piece {
    if (this.#memory !== null) return new Uint8Array(this.#memory, HEAD_SPACE_BYTES + first, length);
    return { source: this.#file!, position: first, length };
  }

  /**
   * The whole content, in memory. `null`: an open file has become shorter, or has changed since it was opened. `wallMs`
   * is the wall clock. If the tag is weak, the content is the current one.
   */
  read(wallMs: number): Uint8Array<ArrayBuffer> | null {
    if (this.#memory !== null) return new Uint8Array(this.#memory, HEAD_SPACE_BYTES);
    const file = this.#file!;
    const bytes = new Uint8Array(this.length);
    for (let at = 0; at < bytes.length;) {
      const count = file.readAt(at, bytes.subarray(at));
      if (count === 0) return null;
      at += count;
    }
    const { etag } = this;
    return etag.startsWith("W/") || entityTag(file.stat(), wallMs) === etag ? bytes : null;
  }

  claim(length: number): Uint8Array | null {
    if (this.#isClaimed || this.#memory === null || length > HEAD_SPACE_BYTES) return null;
    this.#isClaimed = true;
    return new Uint8Array(this.#memory, HEAD_SPACE_BYTES - length);
  }

  /** Forgets the answers that were prepared. */
  forgetAnswers(): void {
    this.whole =
      this.unchanged =
      this.part =
      this.furtherPart =
        null;
  }

  /** Adds a holder. */
  hold(): void {
    this.#holders++;
  }

  /** Removes a holder. After the last one the content is freed, because routes remember what they found last. */
  close(): void {
    if (--this.#holders > 0) return;
    this.forgetAnswers();
    this.#memory = null;
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

/**
 * A file as it is served: its length, type and validators, and where its bytes are.
 * Knows files; not requests.
 * @module
 */

import type { Validator } from "../http/conditional.ts";
import type { DateValue } from "../http/date.ts";
import { type Piece, Room } from "../http/response.ts";
import type { OpenFile } from "./disk.ts";
import { entityTag, modification } from "./file_validator.ts";
import { type Media, mediaOf, type MediaTable } from "./media.ts";
import type { Representation } from "./representation.ts";
import type { SharedFile } from "./shared_file.ts";
import { SNIFFED_BYTES } from "./signatures.ts";

/** What a response is made from. Whoever gets one closes it. */
export interface ServedFile extends Media {
  /** Bytes. */
  readonly length: number;
  /** What tells this state of the file from another. */
  readonly validator: Validator;
  /** Last modification, where a date can tell it; may lie in the future. */
  readonly lastModified: DateValue | null;
  /** `length` bytes from position `first` on. */
  slice(first: number, length: number): Piece;
  /** Closes the file, if it is open; for whoever got this one. */
  close(): void;
  /** Whether the same object is given to other requests, too. */
  readonly isKept: boolean;
  /** Free memory in front of its bytes; `null`: they are not in memory. */
  readonly room: Room | null;
}

/** Serves from the open file, which is closed with it. `nowMs` is the wall clock. */
export function fromDisk(opened: Representation, name: string, media: MediaTable, nowMs: number): ServedFile {
  const { file } = opened;
  return {
    ...describe(opened, mediaOf(name, media, () => peek(file)), nowMs),
    slice: (first, length) => ({ source: file, position: first, length }),
    close: () => file.close(),
    isKept: false,
    room: null,
  };
}

/** Serves from an open file that others read, too; each that gets it has a share of it, and gives that back by closing. */
export function fromShared(
  opened: Representation,
  shared: SharedFile,
  name: string,
  media: MediaTable,
  nowMs: number,
): ServedFile {
  return { ...fromDisk(opened, name, media, nowMs), close: () => shared.giveBack(), isKept: true };
}

/** Free memory in front of a file's bytes: for the head of a response, so that both can be sent in one piece. */
export const HEAD_ROOM = 512;

/** Serves what is behind the first `HEAD_ROOM` bytes of `memory`, all that was in the file. */
export function fromMemory(
  opened: Representation,
  memory: Uint8Array,
  name: string,
  media: MediaTable,
  nowMs: number,
): ServedFile {
  const bytes = memory.subarray(HEAD_ROOM);
  return {
    ...describe(opened, mediaOf(name, media, () => bytes.subarray(0, SNIFFED_BYTES)), nowMs),
    slice: (first, length) => bytes.subarray(first, first + length),
    close: () => {},
    isKept: true,
    room: new Room(memory, HEAD_ROOM),
  };
}

function describe({ length, info }: Representation, media: Media, nowMs: number) {
  const lastModified = modification(info);
  const validator: Validator = { etag: entityTag(info, nowMs), modifiedMs: lastModified?.ms ?? null };
  return { ...media, length, validator, lastModified };
}

function peek(file: OpenFile): Uint8Array {
  const bytes = new Uint8Array(SNIFFED_BYTES);
  return bytes.subarray(0, file.readAt(0, bytes));
}

/**
 * The files, directories and links of a file system, and how they can change. Knows nothing about the server.
 */

import type { FileState } from "../../src/files/disk.ts";
import type { Random } from "./random.ts";
import { CONTENT_BYTES_MAX, someOffset } from "./content.ts";

export interface FileNode {
  readonly kind: "file";
  readonly ino: number;
  mtimeMs: number | null;
  ctimeMs: number;
  /** Start of its content in the random bytes. */
  offset: number;
  length: number;
  /** A number that is different for every state of every file. */
  version: number;
  isForbidden: boolean;
  /** Reads from this position on fail. */
  badFrom: number;
}

/** `special` is a FIFO or a device. The server must not open it. */
export type OtherNode =
  | { readonly kind: "directory"; readonly ino: number; ctimeMs: number }
  | { readonly kind: "special"; readonly ino: number };

export type Node = FileNode | OtherNode | { readonly kind: "link"; readonly target: string };

/** Changes to a file: to its content, its name or its permissions. */
export const CHANGES = [
  "shrink",
  "grow",
  "rewrite",
  "rewrite keeping mtime",
  "replace",
  "replace keeping mtime",
  "recreate with the same inode",
  "vanish",
  "turn into a link out",
  "turn into a folder",
  "forbid",
  "bad sector",
] as const;

export type Change = (typeof CHANGES)[number];

/** Errors of an operation on a file. */
export const ERRORS = ["EACCES", "EMFILE", "EIO"] as const;

export type Mishap = Change | (typeof ERRORS)[number];

export function isChange(mishap: Mishap): mishap is Change {
  return (CHANGES as readonly string[]).includes(mishap);
}

/** Values that a change needs. */
export interface ChangeContext {
  readonly random: Random;
  /** The current time of the file system's clock. */
  readonly tickMs: number;
  readonly version: number;
  readonly ino: number;
  /** Target of a link that leads out of the root. */
  readonly outside: string;
}

/** Performs a change. Returns `node` itself, changed in place, or its replacement, or `null` if nothing is left. */
export function change(node: FileNode, kind: Change, context: ChangeContext): Node | null {
  const { random, tickMs, version, ino } = context;
  const ctimeMs = Math.max(tickMs, node.ctimeMs);
  const touched = { mtimeMs: tickMs, ctimeMs, version };
  const untouched = { mtimeMs: node.mtimeMs, ctimeMs, version };
  const otherLength = random.integer(0, Math.min(2 * node.length + 1000, CONTENT_BYTES_MAX));
  const offset = someOffset(random);
  switch (kind) {
    case "shrink":
      return Object.assign(node, touched, { length: random.integer(0, Math.max(0, node.length - 1)) });
    case "grow":
      return Object.assign(node, touched, { length: Math.min(node.length + 1000, CONTENT_BYTES_MAX) });
    case "rewrite":
      return Object.assign(node, touched, { offset });
    case "rewrite keeping mtime":
      return Object.assign(node, untouched, { offset });
    case "replace":
      return { ...node, ...touched, offset, ino, badFrom: Infinity };
    case "replace keeping mtime":
      return { ...node, ...untouched, offset, ino, badFrom: Infinity };
    case "recreate with the same inode":
      return { ...node, ...touched, offset, length: otherLength, badFrom: Infinity };
    case "vanish":
      return null;
    case "turn into a link out":
      return { kind: "link", target: context.outside };
    case "turn into a folder":
      return { kind: "directory", ino, ctimeMs: tickMs };
    case "forbid":
      return Object.assign(node, untouched, { isForbidden: true });
    case "bad sector":
      return Object.assign(node, { version, badFrom: random.integer(0, node.length) });
  }
}

/** The result of `stat`. */
export function infoOf(node: FileNode | OtherNode): FileState {
  const isFile = node.kind === "file";
  return {
    isFile,
    isDirectory: node.kind === "directory",
    size: isFile ? node.length : 4096,
    mtime: isFile && node.mtimeMs !== null ? new Date(node.mtimeMs) : null,
    // The runtime tells it in whole seconds.
    ctime: node.kind === "special" ? null : new Date(Math.floor(node.ctimeMs / 1000) * 1000),
    dev: 7,
    ino: node.ino,
  };
}

/** The result of `lstat` for a link. */
export function infoOfLink(target: string): FileState {
  return { isFile: false, isDirectory: false, size: target.length, mtime: null, ctime: null, dev: 7, ino: 0 };
}

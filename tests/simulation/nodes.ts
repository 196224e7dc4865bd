/**
 * What stands in a file system, and what may happen to it. Knows nothing of who reads it.
 */

import type { FileState } from "../../src/files/disk.ts";
import type { Random } from "./random.ts";
import { CONTENT_BYTES_MAX, someOffset } from "./content.ts";

export interface FileNode {
  readonly kind: "file";
  readonly ino: number;
  mtimeMs: number | null;
  ctimeMs: number;
  /** Where in the noise its content begins. */
  offset: number;
  length: number;
  /** Every state of every file has another. */
  version: number;
  isForbidden: boolean;
  /** Reading from here on fails. */
  badFrom: number;
}

/** `special` is a FIFO or a device: what must not be opened. */
export type OtherNode =
  | { readonly kind: "directory"; readonly ino: number }
  | { readonly kind: "special"; readonly ino: number };

export type Node = FileNode | OtherNode | { readonly kind: "link"; readonly target: string };

/** What may happen to a file: to its content, its name, its permission. */
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

/** What an operation on a file may meet. */
export const ERRORS = ["EACCES", "EMFILE", "EIO"] as const;

export type Mishap = Change | (typeof ERRORS)[number];

export function isChange(mishap: Mishap): mishap is Change {
  return (CHANGES as readonly string[]).includes(mishap);
}

/** What a change needs beside the file itself. */
export interface ChangeContext {
  readonly random: Random;
  /** Now, as the file system's clock tells it. */
  readonly tickMs: number;
  readonly version: number;
  readonly ino: number;
  /** What a link out leads to. */
  readonly outside: string;
}

/** What stands there afterwards: `node` itself, changed in place, or something new, or nothing. */
export function change(node: FileNode, kind: Change, context: ChangeContext): Node | null {
  const { random, tickMs, version, ino } = context;
  const ctimeMs = Math.max(tickMs, node.ctimeMs);
  const touched = { mtimeMs: tickMs, ctimeMs, version };
  // Who sets a file's time back needs a moment for it, so that at least the time of the change tells.
  const untouched = { mtimeMs: node.mtimeMs, ctimeMs: ctimeMs + 1, version };
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
      return { kind: "directory", ino };
    case "forbid":
      return Object.assign(node, untouched, { isForbidden: true });
    case "bad sector":
      return Object.assign(node, { version, badFrom: random.integer(0, node.length) });
  }
}

/** What the system says of it. */
export function infoOf(node: FileNode | OtherNode): FileState {
  const isFile = node.kind === "file";
  return {
    isFile,
    isDirectory: node.kind === "directory",
    size: isFile ? node.length : 4096,
    mtime: isFile && node.mtimeMs !== null ? new Date(node.mtimeMs) : null,
    ctime: isFile ? new Date(node.ctimeMs) : null,
    dev: 7,
    ino: node.ino,
  };
}

/** What is said of a link itself. */
export function infoOfLink(target: string): FileState {
  return { isFile: false, isDirectory: false, size: target.length, mtime: null, ctime: null, dev: 7, ino: 0 };
}

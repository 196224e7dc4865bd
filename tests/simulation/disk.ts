/**
 * A disk in memory: paths, links and open files. Files can change while the server uses them, and planned errors occur.
 * Knows paths and bytes; not requests.
 */

import type { Disk, FileState, FolderEntry, OpenFile } from "../../src/files/disk.ts";
import { contentAt, someOffset } from "./content.ts";
import { systemError } from "./errors.ts";
import {
  type Change,
  change,
  type FileNode,
  infoOf,
  infoOfLink,
  isChange,
  type Mishap,
  type Node,
  type OtherNode,
} from "./nodes.ts";
import type { Random } from "./random.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { type Note, Violation } from "./trace.ts";

export interface DiskFaults {
  /** Probability that a read returns fewer bytes than it could. */
  readonly shortReads: number;
  /** Maximum number of open files. */
  readonly openMax: number;
  /** Resolution of the file system's clock. */
  readonly tickMs: number;
}

/** The file or directory at a path after following links, and its real path. */
export interface Found {
  readonly path: string;
  readonly node: FileNode | OtherNode;
}

/** A content of a file, and until when the file had it. */
interface Epoch {
  readonly offset: number;
  readonly length: number;
  untilMs: number;
}

/** A file outside all roots, which the server must never send. */
export const OUTSIDE_FILE = "/srv/outside/secret.txt";

const LINKS_MAX = 40;

export class MemoryDisk implements Disk {
  openFiles = 0;
  /** When the server last used the disk. */
  touchedMs = -Infinity;
  /** Called with each simulated error that the server reports as a failure of the system. */
  onFailure: (error: Error) => void = () => {};
  onViolation: (violation: Violation) => void = () => {};
  readonly #timeline: VirtualClock;
  readonly #random: Random;
  readonly #faults: DiskFaults;
  readonly #note: Note;
  readonly #names = new Map<string, Node>();
  readonly #plans = new Map<string, Map<number, Mishap>>();
  readonly #operations = new Map<string, number>();
  readonly #troubles = new Map<string, number>();
  readonly #epochs = new Map<string, Epoch[]>();
  #inodes = 100;
  #versions = 0;

  constructor(timeline: VirtualClock, random: Random, faults: DiskFaults, note: Note) {
    this.#timeline = timeline;
    this.#random = random;
    this.#faults = faults;
    this.#note = note;
  }

  addFile(path: string, length: number, mtimeMs: number | null, isForbidden = false): void {
    const offset = someOffset(this.#random);
    const isPast = mtimeMs !== null && mtimeMs <= this.#tick();
    const ctimeMs = isPast ? mtimeMs : this.#tick() - this.#random.pick([0, 60_000]);
    const state = { mtimeMs, ctimeMs, offset, length, version: ++this.#versions, isForbidden, badFrom: Infinity };
    this.#put(path, { kind: "file", ino: ++this.#inodes, ...state });
  }

  /** A folder was last changed long ago. */
  addOther(path: string, kind: OtherNode["kind"]): void {
    const ino = ++this.#inodes;
    this.#put(path, kind === "directory" ? { kind, ino, ctimeMs: this.#tick() - 60_000 } : { kind, ino });
  }

  addLink(path: string, target: string): void {
    this.#put(path, { kind: "link", target });
  }

  /** Plans a mishap for operation `number` of the server on `path`. Operations of all kinds count, from 1. */
  plan(path: string, number: number, mishap: Mishap): void {
    const plans = this.#plans.get(path) ?? new Map<number, Mishap>();
    this.#plans.set(path, plans.set(number, mishap));
  }

  /** Changes the file at `path` now, if there still is a file. */
  befall(path: string, kind: Change): void {
    const node = this.#names.get(path);
    if (node?.kind !== "file") return;
    this.#trouble(path, kind);
    this.#endEpoch(path);
    const ino = ++this.#inodes;
    const version = ++this.#versions;
    const context = { random: this.#random, tickMs: this.#tick(), version, ino, outside: OUTSIDE_FILE };
    const changed = change(node, kind, context);
    if (changed === null) this.#names.delete(path);
    else this.#put(path, changed);
    if (changed !== node) this.#touchFolderOf(path);
  }

  /** Each change of a name gives its folder a new change time. */
  #touchFolderOf(path: string): void {
    const folder = this.#names.get(path.slice(0, path.lastIndexOf("/")));
    if (folder?.kind === "directory") folder.ctimeMs = Math.max(folder.ctimeMs, this.#tick());
  }

  /** When a mishap last happened to `path` or to the file that it links to; `-Infinity`: never. */
  troubledMs(path: string): number {
    return Math.max(...this.#aliases(path).map((each) => this.#troubles.get(each) ?? -Infinity));
  }

  /** All contents that the file at `path` has had since `sinceMs`. */
  contentsSince(path: string, sinceMs: number): Uint8Array[] {
    return this.#aliases(path).flatMap((each) => this.#epochs.get(each) ?? [])
      .filter(({ untilMs }) => untilMs >= sinceMs).map(({ offset, length }) => contentAt(offset, length));
  }

  /** The length of the file at `path`, or of the file that it links to; 0 if there is none. */
  lengthOf(path: string): number {
    const lengths = this.#aliases(path).map((each) => {
      const node = this.#names.get(each);
      return node?.kind === "file" ? node.length : 0;
    });
    return Math.max(...lengths);
  }

  /** What is at `path` now, or the error that a system call would throw. For the oracle: it triggers no mishaps. */
  look(path: string): Found | Error {
    try {
      return this.#walk(path);
    } catch (error) {
      if (error instanceof Error) return error;
      throw error;
    }
  }

  stat(path: string): FileState {
    this.#meet(path, "stat");
    return infoOf(this.#walk(path).node);
  }

  lstat(path: string): FileState {
    this.#meet(path, "stat");
    const slash = path.lastIndexOf("/");
    const folder = slash === 0 ? "" : this.#walk(path.slice(0, slash)).path;
    const node = this.#names.get(`${folder}${path.slice(slash)}`);
    return node?.kind === "link" ? infoOfLink(node.target) : infoOf(this.#walk(path).node);
  }

  realPath(path: string): string {
    this.#meet(path, "realPath");
    return this.#walk(path).path;
  }

  async *readFolder(path: string): AsyncGenerator<FolderEntry> {
    this.#meet(path, "readFolder");
    const { path: folder } = this.#walk(path);
    const names = [...this.#names.keys()].filter((other) => other.startsWith(`${folder}/`));
    for (const name of new Set(names.map((other) => other.slice(folder.length + 1).split("/")[0]!))) {
      const { isFile = false, isDirectory = false, isSymlink = false } = this.lstat(`${folder}/${name}`);
      yield await Promise.resolve({ name, isFile, isDirectory, isSymlink });
    }
  }

  open(path: string): OpenFile {
    this.#meet(path, "open");
    const { node } = this.#walk(path);
    if (node.kind === "special") this.onViolation(new Violation("no FIFO or device is opened", path));
    if (node.kind === "file" && node.isForbidden) throw systemError("EACCES");
    if (this.openFiles >= this.#faults.openMax) throw this.#fail(path, "EMFILE");
    this.openFiles++;
    this.#note("disk", "opens", path);
    return this.#handle(path, node);
  }

  #handle(path: string, node: Found["node"]): OpenFile {
    let isClosed = false;
    const check = (what: string) => {
      if (isClosed) this.onViolation(new Violation("a file is used until it is closed, once", `${what} of ${path}`));
    };
    return {
      stat: () => {
        check("stat");
        this.#meet(path, "fstat");
        return infoOf(node);
      },
      readAt: (position, into) => {
        check("read");
        this.#meet(path, "read");
        if (node.kind !== "file") throw systemError("EISDIR");
        return this.#read(path, node, position, into);
      },
      close: () => {
        check("close");
        isClosed = true;
        this.openFiles--;
        this.#note("disk", "closes", path);
      },
    };
  }

  #read(path: string, node: FileNode, position: number, into: Uint8Array): number {
    if (position >= node.badFrom) throw this.#fail(path, "EIO");
    const end = Math.min(node.length, node.badFrom, position + into.length);
    const available = contentAt(node.offset + position, Math.max(0, end - position));
    const isShort = available.length > 1 && this.#random.chance(this.#faults.shortReads);
    const count = isShort ? this.#random.integer(1, available.length - 1) : available.length;
    into.set(available.subarray(0, count));
    return count;
  }

  /** Counts an operation on `path`, and performs the mishap that is planned for it. */
  #meet(path: string, what: "stat" | "realPath" | "open" | "fstat" | "read" | "readFolder"): void {
    this.touchedMs = this.#timeline.now();
    const number = (this.#operations.get(path) ?? 0) + 1;
    this.#operations.set(path, number);
    const mishap = this.#plans.get(path)?.get(number);
    if (mishap === undefined) return;
    if (isChange(mishap)) return this.befall(path, mishap);
    // Only calls with a name can fail with EACCES, and only opening needs a descriptor.
    if (mishap === "EMFILE" && what === "open") throw this.#fail(path, "EMFILE");
    if (mishap !== "EACCES" || what === "read" || what === "fstat") throw this.#fail(path, "EIO");
    this.#trouble(path, "fails: EACCES");
    throw systemError("EACCES");
  }

  #fail(path: string, code: "EMFILE" | "EIO"): Error {
    const error = systemError(code);
    this.#trouble(path, `fails: ${code}`);
    this.onFailure(error);
    return error;
  }

  #trouble(path: string, what: string): void {
    this.#note("disk", what, path);
    this.#troubles.set(path, this.#timeline.now());
  }

  #put(path: string, node: Node): void {
    this.#names.set(path, node);
    if (node.kind !== "file") return;
    const epochs = this.#epochs.get(path) ?? [];
    this.#epochs.set(path, [...epochs, { offset: node.offset, length: node.length, untilMs: Infinity }]);
  }

  #endEpoch(path: string): void {
    const last = this.#epochs.get(path)?.at(-1);
    if (last !== undefined) last.untilMs = this.#timeline.now();
  }

  #aliases(path: string): string[] {
    const node = this.#names.get(path);
    return node?.kind === "link" ? [path, node.target] : [path];
  }

  /** Resolves a path. It follows links, also in the middle of the path. */
  #walk(path: string, links = 0): Found {
    const names = path.replaceAll("\\", "/").split("/").slice(1);
    let at = "";
    for (const [index, name] of names.entries()) {
      at += `/${name}`;
      const node = this.#names.get(at);
      if (node === undefined) throw systemError("ENOENT");
      if (node.kind === "link") {
        if (links === LINKS_MAX) throw systemError("ELOOP");
        return this.#walk([node.target, ...names.slice(index + 1)].join("/"), links + 1);
      }
      if (index === names.length - 1) return { path: at, node };
      if (node.kind !== "directory") throw systemError("ENOTDIR");
    }
    throw new RangeError(`Not an absolute path: ${path}`);
  }

  #tick(): number {
    const { tickMs } = this.#faults;
    return Math.floor(this.#timeline.wall() / tickMs) * tickMs;
  }
}

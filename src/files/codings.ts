/**
 * Finds or makes the forms of a file in content codings: looks siblings up, encodes small files, and lets a helper
 * encode larger ones. Knows files; not requests.
 * @module
 */

import type { Acceptance, Coding } from "../http/semantics/coding.ts";
import type { Clock } from "../net/clock.ts";
import type { CounterName, Tally } from "../net/tally.ts";
import type { Finding } from "./cache.ts";
import type { CodedForm, CodedForms } from "./coded_forms.ts";
import { encodedTag, isGain } from "./content_codings.ts";
import type { Disk } from "./disk.ts";
import { encode } from "./encode.ts";
import { type FilePath, siblingOf } from "./file_path.ts";
import { pathBelow } from "../paths.ts";
import { RecentEncodings } from "./recent_encodings.ts";
import { HEAD_SPACE_BYTES, Resource } from "./resource.ts";
import type { Shelf } from "./shelf.ts";
import { checksumOf } from "./state_hash.ts";

/** Encodes bytes thoroughly in another thread. Takes the bytes over. Rejects if it cannot. */
export type EncodeElsewhere = (bytes: Uint8Array<ArrayBuffer>, coding: Coding) => Promise<Uint8Array>;

/** The parts of a cache that codings use. */
export interface CodingsOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  /** Where encoded forms are kept. */
  readonly shelf: Shelf;
  /** Encodes larger files; `null`: they are not encoded. */
  readonly encodeElsewhere: EncodeElsewhere | null;
  readonly tally: Tally;
  readonly find: (path: FilePath, nowMs: number) => Finding;
  readonly reuse: (resource: Resource, nowMs: number) => boolean;
  /** How long a check of the disk is used. */
  readonly revalidateMs: number;
}

/** A form that is not there yet. */
export interface Later {
  readonly kind: "later";
  /** Whether it takes milliseconds. If not, others should be sent meanwhile. */
  readonly isSoon: boolean;
  readonly done: Promise<void>;
}

/** What a caller wants. */
export interface Wanted {
  /** On the monotonic clock. */
  readonly nowMs: number;
  /** Whether the client does not accept the content as it is, so that it is encoded without a gain, too. */
  readonly isRequired: boolean;
}

/** Shorter content gains too little. It fits into one packet anyway. */
const ENCODED_BYTES_MIN = 512;

/** Longer content is encoded by the helper, because no call may hold up the loop for more than some milliseconds. */
const QUICK_BYTES_MAX = 128 * 1024;

/** Longer content is not encoded. The helper takes some seconds for it. */
const ENCODED_BYTES_MAX = 8 * 1024 * 1024;

/** Cost of a byte in each coding, compared to Brotli. */
const COSTS: Readonly<Record<Coding, number>> = { br: 1, zstd: 0.25, gzip: 0.5 };

const COUNTERS: Readonly<Record<Coding, CounterName>> = { br: "codedBr", zstd: "codedZstd", gzip: "codedGzip" };

/** Limit of forms that wait for the helper. */
const WAITING_MAX = 64;

/** How long nothing is encoded of a file for which there was no memory, or whose encoding has failed. */
const PAUSE_MS = 10_000;

/**
 * Age at which the bytes of an open file are compared with those that were encoded. A program that writes through a
 * memory map changes the times of the file only when the system writes the pages to disk.
 */
const CHECKSUM_AGE_MS = 10_000;

/** The forms of the files of one cache. */
export class Codings {
  readonly #options: CodingsOptions;
  readonly #recent = new RecentEncodings();
  /** Bytes encoded in this turn of the event loop, and the promise of its end. */
  #turnCost = 0;
  #turnOver: Promise<void> | null = null;
  /** The last work of the helper. It does one after the other. */
  #lastWork: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(options: CodingsOptions) {
    this.#options = options;
  }

  /** The form that was chosen for such a client a moment ago, which the caller must close; `null`: look for it. */
  findAgain(forms: CodedForms, acceptance: Acceptance, nowMs: number): Resource | null {
    const chosen = forms.chosenFor(acceptance, nowMs - this.#options.revalidateMs);
    if (chosen === null) return null;
    chosen.cacheState!.uses++;
    chosen.hold();
    return chosen;
  }

  /** The form of `base` in a coding, which the caller must close; `null`: there is none. The caller holds `base`. */
  find(base: Resource, coding: Coding, wanted: Wanted): Resource | Later | null {
    const { forms } = base;
    if (forms === null) return null;
    return this.#sibling(base, forms, coding, wanted.nowMs) ?? this.#encoded(base, forms, coding, wanted);
  }

  /** Counts an answer in a coding. */
  count(coding: Coding): void {
    this.#options.tally.counts[COUNTERS[coding]]++;
  }

  /** Looks up whether `base` has siblings, once. */
  lookForSiblings(base: Resource, codings: readonly Coding[], nowMs: number): void {
    const { forms } = base;
    if (forms === null) return;
    forms.isLookedUp = true;
    for (const coding of codings) this.#sibling(base, forms, coding, nowMs)?.close();
  }

  #sibling(base: Resource, forms: CodedForms, coding: Coding, nowMs: number): Resource | null {
    const { reuse, revalidateMs } = this.#options;
    if (!forms.path.siblings.includes(coding)) return null;
    const form = forms.in(coding);
    if (form.sibling !== null) {
      if (reuse(form.sibling, nowMs)) return form.sibling;
      form.sibling = null;
    } else if (nowMs - form.lookedMs < revalidateMs) return null;
    form.lookedMs = nowMs;
    const found = this.#lookUp(siblingOf(forms.path, base.type, coding), nowMs);
    if (found?.kind !== "file") {
      if (found !== null) form.lookedMs = found.knownMs;
      return null;
    }
    if (!isUsable(found, base)) {
      found.close();
      return null;
    }
    if (found.cacheState !== null) {
      form.sibling = found;
      found.form = form;
    }
    if (!forms.hasSibling) base.forgetAnswers(); // They have no Vary field.
    forms.hasSibling = true;
    return found;
  }

  /** What is at a path; `null`: the disk does not say. The file itself can be sent all the same. */
  #lookUp(path: FilePath, nowMs: number): Finding | null {
    const { disk, find } = this.#options;
    try {
      // Most files have no siblings.
      if (disk.exists?.(pathBelow(path.root, path.segments)) === false) return null;
      return find(path, nowMs);
    } catch {
      return null;
    }
  }

  #encoded(base: Resource, forms: CodedForms, coding: Coding, wanted: Wanted): Resource | Later | null {
    const form = forms.in(coding);
    const kept = this.#kept(base, form, wanted.nowMs);
    if (kept !== null) return kept;
    if (!forms.isCompressible || base.length > ENCODED_BYTES_MAX) return null;
    if (!wanted.isRequired && !this.#isWorthwhile(base, forms, wanted.nowMs)) return null;
    if (base.length > QUICK_BYTES_MAX) return this.#encodeLater(base, forms, coding, wanted.nowMs);
    const cost = base.length * COSTS[coding];
    const done = this.#beginTurn();
    if (this.#turnCost > 0 && this.#turnCost + cost > QUICK_BYTES_MAX) return { kind: "later", isSoon: true, done };
    this.#turnCost += cost;
    try {
      return this.#encodeNow(base, forms, coding, wanted);
    } catch {
      forms.pausedUntilMs = wanted.nowMs + PAUSE_MS; // The disk has failed. Sending the file itself reports that.
      return null;
    }
  }

  /** Files without a place in the cache would be encoded for each request. Files that have just changed have none yet. */
  #isWorthwhile(base: Resource, forms: CodedForms, nowMs: number): boolean {
    const isNew = base.etag.startsWith("W/") && this.#options.shelf.takes(forms.path.key);
    const isKept = base.cacheState !== null || isNew;
    return isKept && base.length >= ENCODED_BYTES_MIN && !forms.isIncompressible && !isPaused(forms, nowMs);
  }

  /** The encoded form in the cache; `null`: there is none, or the bytes of the open file are others now. */
  #kept(base: Resource, { encoded, checksum }: CodedForm, nowMs: number): Resource | null {
    const cacheState = encoded?.cacheState ?? null;
    if (encoded === null || cacheState === null) return null;
    // A file in memory is read again by the cache. Its forms go with it.
    if (base.isOpen && nowMs - cacheState.readMs > CHECKSUM_AGE_MS) {
      const source = base.read(this.#options.clock.wall());
      if (source === null || checksumOf(source) !== checksum) {
        this.#options.shelf.remove(encoded, cacheState);
        return null;
      }
      cacheState.readMs = nowMs;
    }
    cacheState.uses++;
    encoded.hold();
    return encoded;
  }

  /** The end of this turn of the event loop. Others have their turns then. */
  #beginTurn(): Promise<void> {
    return this.#turnOver ??= this.#options.clock.sleep(0).then(() => {
      this.#turnOver = null;
      this.#turnCost = 0;
    });
  }

  #encodeNow(base: Resource, forms: CodedForms, coding: Coding, { nowMs, isRequired }: Wanted): Resource | null {
    const source = base.read(this.#options.clock.wall());
    if (source === null) return null;
    const encodeQuickly = () => encode(source, coding, "quick");
    // Without a strong tag the bytes may change while the state of the file does not.
    const bytes = base.cacheState === null
      ? this.#recent.of({ key: forms.path.key, coding, source }, encodeQuickly)
      : encodeQuickly();
    if (!isGain(base.length, bytes.length)) {
      forms.isIncompressible = true;
      if (!isRequired) return null;
    }
    return this.#keep(base, forms, coding, { source, bytes }, nowMs);
  }

  #encodeLater(base: Resource, forms: CodedForms, coding: Coding, nowMs: number): Later | null {
    const { encodeElsewhere } = this.#options;
    const form = forms.in(coding);
    if (encodeElsewhere === null || base.cacheState === null || isPaused(forms, nowMs)) return null;
    if (form.pending === null && this.#waiting >= WAITING_MAX) return null;
    form.pending ??= this.#enqueue(form, () => this.#work(encodeElsewhere, base, forms, coding));
    return { kind: "later", isSoon: false, done: form.pending };
  }

  /** Does the work when its turn has come. It does not hold the file, because only the cache's files are encoded. */
  #enqueue(form: CodedForm, work: () => Promise<void>): Promise<void> {
    this.#waiting++;
    return this.#lastWork = this.#lastWork.then(work).finally(() => {
      form.pending = null;
      this.#waiting--;
    });
  }

  async #work(encode: EncodeElsewhere, base: Resource, forms: CodedForms, coding: Coding): Promise<void> {
    const { clock } = this.#options;
    try {
      if (base.cacheState === null) return; // The file has changed or was evicted.
      const source = base.read(clock.wall());
      if (source === null) return;
      const bytes = await encode(source.slice(), coding);
      const isUseful = isGain(base.length, bytes.length);
      if (!isUseful) forms.isIncompressible = true;
      if (isUseful && base.cacheState !== null) this.#keep(base, forms, coding, { source, bytes }, clock.now()).close();
    } catch {
      forms.pausedUntilMs = clock.now() + PAUSE_MS; // The helper has ended or the disk has failed. It is tried again.
    }
  }

  /** The encoded form as a resource, which the caller must close. It is kept if there is memory. */
  #keep(base: Resource, forms: CodedForms, coding: Coding, { source, bytes }: Encoded, nowMs: number): Resource {
    const { shelf, tally } = this.#options;
    tally.counts.encodings++;
    const resource = encodedForm(base, coding, bytes);
    const key = `${forms.path.key}\0${coding}`;
    const hasRoom = base.cacheState !== null && shelf.makeRoomForEncoded(key, bytes.length, base.cacheState.uses);
    const { cacheState } = base; // Making room may have evicted the file itself.
    if (hasRoom && cacheState !== null) {
      shelf.keep(resource, { ...cacheState, key, readMs: nowMs });
      const form = forms.in(coding);
      form.encoded = resource;
      resource.form = form;
      if (base.isOpen) form.checksum = checksumOf(source);
    } else forms.pausedUntilMs = nowMs + PAUSE_MS;
    return resource;
  }
}

function isPaused({ pausedUntilMs }: CodedForms, nowMs: number): boolean {
  return pausedUntilMs !== null && nowMs < pausedUntilMs;
}

/** Bytes before and after their encoding. */
interface Encoded {
  readonly source: Uint8Array<ArrayBuffer>;
  readonly bytes: Uint8Array;
}

/** A sibling counts if it is not older than the file. An empty file is content in no coding. */
function isUsable(sibling: Resource, base: Resource): boolean {
  return sibling.length > 0 && sibling.modifiedMs >= base.modifiedMs;
}

function encodedForm(base: Resource, coding: Coding, bytes: Uint8Array): Resource {
  const { type, additions, lastModified, modifiedMs, etag } = base;
  const memory = new Uint8Array(HEAD_SPACE_BYTES + bytes.length);
  memory.set(bytes, HEAD_SPACE_BYTES);
  return new Resource({
    length: bytes.length,
    media: { type, coding },
    additions,
    lastModified,
    modifiedMs,
    etag: encodedTag(etag, coding),
    origin: "encoded",
    forms: null,
    memory,
    file: null,
  });
}

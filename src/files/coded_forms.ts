/**
 * The forms of one state of a file in content codings: siblings that somebody has made beside the file, and forms that
 * this server has encoded. Holds them; does not find or make them.
 * @module
 */

import { type Acceptance, type Coding, CODINGS } from "../http/semantics/coding.ts";
import type { FilePath } from "./file_path.ts";
import type { Resource } from "./resource.ts";

/** What is known about one coding. */
export class CodedForm {
  /** The sibling in the cache; `null`: it is not cached, or there is none. */
  sibling: Resource | null = null;
  /** When the sibling was last looked up, on the monotonic clock. */
  lookedMs = -Infinity;
  /** The encoded form; `null`: it was not made. It may have been evicted since. */
  encoded: Resource | null = null;
  /** The checksum of the bytes that were encoded. */
  checksum = 0;
  /** The work of the helper thread on it; `null`: none. */
  pending: Promise<void> | null = null;
  readonly #forms: CodedForms;

  constructor(forms: CodedForms) {
    this.#forms = forms;
  }

  /** When the disk was last asked for the sibling; `Infinity`: it was not. */
  get checkedMs(): number {
    if (this.sibling !== null) return this.sibling.cacheState?.snapshot.placeCheckedMs ?? -Infinity;
    return this.lookedMs === -Infinity ? Infinity : this.lookedMs;
  }

  /** Forgets a resource that was removed from the cache, so that its memory can be freed. */
  forget(resource: Resource): void {
    if (this.sibling === resource) this.sibling = null;
    if (this.encoded === resource) this.encoded = null;
    this.#forms.forget(resource);
  }
}

/** A form that was chosen for what a client accepts, so that the next such request need not look for it. */
interface Choice {
  readonly acceptance: Acceptance;
  readonly chosen: Resource;
  /** When its siblings were checked, on the monotonic clock: the oldest check counts. */
  readonly checkedMs: number;
}

/** More kinds of clients than ask for one file in a tenth of a second. */
const CHOICES_MAX = 4;

const NO_CHOICES: readonly Choice[] = [];
const NO_FORMS: readonly (CodedForm | null)[] = [];

/** The forms of one state of a file. */
export class CodedForms {
  /** Whether one of the siblings was there. */
  hasSibling = false;
  /** Whether all siblings were looked up once. */
  isLookedUp = false;
  /** Whether encoding the content gains too little. */
  isIncompressible = false;
  /** Until then nothing is encoded, because there was no memory or the helper has failed; `null`: neither was so. */
  pausedUntilMs: number | null = null;
  /** In the order of `CODINGS`; empty: no client has asked for one. */
  #forms = NO_FORMS;
  #choices = NO_CHOICES;

  /** `path` is that of the file. `isCompressible`: the type of the content suggests that codings make it shorter. */
  constructor(readonly path: FilePath, readonly isCompressible: boolean) {}

  /** Whether the answer depends on what codings the client accepts. */
  get isVarying(): boolean {
    return this.isCompressible || this.hasSibling;
  }

  /** Whether `isVarying` is not known yet. */
  get needsLookUp(): boolean {
    return !this.isCompressible && !this.isLookedUp;
  }

  /** The form in a coding. */
  in(coding: Coding): CodedForm {
    const index = CODINGS.indexOf(coding);
    const known = this.#forms[index] ?? null;
    if (known !== null) return known;
    const form = new CodedForm(this);
    this.#forms = CODINGS.map((_, at) => at === index ? form : this.#forms[at] ?? null);
    return form;
  }

  /** The form that was chosen at `checkedMs` or later, if it is still in the cache; `null`: it must be looked for. */
  chosenFor(acceptance: Acceptance, checkedMs: number): Resource | null {
    for (const choice of this.#choices) {
      if (choice.acceptance !== acceptance) continue;
      return choice.checkedMs > checkedMs && choice.chosen.cacheState !== null ? choice.chosen : null;
    }
    return null;
  }

  /** Remembers a choice. A form that is read from an open file is looked for each time, because its bytes may change. */
  remember(acceptance: Acceptance, chosen: Resource, nowMs: number): void {
    if (chosen.isOpen || chosen.cacheState === null) return;
    let checkedMs = nowMs;
    for (const coding of acceptance.codings) {
      checkedMs = Math.min(checkedMs, this.in(coding).checkedMs);
      if (coding === chosen.coding) break; // Later ones were not looked for.
    }
    const others = this.#choices.filter((choice) => choice.acceptance !== acceptance).slice(1 - CHOICES_MAX);
    this.#choices = [...others, { acceptance, chosen, checkedMs }];
  }

  /** Forgets the choice of a form, so that its memory can be freed. */
  forget(form: Resource): void {
    this.#choices = this.#choices.filter(({ chosen }) => chosen !== form);
  }

  /** Whether the server has encoded one of the forms. */
  get hasEncoded(): boolean {
    return this.#forms.some((form) => form !== null && form.encoded !== null);
  }

  /** Calls `call` for each form that the server has encoded. */
  forEachEncoded(call: (encoded: Resource) => void): void {
    for (const form of this.#forms) {
      if (form !== null && form.encoded !== null) call(form.encoded);
    }
  }
}

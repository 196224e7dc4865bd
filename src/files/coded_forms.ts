/**
 * The forms of one state of a file in content codings: siblings that somebody has made beside the file, and forms that
 * this server has encoded. Holds them; does not find or make them.
 * @module
 */

import type { Coding } from "../http/semantics/coding.ts";
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
  /** The work of the helper thread on it; `null`: none. */
  pending: Promise<void> | null = null;

  /** Forgets a resource that was removed from the cache, so that its memory can be freed. */
  forget(resource: Resource): void {
    if (this.sibling === resource) this.sibling = null;
    if (this.encoded === resource) this.encoded = null;
  }
}

/** The forms of one state of a file. */
export class CodedForms {
  /** Whether one of the siblings was there. */
  hasSibling = false;
  /** Whether all siblings were looked up once. */
  isLookedUp = false;
  /** Whether encoding the content gains too little. */
  isIncompressible = false;
  /** Until then nothing is encoded, because there was no memory or the helper has failed. */
  pausedUntilMs = -Infinity;
  readonly #forms = new Map<Coding, CodedForm>();

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
    const known = this.#forms.get(coding);
    if (known !== undefined) return known;
    const form = new CodedForm();
    this.#forms.set(coding, form);
    return form;
  }

  /** Calls `call` for each form that the server has encoded. */
  forEachEncoded(call: (encoded: Resource) => void): void {
    for (const { encoded } of this.#forms.values()) {
      if (encoded !== null) call(encoded);
    }
  }
}

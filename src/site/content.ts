/**
 * A resource as the content of a response: its describing fields and its bytes.
 * @module
 */

import type { Resource } from "../files/resource.ts";
import { merge } from "../http/additions.ts";
import type { Field, HeadSpace, KnownContent, Piece } from "../http/response.ts";

/** Fields with the same value are one object, because thousands of files have it. */
const typeFields = new Map<string, Field>();
const cacheControlFields = new Map<string, Field>();

/** More types or policies than a site has. */
const SHARED_FIELDS_MAX = 1024;

function sharedField(fields: Map<string, Field>, name: string, value: string): Field {
  const known = fields.get(value);
  if (known !== undefined) return known;
  if (fields.size >= SHARED_FIELDS_MAX) fields.clear();
  const field: Field = [name, value];
  fields.set(value, field);
  return field;
}

/** Content-Type, Content-Encoding, and the describing fields that its host adds. */
export function mediaFields({ type, coding, additions }: Resource): readonly Field[] {
  const typeField = sharedField(typeFields, "Content-Type", type);
  return merge(coding === null ? [typeField] : [typeField, ["Content-Encoding", coding]], additions.describing);
}

/** Cache-Control, if its host sets it. */
export function cacheFields({ additions: { cacheControl } }: Resource): Field[] {
  return cacheControl === null ? [] : [sharedField(cacheControlFields, "Cache-Control", cacheControl)];
}

/** The answer depends on Accept-Encoding. */
export const BY_CODING: Field = ["Vary", "Accept-Encoding"];

/** Vary, if the resource was chosen among several. */
export function varyFields({ isVarying }: Resource): Field[] {
  return isVarying ? [BY_CODING] : [];
}

/** ETag. */
export function etagField({ etag }: Resource): Field {
  return ["ETag", etag];
}

/** The whole content. */
export function wholeContent(resource: Resource): KnownContent {
  return new WholeContent(resource);
}

/**
 * The whole content of a resource. Its pieces are made when they are needed, because a cached file nearly always is sent
 * from the block that contains it.
 */
class WholeContent implements KnownContent {
  readonly kind = "known";

  constructor(readonly resource: Resource) {}

  get length(): number {
    return this.resource.length;
  }

  get pieces(): readonly Piece[] {
    return [this.resource.slice(0, this.resource.length)];
  }

  get headSpace(): HeadSpace | undefined {
    return this.resource.isOpen ? undefined : this.resource;
  }

  close(): void {
    this.resource.close();
  }
}

/** Pieces of a resource, and other pieces between them, `length` bytes in all. Closes the resource once. */
export class ResourceContent implements KnownContent {
  readonly kind = "known";

  constructor(
    readonly resource: Resource,
    readonly pieces: readonly Piece[],
    readonly length: number,
  ) {}

  close(): void {
    this.resource.close();
  }
}

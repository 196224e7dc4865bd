/**
 * A resource as the content of a response: its describing fields and its bytes.
 * @module
 */

import type { Resource } from "../files/resource.ts";
import { merge } from "../http/additions.ts";
import type { Field, HeadSpace, KnownContent, Piece } from "../http/response.ts";

/** Content-Type, Content-Encoding, and the describing fields that its host adds. */
export function mediaFields({ type, coding, additions }: Resource): readonly Field[] {
  const typeField: Field = ["Content-Type", type];
  return merge(coding === null ? [typeField] : [typeField, ["Content-Encoding", coding]], additions.describing);
}

/** Cache-Control, if its host sets it. */
export function cacheFields({ additions: { cacheControl } }: Resource): Field[] {
  return cacheControl === null ? [] : [["Cache-Control", cacheControl]];
}

/** The answer depends on Accept-Encoding. */
export const BY_CODING: Field = ["Vary", "Accept-Encoding"];

/** Vary, if the resource was chosen among several. */
export function varyFields({ isVarying }: Resource): Field[] {
  return isVarying ? [BY_CODING] : [];
}

/** ETag. */
export function etagField({ validator }: Resource): Field {
  return ["ETag", validator.etag];
}

/** The whole content. */
export function wholeContent(resource: Resource): KnownContent {
  const { length } = resource;
  return new ResourceContent(resource, [resource.slice(0, length)], length, resource.headSpace ?? undefined);
}

/** Pieces of a resource, and other pieces between them, `length` bytes in all. Closes the resource once. */
export class ResourceContent implements KnownContent {
  readonly kind = "known";

  constructor(
    readonly resource: Resource,
    readonly pieces: readonly Piece[],
    readonly length: number,
    readonly headSpace?: HeadSpace,
  ) {}

  close(): void {
    this.resource.close();
  }
}

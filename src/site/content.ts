/**
 * A resource as the content of a response: what describes it, and its bytes.
 * @module
 */

import type { Resource } from "../files/resource.ts";
import { merge } from "../http/additions.ts";
import type { Field, HeadSpace, KnownContent, Piece } from "../http/response.ts";

/** Its type, its coding, and what its host adds to describe it. */
export function mediaFields({ type, coding, additions }: Resource): readonly Field[] {
  const typeField: Field = ["Content-Type", type];
  return merge(coding === null ? [typeField] : [typeField, ["Content-Encoding", coding]], additions.describing);
}

/** How long it may be cached, if its host says that. */
export function cacheFields({ additions: { cacheControl } }: Resource): Field[] {
  return cacheControl === null ? [] : [["Cache-Control", cacheControl]];
}

/** Its entity tag. */
export function etagField({ validator }: Resource): Field {
  return ["ETag", validator.etag];
}

/** The whole content. */
export function wholeContent(resource: Resource): KnownContent {
  const { length } = resource;
  return new ResourceContent(resource, [resource.slice(0, length)], length, resource.headSpace ?? undefined);
}

/** Pieces of it, and others between them, `length` bytes in all. Closes the resource once. */
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

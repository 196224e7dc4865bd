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

/** All of it. */
export function wholeContent(resource: Resource): KnownContent {
  return contentOf(resource, [resource.slice(0, resource.length)], resource.headSpace);
}

/** Pieces of it, and others between them. Closes the resource once. */
export function contentOf(
  resource: Resource,
  pieces: readonly Piece[],
  headSpace: HeadSpace | null = null,
): KnownContent {
  const content: KnownContent = {
    kind: "known",
    length: pieces.reduce((sum, { length }) => sum + length, 0),
    pieces,
    close: () => resource.close(),
  };
  return headSpace === null ? content : { ...content, headSpace };
}

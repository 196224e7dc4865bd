/**
 * The encoder: a thread without any permission that encodes content, so that the threads that serve are not held up. It
 * receives everything by messages.
 * @module
 */

import { permit } from "../config/permissions.ts";
import { encode } from "../files/encode.ts";
import type { Coding } from "../http/semantics/coding.ts";
import { checkSandbox } from "./sandbox_check.ts";

/** Orders to the encoder. `start` comes first, once. */
export type EncoderOrder =
  /** `outside`: paths that it must not be able to read, for the check of its permissions. */
  | { readonly kind: "start"; readonly outside: readonly string[] }
  | { readonly kind: "encode"; readonly bytes: Uint8Array<ArrayBuffer>; readonly coding: Coding };

/** Reports of the encoder: one for each order to encode, in their order. */
export type EncoderReport =
  | { readonly kind: "encoded"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "failed"; readonly message: string }
  /** It has permissions, so it must not be used. */
  | { readonly kind: "sandbox too wide"; readonly problems: readonly string[] };

declare const self: EncoderScope;

interface EncoderScope {
  onmessage: ((event: MessageEvent<EncoderOrder>) => void) | null;
  postMessage(report: EncoderReport, transfer?: Transferable[]): void;
}

self.onmessage = ({ data }) => {
  if (data.kind === "encode") return answer(data);
  const problems = checkSandbox(permit({}), data.outside);
  if (problems.length > 0) self.postMessage({ kind: "sandbox too wide", problems });
};

function answer({ bytes, coding }: Extract<EncoderOrder, { kind: "encode" }>): void {
  try {
    const encoded = encode(bytes, coding, "thorough").slice(); // The encoders may return a part of a larger buffer.
    self.postMessage({ kind: "encoded", bytes: encoded }, [encoded.buffer]);
  } catch (error) {
    self.postMessage({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

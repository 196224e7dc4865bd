/**
 * Encodes in another thread, as a worker sees it: sends the bytes to the supervisor, and waits for its order with the
 * result.
 * @module
 */

import type { Coding } from "../http/semantics/coding.ts";

/** A request to encode. */
export interface EncodeRequest {
  readonly kind: "encode";
  /** Distinguishes the requests of one worker. */
  readonly id: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly coding: Coding;
}

/** The result; `null`: it could not be encoded. */
export interface EncodeResult {
  readonly kind: "encoded";
  readonly id: number;
  readonly bytes: Uint8Array<ArrayBuffer> | null;
}

interface Waiting {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** The requests that wait. */
export class EncoderClient {
  readonly #post: (request: EncodeRequest) => void;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  /** `post` sends a request, and takes its bytes over. */
  constructor(post: (request: EncodeRequest) => void) {
    this.#post = post;
  }

  /** `bytes` in a coding. Takes the bytes over. Rejects if they could not be encoded. */
  readonly encode = (bytes: Uint8Array<ArrayBuffer>, coding: Coding): Promise<Uint8Array> => {
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    this.#waiting.set(id, { resolve, reject });
    this.#post({ kind: "encode", id, bytes, coding });
    return promise;
  };

  /** A result has arrived. */
  settle({ id, bytes }: EncodeResult): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (bytes === null) waiting?.reject(new Error("it could not be encoded"));
    else waiting?.resolve(bytes);
  }
}

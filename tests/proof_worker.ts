/**
 * A worker that proves its scope when it is told to, for proof_test.ts.
 */

import { type ProofOptions, prove } from "../src/proof.ts";

declare const self: {
  onmessage: (event: MessageEvent<ProofOptions>) => void;
  postMessage(attempts: readonly string[]): void;
};

self.onmessage = ({ data }) => self.postMessage(prove(data));

/**
 * A worker that proves its scope when it is told to, for proof_test.ts.
 */

import type { Permissions } from "../src/config/permissions.ts";
import { prove } from "../src/process/proof.ts";

declare const self: {
  onmessage: (event: MessageEvent<{ readonly permissions: Permissions; readonly outside: readonly string[] }>) => void;
  postMessage(problems: readonly string[]): void;
};

self.onmessage = ({ data }) => self.postMessage(prove(data.permissions, data.outside));

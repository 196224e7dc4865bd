/**
 * A worker that checks its sandbox on a message, for sandbox_check_test.ts.
 */

import type { Permissions } from "../src/config/permissions.ts";
import { checkSandbox } from "../src/process/sandbox_check.ts";

declare const self: {
  onmessage: (event: MessageEvent<{ readonly permissions: Permissions; readonly outside: readonly string[] }>) => void;
  postMessage(problems: readonly string[]): void;
};

self.onmessage = ({ data }) => self.postMessage(checkSandbox(data.permissions, data.outside));

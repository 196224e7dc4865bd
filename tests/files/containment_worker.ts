/**
 * Selects files without our own check, within the permissions of this worker. So every refusal comes from the runtime.
 */

import { systemDisk } from "../../src/files/disk.ts";
import { lookUp } from "../../src/files/look_up.ts";
import { contentOf } from "./folder.ts";

declare const self: {
  onmessage: (event: MessageEvent<ContainmentOrder>) => void;
  postMessage(outcomes: readonly string[]): void;
};

/** Segments of paths below a root. */
export interface ContainmentOrder {
  readonly root: string;
  readonly paths: readonly (readonly string[])[];
}

self.onmessage = ({ data: { root, paths } }) => {
  self.postMessage(paths.map((segments) => contentOf(lookUp(systemDisk, root, segments, { isContained: () => true }))));
};

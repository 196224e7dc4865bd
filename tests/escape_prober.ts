/**
 * Asks for targets below a root without our own containment check: what it returns is what the runtime's scope lets through.
 * Run as a process of its own (ring 1) or as a worker (ring 2) by escape_test.ts.
 */

import { systemDisk } from "../src/files/disk.ts";
import { lookUp } from "../src/files/look_up.ts";
import { isRefusal } from "../src/http/status.ts";
import { parseTarget } from "../src/http/target.ts";

/** What to ask for, and how often. */
export interface Probe {
  readonly root: string;
  readonly targets: readonly string[];
  readonly times: number;
}

/** All that was read, one entry a target: the content, or why there is none. Of many times, what first differed from `"(forbidden)"`. */
export function probe({ root, targets, times }: Probe): string[] {
  return targets.map((target) => {
    let outcome = "";
    for (let time = 0; time < times; time++) {
      outcome = ask(root, target);
      if (!outcome.startsWith("(")) break;
    }
    return outcome;
  });
}

function ask(root: string, target: string): string {
  const parsed = parseTarget(target, "GET");
  if (isRefusal(parsed) || parsed.kind !== "path") return "(refused)";
  const found = lookUp(systemDisk, root, parsed.segments, { isContained: () => true });
  if (found.kind !== "file") return `(${found.kind === "none" ? found.why : found.kind})`;
  const bytes = new Uint8Array(100);
  const count = found.file.readAt(0, bytes);
  found.file.close();
  return new TextDecoder().decode(bytes.subarray(0, count));
}

declare const self: {
  onmessage: (event: MessageEvent<Probe>) => void;
  postMessage(outcomes: readonly string[]): void;
};

if (import.meta.main && Deno.args[0] !== undefined) console.log(JSON.stringify(probe(JSON.parse(Deno.args[0]))));
else self.onmessage = ({ data }) => self.postMessage(probe(data));

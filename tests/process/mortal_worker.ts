/**
 * A worker that can be made to die: it obeys the file `.fate` in its first root, as narrowed as any other.
 */

import "../../src/process/worker.ts";
import type { Order } from "../../src/process/worker.ts";

declare const self: { readonly name: string; onmessage: (event: MessageEvent<Order>) => void };

const obey = self.onmessage;

self.onmessage = (event) => {
  if (event.data.kind === "start") watchFate(event.data.config.hosts[0]!.root);
  obey(event);
};

/** `throw sweepd worker 1`: this worker throws. `hang ...`: it does not come back for three seconds. */
function watchFate(root: string): void {
  setInterval(() => {
    const [fate, name] = readFate(`${root}/.fate`);
    if (name !== self.name) return;
    if (fate === "throw") throw new Error("fate");
    if (fate === "reject") Promise.reject(new Error("fate"));
    if (fate === "hang") hang();
  }, 10);
}

/** Longer than a worker of the tests may be silent. */
const HANG_MS = 3_000;

function hang(): void {
  const endMs = performance.now() + HANG_MS;
  while (performance.now() < endMs);
}

function readFate(path: string): readonly [fate: string, name: string] {
  try {
    const [, fate = "", name = ""] = /^(\w+) (.*)$/.exec(Deno.readTextFileSync(path)) ?? [];
    return [fate, name];
  } catch {
    return ["", ""]; // Not decided yet.
  }
}

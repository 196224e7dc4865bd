/**
 * The proof of a worker's scope: what is not denied is told.
 */

import { assertEquals } from "@std/assert";

const OPTIONS = { outside: ["/", "web.conf"], root: "www", hostname: "127.0.0.1" };

async function proveIn(permissions: Deno.PermissionOptionsObject): Promise<string[]> {
  const module = new URL("./proof_worker.ts", import.meta.url);
  const worker = new Worker(module.href, { type: "module", deno: { permissions } });
  const { promise, resolve } = Promise.withResolvers<string[]>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.postMessage(OPTIONS);
  const attempts = await promise;
  worker.terminate();
  return attempts;
}

/** Everything that `prove` tries is denied. */
const NARROW = { read: ["www"], net: ["127.0.0.1:9999"], env: false, write: false, run: false, sys: false, ffi: false };

Deno.test("prove() of a worker with exactly its scope has nothing to tell", async () => {
  assertEquals(await proveIn(NARROW), []);
});

for (
  const [kind, wider, attempts] of [
    ["read", { read: true }, ["read /", "read web.conf"]],
    ["net", { net: true }, ["listen on another port"]],
    ["env", { env: true }, ["read the environment"]],
    ["write", { write: true }, ["write"]],
  ] as const satisfies readonly (readonly [string, Deno.PermissionOptionsObject, readonly string[]])[]
) {
  Deno.test(`prove() tells what a worker could do that was given all of ${kind}`, async () => {
    assertEquals(await proveIn({ ...NARROW, ...wider }), [...attempts]);
  });
}

/**
 * The proof of a worker's permissions: what is not denied is told, and what cannot be told is not taken for either.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { PROJECT } from "./process.ts";
import { type Kind, permit, runtimePermissions } from "../src/config/permissions.ts";

const PERMISSIONS = permit({
  read: [{ what: "www", origin: "web.conf:1" }],
  net: [{ what: "127.0.0.1:9999", origin: "default" }],
});

async function proveIn(granted: Deno.PermissionOptionsObject): Promise<string[]> {
  const module = new URL("./proof_worker.ts", import.meta.url);
  const worker = new Worker(module.href, { type: "module", deno: { permissions: granted } });
  const { promise, resolve } = Promise.withResolvers<string[]>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.postMessage({ permissions: PERMISSIONS, outside: ["/", "web.conf"] });
  const problems = await promise;
  worker.terminate();
  return problems;
}

Deno.test("prove() of a worker with exactly its permissions has nothing to tell", async () => {
  assertEquals(await proveIn(runtimePermissions(PERMISSIONS)), []);
});

/** What the test itself may do, a worker of it can be given. */
const WIDER = [
  ["read", ["read /", "read web.conf"]],
  ["write", ["write"]],
  ["net", ["listen on another port"]],
  ["env", ["read the environment"]],
  ["run", ["run a program"]],
] as const satisfies readonly (readonly [Kind, readonly string[]])[];

for (const [kind, attempts] of WIDER) {
  Deno.test(`prove() tells what a worker could do that was given all of ${kind}`, async () => {
    const problems = await proveIn({ ...runtimePermissions(PERMISSIONS), [kind]: true });
    assertEquals(problems, attempts.map((what) => `a worker could ${what}, and must not`));
  });
}

const IN_A_FOLDER_THAT_IS_GONE = `
const folder = Deno.cwd();
Deno.removeSync(folder);
const permissions = { read: ["/"], net: ["127.0.0.1:9"], env: false, write: false, run: false, sys: false, ffi: false, import: false };
const worker = new Worker("file://PROJECT/tests/proof_worker.ts", { type: "module", deno: { permissions } });
worker.onmessage = ({ data }) => { console.log(data.join("\\n")); worker.terminate(); };
const nothing = { read: [], write: [], net: [], env: [], sys: [], run: [], ffi: [], import: [] };
worker.postMessage({ permissions: nothing, outside: ["web.conf"] });
`;

Deno.test({
  name: "prove() says that it cannot tell, and why, where the runtime does not know what a path names",
  ignore: Deno.build.os === "windows", // There a folder that is somebody's working folder cannot be removed.
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "sweepd_gone_" });
    const script = await Deno.makeTempFile({ suffix: ".ts" });
    try {
      await Deno.writeTextFile(script, IN_A_FOLDER_THAT_IS_GONE.replaceAll("PROJECT", PROJECT));
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-check", "-A", "--config", `${PROJECT}/deno.json`, script],
        cwd: folder,
      }).output();
      const text = new TextDecoder();
      const said = text.decode(stdout);
      assertMatch(said, /^whether a worker could read web\.conf cannot be told: .*No such file/m, text.decode(stderr));
      assertEquals(said.includes("could read web.conf, and must not"), false);
    } finally {
      await Deno.remove(script);
    }
  },
});

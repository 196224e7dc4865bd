/**
 * The check of a worker's sandbox: it lists what the worker could do, and what is unknown is neither permitted nor denied.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { PROJECT } from "./process.ts";
import { type Kind, permit, runtimePermissions } from "../src/config/permissions.ts";

const PERMISSIONS = permit({
  read: [{ what: "www", origin: "web.conf:1" }],
  net: [{ what: "127.0.0.1:9999", origin: "default" }],
});

async function problemsIn(granted: Deno.PermissionOptionsObject): Promise<string[]> {
  const module = new URL("./sandbox_check_worker.ts", import.meta.url);
  const worker = new Worker(module.href, { type: "module", deno: { permissions: granted } });
  const { promise, resolve } = Promise.withResolvers<string[]>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.postMessage({ permissions: PERMISSIONS, outside: ["/", "web.conf"] });
  const problems = await promise;
  worker.terminate();
  return problems;
}

Deno.test("checkSandbox() finds no problem in a worker with exactly its permissions", async () => {
  assertEquals(await problemsIn(runtimePermissions(PERMISSIONS)), []);
});

/** Only permissions that the test itself has, because a worker cannot have others. */
const WIDER = [
  ["read", ["read /", "read web.conf"]],
  ["write", ["write"]],
  ["net", ["listen on another port"]],
  ["env", ["read the environment"]],
  ["run", ["run a program"]],
] as const satisfies readonly (readonly [Kind, readonly string[]])[];

for (const [kind, attempts] of WIDER) {
  Deno.test(`checkSandbox() lists what a worker with all of ${kind} could do`, async () => {
    const problems = await problemsIn({ ...runtimePermissions(PERMISSIONS), [kind]: true });
    assertEquals(problems, attempts.map((what) => `it could ${what}`));
  });
}

const IN_A_FOLDER_THAT_IS_GONE = `
const folder = Deno.cwd();
Deno.removeSync(folder);
const permissions = { read: ["/"], net: ["127.0.0.1:9"], env: false, write: false, run: false, sys: false, ffi: false, import: false };
const worker = new Worker("file://PROJECT/tests/sandbox_check_worker.ts", { type: "module", deno: { permissions } });
worker.onmessage = ({ data }) => { console.log(data.join("\\n")); worker.terminate(); };
const nothing = { read: [], write: [], net: [], env: [], sys: [], run: [], ffi: [], import: [] };
worker.postMessage({ permissions: nothing, outside: ["web.conf"] });
`;

Deno.test({
  name: "checkSandbox() says that a result is unknown, and why, if the runtime cannot check a path",
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
      assertMatch(said, /^it may be able to read web\.conf: .*No such file/m, text.decode(stderr));
      assertEquals(said.includes("it could read web.conf"), false);
    } finally {
      await Deno.remove(script);
    }
  },
});

/**
 * More than twenty ways out of the root, against the process's permissions alone, a worker's alone, and everything together.
 */

import { assert, assertEquals } from "@std/assert";
import { exchange, get } from "./client.ts";
import type { Probe } from "./escape_prober.ts";
import { PROJECT } from "./process.ts";
import { withSite } from "./site.ts";
import { TempFolder } from "./temp_folder.ts";

const SECRET = "secret";

/** Targets that lead out of the root that `prepare` makes, by links or by their spelling. */
const WAYS_OUT = [
  "/link-to-file",
  "/link-to-link",
  "/link-to-link-to-link",
  "/absolute-link",
  "/link-to-folder/secret.txt",
  "/link-to-folder/deeper/secret.txt",
  "/chain/secret.txt",
  "/link-to-parent/secret.txt",
  "/sub/link-up",
  "/sub/deeper/link-up",
  "/link-that-leaves-and-comes-back-and-leaves",
  "/sub/..%2f..%2fsecret.txt",
  "/../secret.txt",
  "/sub/../../secret.txt",
  "/%2e%2e/secret.txt",
  "/%2e%2e%2fsecret.txt",
  "/..%5csecret.txt",
  "/..\\secret.txt",
  "/%252e%252e/secret.txt",
  "/%c0%ae%c0%ae/secret.txt",
  "/.../secret.txt",
  "/sub/%2e%2e/%2e%2e/secret.txt",
  "//../secret.txt",
  "/ABSOLUTE/secret.txt",
  "/file://ABSOLUTE/secret.txt",
];

/** Targets that lead by links to what is hidden within that root. */
const WAYS_TO_HIDDEN = [
  "/.env",
  "/link-to-hidden",
  "/link-to-link-to-hidden",
  "/absolute-link-to-hidden",
  "/link-to-hidden-folder",
  "/link-to-hidden-folder/",
  "/link-to-hidden-folder/secret.txt",
  "/link-to-hidden-folder/deeper/secret.txt",
  "/sub/link-to-hidden",
  "/sub/",
  "/link-out-and-into-hidden",
  "/link-to-inner-well-known/secret.txt",
  "/link-to-well-known/.secret.txt",
  "/.well-known/link-to-hidden",
];

/** A folder with a secret, and in it a root with links that lead to it. */
async function prepare(folder: string): Promise<string> {
  const root = `${folder}/root`;
  await Deno.mkdir(`${root}/sub/deeper`, { recursive: true });
  await Deno.mkdir(`${folder}/outside/deeper`, { recursive: true });
  for (const path of ["secret.txt", "outside/secret.txt", "outside/deeper/secret.txt"]) {
    await Deno.writeTextFile(`${folder}/${path}`, SECRET);
  }
  await Deno.writeTextFile(`${root}/inside.txt`, "inside");
  for (const path of [".git/deeper", "sub/.well-known", ".well-known"]) {
    await Deno.mkdir(`${root}/${path}`, { recursive: true });
    await Deno.writeTextFile(`${root}/${path}/secret.txt`, SECRET);
  }
  for (const path of [".env", ".git/secret.txt", ".git/index.html", ".well-known/.secret.txt"]) {
    await Deno.writeTextFile(`${root}/${path}`, SECRET);
  }
  await Deno.writeTextFile(`${root}/.well-known/security.txt`, "contact");
  const links = {
    "link-to-file": "../secret.txt",
    "link-to-link": "link-to-file",
    "link-to-link-to-link": "link-to-link",
    "absolute-link": `${folder}/secret.txt`,
    "link-to-folder": "../outside",
    "chain": "link-to-folder",
    "link-to-parent": "..",
    "sub/link-up": "../../secret.txt",
    "sub/deeper/link-up": "../link-up",
    "link-that-leaves-and-comes-back-and-leaves": "../root/link-to-file",
    "swapped": "inside.txt",
    "link-to-hidden": ".env",
    "link-to-link-to-hidden": "link-to-hidden",
    "absolute-link-to-hidden": `${root}/.env`,
    "link-to-hidden-folder": ".git",
    "sub/link-to-hidden": "../.git/secret.txt",
    "sub/index.html": "../.git/index.html",
    "link-out-and-into-hidden": "../root/sub/../.env",
    "link-to-inner-well-known": "sub/.well-known",
    "link-to-well-known": ".well-known",
    ".well-known/link-to-hidden": "../.env",
  };
  for (const [path, target] of Object.entries(links)) await Deno.symlink(target, `${root}/${path}`);
  return root;
}

async function withRoot(test: (root: string, targets: readonly string[]) => Promise<void>): Promise<void> {
  using folder = new TempFolder();
  await test(await prepare(folder.path), WAYS_OUT.map((target) => target.replace("/ABSOLUTE", folder.path)));
}

/** Ring 1 alone: a process that was given the root; its main thread asks, without our containment check. */
async function inProcess(probe: Probe): Promise<string[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--allow-read=${probe.root}`,
      `${PROJECT}/tests/escape_prober.ts`,
      JSON.stringify(probe),
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Ring 2 alone: a worker that was given the root, in a process that may read everything, without our containment check. */
async function inWorker(probe: Probe): Promise<string[]> {
  const permissions: Deno.PermissionOptionsObject = {
    read: [probe.root],
    net: false,
    env: false,
    run: false,
    write: false,
  };
  const worker = new Worker(new URL("./escape_prober.ts", import.meta.url), { type: "module", deno: { permissions } });
  const { promise, resolve, reject } = Promise.withResolvers<string[]>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => reject(new Error(event.message));
  worker.postMessage(probe);
  try {
    return await promise;
  } finally {
    worker.terminate();
  }
}

for (const [ring, ask] of [["the process's permissions", inProcess], ["a worker's permissions", inWorker]] as const) {
  Deno.test(`no way out of the root gets past ${ring} alone`, async () => {
    await withRoot(async (root, targets) => {
      const [inside, ...outcomes] = await ask({ root, targets: ["/inside.txt", ...targets], times: 1 });
      assertEquals(inside, "inside");
      outcomes.forEach((outcome, index) => assert(/^\((?:forbidden|refused|absent)\)$/.test(outcome), targets[index]));
    });
  });

  Deno.test(`a link that is swapped all the time gets nothing past ${ring} alone`, async () => {
    await withRoot(async (root) => {
      await using _swapping = swap(root);
      const [outcome = ""] = await ask({ root, targets: ["/swapped"], times: 3000 });
      assert(!outcome.includes(SECRET), outcome);
    });
  });
}

Deno.test("no way out of the root gets past the server", async () => {
  await withRoot(async (root, targets) => {
    await withSite({ conf: `host default ${root}\n` }, async ({ port }) => {
      assertEquals((await exchange(port, get("/inside.txt"))).text, "inside");
      for (const target of targets) {
        const { status, text } = await exchange(port, get(target));
        assert([400, 403, 404].includes(status) && !text.includes(SECRET), `${status} for ${target}`);
      }
    });
  });
});

Deno.test("no way to what is hidden gets past the server", async () => {
  await withRoot(async (root) => {
    await withSite({ conf: `host default ${root}\n` }, async ({ port }) => {
      assertEquals((await exchange(port, get("/link-to-well-known/security.txt"))).text, "contact");
      for (const target of WAYS_TO_HIDDEN) {
        const { status, text } = await exchange(port, get(target));
        assert([403, 404].includes(status) && !text.includes(SECRET), `${status} for ${target}`);
      }
    });
  });
});

for (const target of ["../secret.txt", ".env"]) {
  Deno.test(`a link that is swapped with ${target} all the time gets nothing past the server`, async () => {
    await withRoot(async (root) => {
      await withSite({ conf: `host default ${root}\nparameter revalidate 0\n` }, async ({ port }) => {
        await using _swapping = swap(root, target);
        for (let time = 0; time < 300; time++) {
          const { text } = await exchange(port, get("/swapped"));
          assert(!text.includes(SECRET));
        }
      });
    });
  });
}

/** Lets `swapped` lead to what it may and to `target` in turn, as fast as it goes, in a process of its own. */
function swap(root: string, target = "../secret.txt"): AsyncDisposable {
  const script = `while :; do ln -sfn ${target} "$0/swapped"; ln -sfn inside.txt "$0/swapped"; done`;
  const child = new Deno.Command("timeout", { args: ["20", "sh", "-c", script, root], stderr: "null" }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

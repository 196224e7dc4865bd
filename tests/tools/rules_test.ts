/** Each rule about a binary catches a build that breaks it, and lets a good one pass. */

import { assertEquals } from "@std/assert";
import type { Embedded } from "../../src/embedded.ts";
import {
  checkEntryPoint,
  checkFeatures,
  checkFormat,
  checkMachinePaths,
  checkPermissions,
  checkPresent,
  checkPrompt,
  checkSurplus,
  type Expected,
  verify,
} from "../../tools/rules.ts";
import { embedded, PERMISSIONS, SETTINGS, TREE } from "./crafted.ts";

const EXPECTED: Expected = {
  flavour: "scoped",
  permissions: PERMISSIONS,
  argv: [],
  features: ["net", "worker-options"],
  format: "ELF x86_64",
  machinePaths: ["/build/project", "C:\\Users\\me"],
  embeddedFiles: [],
};

const ELF = Uint8Array.from({ length: 64 }, (_, at) => [0x7f, 0x45, 0x4c, 0x46][at] ?? (at === 18 ? 0x3e : 0));

function withPermissions(changes: Embedded["permissions"]): Embedded {
  const { prompt: _, ...permissions } = SETTINGS.permissions;
  return embedded({ permissions: { ...permissions, ...changes } });
}

Deno.test("verify() has nothing against a build that is as it was asked for", () => {
  assertEquals(verify(ELF, embedded(), EXPECTED), []);
});

Deno.test("checkFormat() catches a base for another platform", () => {
  assertEquals(checkFormat(ELF, { ...EXPECTED, format: "PE aarch64" }), [
    "it is for ELF x86_64 and should be for PE aarch64",
  ]);
  assertEquals(checkFormat(new Uint8Array(64), EXPECTED), ["it is for no known platform and should be for ELF x86_64"]);
});

for (
  const [changes, problem] of [
    [{ allow_read: [] }, "allow_read is everything and should be web.conf, www"],
    [
      { allow_read: ["web.conf", "www", "/etc"] },
      "allow_read is web.conf, www, /etc and should be web.conf, www",
    ],
    [
      { allow_read: ["/build/web.conf", "www"] },
      "allow_read is /build/web.conf, www and should be web.conf, www",
    ],
    [{ allow_read: ["web.conf"] }, "allow_read is web.conf and should be web.conf, www"],
    [{ allow_read: null }, "allow_read is nothing and should be web.conf, www"],
    [{ allow_net: [] }, "allow_net is everything and should be [::]:8080, 0.0.0.0:8080"],
    [{ allow_write: ["log"] }, "allow_write is log and should be nothing"],
    [{ allow_write: [] }, "allow_write is everything and should be nothing"],
    [{ allow_env: [] }, "allow_env is everything and should be nothing"],
    [{ allow_run: ["sh"] }, "allow_run is sh and should be nothing"],
    [{ allow_ffi: [] }, "allow_ffi is everything and should be nothing"],
    [{ allow_sys: [] }, "allow_sys is everything and should be networkInterfaces"],
    [
      { allow_sys: ["networkInterfaces", "hostname"] },
      "allow_sys is networkInterfaces, hostname and should be networkInterfaces",
    ],
    [{ deny_read: ["www/private"] }, "deny_read is www/private and should be nothing"],
    [{ ignore_env: [] }, "ignore_env is everything and should be nothing"],
    [{ deny_import: null }, "it may import modules from the network"],
    [{ deny_import: ["jsr.io:443"] }, "it may import modules from the network"],
  ] as const satisfies readonly (readonly [Embedded["permissions"], string])[]
) {
  Deno.test(`checkPermissions() catches ${JSON.stringify(changes)}`, () => {
    assertEquals(checkPermissions(withPermissions(changes), EXPECTED), [problem]);
  });
}

Deno.test("checkPermissions() takes everything where everything was asked for, and nothing where nothing was", () => {
  const portable = { ...PERMISSIONS, read: "everything", net: "everything" } as const;
  assertEquals(
    checkPermissions(withPermissions({ allow_read: [], allow_net: [] }), { ...EXPECTED, permissions: portable }),
    [],
  );
  const inside = { ...PERMISSIONS, read: [] };
  assertEquals(checkPermissions(withPermissions({ allow_read: null }), { ...EXPECTED, permissions: inside }), []);
  assertEquals(checkPermissions(withPermissions({ allow_read: [] }), { ...EXPECTED, permissions: inside }).length, 1);
});

Deno.test("checkPrompt() catches a binary that would ask", () => {
  assertEquals(checkPrompt(embedded()), []);
  assertEquals(checkPrompt(embedded({ prompt: true })), ["it would stop to ask for permissions"]);
});

Deno.test("checkFeatures() catches one that is missing and one too many", () => {
  assertEquals(checkFeatures(embedded({ features: ["net", "ffi"] }), EXPECTED), [
    "the feature worker-options is missing",
    "the feature ffi is on",
  ]);
});

Deno.test("checkEntryPoint() catches another main module, and other arguments", () => {
  assertEquals(checkEntryPoint(embedded({ entryPoint: "src/worker.ts" }), EXPECTED), [
    'it starts "src/worker.ts" and should start "main.ts"',
  ]);
  assertEquals(checkEntryPoint(embedded({ argv: ["-p", "0"] }), EXPECTED), [
    'it starts "main.ts -p 0" and should start "main.ts"',
  ]);
  assertEquals(checkEntryPoint(embedded(), { ...EXPECTED, argv: ["-c", "my.conf"] }).length, 1);
});

Deno.test("checkPresent() misses the worker, and files of an embedded site", () => {
  const { "src/worker.ts": _, ...withoutWorker } = TREE;
  assertEquals(checkPresent(embedded({}, withoutWorker), EXPECTED), ["src/worker.ts is not embedded"]);
  assertEquals(checkPresent(embedded(), { ...EXPECTED, embeddedFiles: ["web.conf", "0/index.html"] }), [
    "embedded/web.conf is not embedded",
    "embedded/0/index.html is not embedded",
  ]);
});

for (
  const path of [
    ".env",
    "web.conf",
    "www/index.html",
    "src/notes.md",
    "tests/cli_test.ts",
    "embedded/0/.htpasswd",
    "node_modules/x/mod.js",
    ".deno_compile_node_modules/localhost/fast-check/4.10.2/lib/fast-check.js",
    ".deno_compile_node_modules/localhost/@scope/deno-std/1.0.0/mod.js",
    ".git/config",
  ]
) {
  Deno.test(`checkSurplus() catches ${path}`, () => {
    const problems = checkSurplus(embedded({}, { ...TREE, [path]: "x" }), EXPECTED);
    assertEquals(problems, [`${path} is embedded and should not be`]);
  });
}

Deno.test("checkMachinePaths() finds folders of the build machine in settings, names, sources and what was made of them", () => {
  const settings = { ...SETTINGS, code_cache: "/build/project/cache" };
  assertEquals(checkMachinePaths(embedded({ settings }), EXPECTED), ["the settings name /build/project"]);
  const inText = embedded({}, { ...TREE, "src/a.ts": '"file:///build/project/src/a.ts"' });
  assertEquals(checkMachinePaths(inText, EXPECTED), ["src/a.ts names /build/project"]);
  const windows = embedded({}, { ...TREE, "src/a.ts": '"C:\\\\Users\\\\me\\\\sweepd"' });
  assertEquals(checkMachinePaths(windows, EXPECTED), ["src/a.ts names C:\\Users\\me"]);
  const derived = new TextEncoder().encode('{"sources":["/build/project/main.ts"]}');
  const inMap = embedded({ files: [{ path: "main.ts", bytes: new Uint8Array(), derived: [derived] }] });
  assertEquals(checkMachinePaths(inMap, EXPECTED), ["main.ts names /build/project"]);
});

Deno.test("checkMachinePaths() leaves alone what web.conf names, and words that only look alike", () => {
  const permissions = { ...SETTINGS.permissions, allow_read: ["/build/project/www"] };
  const tree = {
    ...TREE,
    "build.json": '"/build/project"',
    "embedded/0/a": "/build/project",
    "src/a.ts": "./build/project2",
  };
  assertEquals(checkMachinePaths(embedded({ settings: { ...SETTINGS, permissions } }, tree), EXPECTED), []);
});

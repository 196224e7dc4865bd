/** Each rule about a binary catches a build that breaks it, and lets a good one pass. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Embedded, readEmbedded } from "../../src/cli/embedded.ts";
import {
  checkEntryPoint,
  checkFeatures,
  checkFormat,
  checkMachinePaths,
  checkPermissions,
  checkPresent,
  checkPrompt,
  checkRuntime,
  checkSurplus,
  type Expected,
  verify,
} from "../../tools/rules.ts";
import { base, craft, embedded, PERMISSIONS, SETTINGS, TREE, type Tree } from "./crafted.ts";

const EXPECTED: Expected = {
  flavour: "scoped",
  permissions: PERMISSIONS,
  argv: [],
  features: ["net", "worker-options"],
  format: "ELF x86_64",
  runtime: "2.9.6",
  machinePaths: ["/build/project", "C:\\Users\\me"],
  embeddedFiles: [],
};

const ELF = new TextEncoder().encode(base("2.9.6"));

function withPermissions(changes: Embedded["permissions"]): Embedded {
  const { prompt: _, ...permissions } = SETTINGS.permissions;
  return embedded({ permissions: { ...permissions, ...changes } });
}

/** What `verify` has against an executable that holds these. */
function problemsOf(settings: unknown, tree: Tree = TREE, runtime = EXPECTED.runtime): string[] {
  const executable = craft(settings, tree, base(runtime));
  const read = readEmbedded(executable);
  if (typeof read === "string") throw new Error(read);
  return verify(executable, read, EXPECTED);
}

Deno.test("verify() has nothing against a build that is as it was asked for", () => {
  assertEquals(problemsOf(SETTINGS), []);
});

/** Settings with other permissions. */
function permitted(changes: Readonly<Record<string, unknown>>) {
  return { ...SETTINGS, permissions: { ...SETTINGS.permissions, ...changes } };
}

/** All files but one. */
function without(path: string): Tree {
  return Object.fromEntries(Object.entries(TREE).filter(([name]) => name !== path));
}

const TESTS_PACKAGE = ".deno_compile_node_modules/localhost/fast-check/4.10.2/lib/fast-check.js";

for (
  const [what, settings, tree, problem] of [
    ["no --no-prompt", permitted({ prompt: true }), TREE, /^it would stop to ask for permissions$/],
    ["no --deny-import", permitted({ deny_import: null }), TREE, /^it may import modules from the network$/],
    ["all of reading", permitted({ allow_read: [] }), TREE, /^allow_read is everything and should be web\.conf, www$/],
    ["all permissions", permitted({ allow_all: [], allow_run: [] }), TREE, /^allow_run is everything/],
    [
      "a root as an absolute path",
      permitted({ allow_read: ["web.conf", "/www"] }),
      TREE,
      /^allow_read is web\.conf, \/www /,
    ],
    ["another port", permitted({ allow_net: ["[::]:1", "0.0.0.0:8080"] }), TREE, /^allow_net is \[::\]:1, /],
    ["writing", permitted({ allow_write: ["www"] }), TREE, /^allow_write is www and should be nothing$/],
    [
      "an unstable feature",
      { ...SETTINGS, unstable_config: { features: ["net", "worker-options", "kv"] } },
      TREE,
      /^the feature kv is on$/,
    ],
    ["no unstable features", { ...SETTINGS, unstable_config: { features: [] } }, TREE, /^the feature net is missing$/],
    ["no worker", SETTINGS, without("src/process/worker.ts"), /^src\/process\/worker\.ts is not embedded$/],
    [
      "the packages of the tests",
      SETTINGS,
      { ...TREE, [TESTS_PACKAGE]: "x" },
      /fast-check.* is embedded and should not be/,
    ],
    ["the lock file", SETTINGS, { ...TREE, "deno.lock": "{}" }, /^deno\.lock is embedded and should not be$/],
    ["arguments", { ...SETTINGS, argv: ["--quiet"] }, TREE, /^it starts "main\.ts --quiet"/],
    [
      "sources that name the build machine",
      SETTINGS,
      { ...TREE, "src/version.ts": '"/build/project/src"' },
      /^src\/version\.ts names \/build\/project$/,
    ],
    [
      "a code cache",
      { ...SETTINGS, code_cache_key: 1407112884497484 },
      TREE,
      /^it would run compiled code from/,
    ],
    [
      "no word of a code cache",
      { ...SETTINGS, code_cache_key: undefined },
      TREE,
      /^it would run compiled code from/,
    ],
    [
      "a module that is imported and not there",
      SETTINGS,
      { ...TREE, "src/cli/main.ts": 'await import("./replay.ts")' },
      /^src\/cli\/main\.ts imports src\/cli\/replay\.ts, which is not embedded$/,
    ],
    [
      "the time when it was built",
      SETTINGS,
      { ...TREE, "deno.json": { text: "{}", timeMs: 1795811962829 } },
      /^deno\.json has a time of its own/,
    ],
    [
      "telemetry",
      { ...SETTINGS, otel_config: { ...SETTINGS.otel_config, tracing_enabled: true } },
      TREE,
      /^its setting otel_config is .*which no rule allows$/,
    ],
    [
      "an environment file",
      { ...SETTINGS, env_vars_from_env_file: { SECRET: "x" } },
      TREE,
      /^its setting env_vars_from_env_file is \{"SECRET"/,
    ],
    [
      "a module that runs first",
      { ...SETTINGS, preload_modules: ["file:///a.ts"] },
      TREE,
      /^its setting preload_modules is /,
    ],
    [
      "flags for V8",
      { ...SETTINGS, v8_flags: [...SETTINGS.v8_flags, "--expose-gc"] },
      TREE,
      /^its setting v8_flags is /,
    ],
    ["a certificate authority", { ...SETTINGS, ca_data: [1] }, TREE, /^its setting ca_data is \[1\]/],
    [
      "files that it unpacks to a disk",
      { ...SETTINGS, self_extracting: "abc" },
      TREE,
      /^its setting self_extracting is "abc"/,
    ],
    [
      "a setting that nobody knows",
      { ...SETTINGS, brand_new: null },
      TREE,
      /^its setting brand_new is null, which no rule allows$/,
    ],
  ] as const satisfies readonly (readonly [string, unknown, Tree, RegExp])[]
) {
  Deno.test(`verify() catches a build with ${what}`, () => {
    const problems = problemsOf(settings, tree);
    assert(problems.some((text) => problem.test(text)), JSON.stringify(problems));
  });
}

Deno.test("verify() catches a runtime of another version, and one that does not tell", () => {
  assertEquals(problemsOf(SETTINGS, TREE, "2.7.11"), [
    "its runtime should be Deno 2.9.6, but it is Deno 2.7.11, Deno 0.80.0",
  ]);
  assertMatch(
    problemsOf(SETTINGS, TREE, "2.9.60").join(),
    /^its runtime should be Deno 2\.9\.6, but it is Deno 2\.9\.60/,
  );
  assertEquals(problemsOf(SETTINGS, TREE, "?").length, 1);
  const silent = new Uint8Array(64);
  assertEquals(checkRuntime(silent, embedded({ start: 64, end: 64 }), EXPECTED), [
    "its runtime should be Deno 2.9.6, but its version is unknown",
  ]);
});

Deno.test("verify() does not take the version from what is embedded", () => {
  const tree = { ...TREE, "src/version.ts": "Deno/2.9.6" };
  assertEquals(problemsOf(SETTINGS, tree, "2.7.11").length, 1);
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
  assertEquals(checkEntryPoint(embedded({ entryPoint: "src/process/worker.ts" }), EXPECTED), [
    'it starts "src/process/worker.ts" and should start "main.ts"',
  ]);
  assertEquals(checkEntryPoint(embedded({ argv: ["-p", "0"] }), EXPECTED), [
    'it starts "main.ts -p 0" and should start "main.ts"',
  ]);
  assertEquals(checkEntryPoint(embedded(), { ...EXPECTED, argv: ["-c", "my.conf"] }).length, 1);
});

Deno.test("checkPresent() misses the worker, and files of an embedded site", () => {
  const { "src/process/worker.ts": _, ...withoutWorker } = TREE;
  assertEquals(checkPresent(embedded({}, withoutWorker), EXPECTED), ["src/process/worker.ts is not embedded"]);
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
    "tests/cli/cli_test.ts",
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
  const inMap = embedded({ files: [{ path: "main.ts", bytes: new Uint8Array(), derived: [derived], timeMs: null }] });
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

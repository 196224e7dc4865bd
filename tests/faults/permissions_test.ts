/**
 * What the process and its workers may do: told in the same words everywhere, asked for with the same questions by start, reload
 * and check, and never found out by a visitor who is refused everything.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exchange, get } from "../client.ts";
import { outputOf, run, ServerProcess } from "../process.ts";
import { craft, SETTINGS, TREE } from "../tools/crafted.ts";
import { freePort, planOf, programOf, withFiles } from "../tools/staged.ts";
import type { Flavour } from "../../src/config/build.ts";
import {
  allowFlags,
  describeGranted,
  describePermissions,
  KINDS,
  type Permissions,
  runtimePermissions,
} from "../../src/config/permissions.ts";
import { explainMissing } from "../../src/config/remedy.ts";
import { absolute } from "../../src/config/roots.ts";
import { describeEmbedded, readEmbedded } from "../../src/cli/embedded.ts";
import { describeProcess, listPermissions } from "../../src/process/process.ts";
import { workerPermissions } from "../../src/process/scope.ts";
import { type Stage, withStage } from "../../tools/stage.ts";

/** The runtime's flags as the compiler embeds them. */
function embeddedOf(permissions: Permissions): string {
  const lists = KINDS.map((kind) => [`allow_${kind}`, null]).concat(
    allowFlags(permissions).map((flag) => {
      const [, kind, list] = /^--allow-(\w+)(?:=(.*))?$/.exec(flag) ?? [];
      return [`allow_${kind}`, list?.split(",") ?? []] as never;
    }),
  );
  const settings = { ...SETTINGS, permissions: { ...Object.fromEntries(lists), prompt: false } };
  const embedded = readEmbedded(craft(settings, TREE));
  if (typeof embedded === "string") throw new Error(embedded);
  return describeEmbedded(embedded);
}

async function say(stage: Stage, cwd: string, ...args: readonly string[]) {
  const { command, args: flags } = programOf(stage);
  const options = { cwd, env: { NO_COLOR: "1" }, stdin: "null", stdout: "piped", stderr: "piped" } as const;
  return await outputOf(new Deno.Command(command, { args: [...flags, ...args], ...options }).spawn());
}

for (
  const [what, text, flavour] of [
    ["every address", "host default www\n", "scoped"],
    ["an IPv6 address, and roots with blanks", 'host default "my photos"\nparameter address ::1\n', "scoped"],
    ["0.0.0.0, and roots inside each other", "host a www/a/b\nhost b www\nparameter address 0.0.0.0\n", "scoped"],
    ["any free port", "host default www\nhost b www\nparameter port 0\n", "scoped"],
    ["a portable binary", "host default www\n", "portable"],
    ["an embedded site", "host default www\n", "embedded"],
  ] as const satisfies readonly (readonly [string, string, Flavour])[]
) {
  Deno.test(`each place that tells of permissions tells the same of ${what}`, async () => {
    await withFiles({ "www/a/b/index.html": "x", "my photos/x": "x", "web.conf": text }, async (cwd) => {
      const plan = planOf(flavour === "embedded" ? text.replace("www", `"${cwd}/www"`) : text, flavour);
      await withStage(plan, async (stage) => {
        const { permissions } = stage.build;
        const words = KINDS.map((kind) => `${kind.padEnd(7)} ${describeGranted(kind, permissions[kind])}\n`).join("");
        assertEquals(
          embeddedOf(permissions).split("\n").slice(0, KINDS.length).map(oneBlank),
          lines(words).map(oneBlank),
        );
        // The program that stands in for the binary may also read its own files, which a binary need not be told.
        const given = processWords(permissions, cwd);
        if (flavour !== "embedded") assertEquals((await say(stage, cwd, "--permissions")).stdout, given.list);
        for (const kind of KINDS.filter((kind) => permissions[kind].length > 0)) {
          assertStringIncludes(describeProcess(permissions), `${kind} ${describeGranted(kind, permissions[kind])}`);
        }
        // A worker's roots are absolute: the folder that it was started in may be another one later.
        const hosts = plan.config.hosts.map((host) => ({ ...host, root: absolute(host.root, cwd) }));
        const ofWorker = workerPermissions({ ...plan.config, hosts });
        checkWorkers(ofWorker);
        const checked = await say(stage, cwd, "check");
        for (const [label, fact] of describePermissions(ofWorker)) {
          if (flavour !== "embedded") assertStringIncludes(checked.stdout, `# a worker ${label} ${fact}\n`);
        }
        if (flavour !== "embedded") assertStringIncludes(checked.stdout, `# the process ${given.line}\n`);
      });
    });
  });
}

/** What a running program says that it was given: its paths are those of the folder that it was started in. */
function processWords({ read, ...others }: Permissions, cwd: string) {
  const paths = read === "everything" ? read : read.map((grant) => ({ ...grant, what: absolute(grant.what, cwd) }));
  const given = { ...others, read: paths };
  return { line: describeProcess(given), list: listPermissions(given) };
}

/** What the runtime is told, and what people are told when it is missing, are the same grants. */
function checkWorkers(permissions: Permissions): void {
  const given = runtimePermissions(permissions);
  const refusal = explainMissing(permissions, null);
  for (const kind of ["read", "net"] as const) {
    const granted = permissions[kind];
    assert(granted !== "everything");
    assertEquals(given[kind], granted.length === 0 ? false : granted.map(({ what }) => what));
    for (const grant of granted) {
      assertStringIncludes(refusal, describeGranted(kind, [grant]));
      assert(
        describePermissions(permissions).some(([, text]) =>
          text === `${describeGranted(kind, [grant])} (${grant.origin})`
        ),
      );
    }
  }
}

function lines(text: string): string[] {
  return text.trimEnd().split("\n");
}

function oneBlank(line: string): string {
  return line.replace(/ +/, " ");
}

Deno.test("check refuses what the start refuses, in the same words", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = freePort();
  const text = `host default www\nparameter port ${port}\nparameter address 127.0.0.1\n`;
  const files = {
    "www/index.html": "x",
    "other/x": "x",
    "web.conf": text,
    "wider.conf": `${text}host b.org other\n`,
    "wrong.conf": "parameter port x\n",
  };
  await withFiles(files, async (cwd) => {
    const both = async (start: () => Promise<{ code: number; stderr: string }>, check: typeof start) => {
      const [started, checked] = [await start(), await check()];
      assertEquals([started.code, checked.code], [1, 1], started.stderr + checked.stderr);
      assertEquals(checked.stderr, started.stderr);
    };
    await withStage(planOf(text), async (stage) => {
      for (const args of [["-p", "1"], ["-a", "::"], ["other"], ["-c", "wider.conf"]]) {
        await both(() => say(stage, cwd, ...args), () => say(stage, cwd, "check", ...args));
      }
      await Deno.writeTextFile(`${cwd}/web.conf`, files["wider.conf"]);
      await both(() => say(stage, cwd), () => say(stage, cwd, "check"));
      await both(() => say(stage, `${cwd}/www`), () => say(stage, `${cwd}/www`, "check")); // There is no web.conf.
    });
    for (
      const args of [
        ["-c", "wrong.conf"],
        ["-c", "none.conf"],
        ["nowhere"],
        ["-a", "127.0.0.1", "-p", `${taken.addr.port}`],
        ["-a", "192.0.2.1"],
      ]
    ) {
      await both(() => run(args, { cwd }), () => run(["check", ...args], { cwd }));
    }
  });
});

Deno.test("a binary advises no flag of the runtime, because it takes none", async () => {
  await withFiles({ "www/index.html": "x", "other/x": "x" }, async (cwd) => {
    const text = `host default www\nparameter port ${freePort()}\nparameter address 127.0.0.1\n`;
    await Deno.writeTextFile(`${cwd}/web.conf`, text);
    await withStage(planOf(text), async (stage) => {
      for (const args of [["-p", "1"], ["other"], ["-c", "my.conf"], ["--capture", "file"], ["check", "other"]]) {
        const { stderr } = await say(stage, cwd, ...args);
        assertMatch(stderr, /may not (?:read|write|listen on) /);
        assertEquals(stderr.includes("--allow"), false, stderr);
      }
    });
  });
});

Deno.test("an embedded program never names the place where its files seem to lie, which exists nowhere", async () => {
  await withFiles({ "www/a.txt": "x" }, async (cwd) => {
    const text = `host default "${cwd}/www"\nparameter port ${freePort()}\nparameter address 127.0.0.1\n`;
    await withStage(planOf(text, "embedded"), async (stage) => {
      const options = { cwd, source: stage.folder };
      await using plain = await ServerProcess.start([], options);
      await using json = await ServerProcess.start(["--json"], options);
      const checked = await run(["check", "-p", "0"], options);
      for (const said of [plain.banner, json.banner, checked.stdout + checked.stderr]) {
        assertStringIncludes(said, "the files in this program");
        assertEquals(said.includes(stage.folder), false, said);
      }
    });
  });
});

/** The runtime closes /dev to this test, too. */
async function shell(command: string, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(text.decode(stderr));
  return text.decode(stdout).trim();
}

Deno.test({
  name: "a root that the runtime closes, itself or through a link, is refused at the start, by check, and by a reload",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const closed = await shell("mktemp", "-d", "/dev/shm/sweepd_closed_XXXXXX");
    try {
      const files = {
        "www/index.html": "open",
        "web.conf": "host default www\n",
        "closed.conf": `host default www\nhost b.org ${closed}\n`,
        "linked.conf": "host default linked\n",
        "proc.conf": "host default /proc/self/cwd\nhost b.org /sys/class\n",
      };
      await withFiles(files, async (cwd) => {
        await Deno.symlink(closed, `${cwd}/linked`);
        const reason = `${closed} and lies in /dev, which the runtime opens only`;
        for (
          const [args, message] of [
            [["-c", "closed.conf"], `closed.conf:2:1: error: the root of host "b.org", ${closed}, is ${reason}`],
            [["-c", "linked.conf"], `linked.conf:1:1: error: the root of host "default", ${cwd}/linked, is ${reason}`],
            [["-c", "proc.conf"], `proc.conf:2:1: error: the root of host "b.org", /sys/class, is /sys/class and lies`],
            [[closed], `sweepd: ${closed} is ${reason}`],
            [["linked"], `sweepd: ${cwd}/linked is ${reason}`],
          ] as const
        ) {
          for (const verb of [[], ["check"]]) {
            const { code, stderr } = await run([...verb, ...args], { cwd });
            assertEquals(code, 1, stderr);
            assertStringIncludes(stderr, message);
          }
        }
        await using server = await ServerProcess.start(["-a", "127.0.0.1"], { cwd });
        await Deno.writeTextFile(`${cwd}/web.conf`, files["closed.conf"]);
        server.signal("SIGHUP");
        await until(() => server.banner.includes("the old configuration stays"), () => server.banner);
        assertStringIncludes(server.banner, `web.conf:2:1: error: the root of host "b.org", ${closed}, is ${reason}`);
        assertEquals((await exchange(server.port, get("/"))).text, "open");
      });
    } finally {
      await shell("rm", "-r", closed);
    }
  },
});

Deno.test({
  name: "a working folder that the runtime closes is told as the reason, not a missing permission",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const cwd = await shell("mktemp", "-d", "/dev/shm/sweepd_closed_XXXXXX");
    try {
      const { code, stderr } = await run([], { cwd });
      assertEquals([code, lines(stderr).length], [1, 1], stderr);
      assertStringIncludes(stderr, "lies in /dev, which the runtime opens only");
    } finally {
      await shell("rm", "-r", cwd);
    }
  },
});

async function until(holds: () => boolean, explain: () => string): Promise<void> {
  for (let turn = 0; turn < 400 && !holds(); turn++) await new Promise((resolve) => setTimeout(resolve, 50));
  assert(holds(), explain());
}

/** What the doctor says of a machine: in words, in JSON, and by its exit code. */

import { assertEquals, assertMatch } from "@std/assert";
import { parseConfig } from "../../src/config/parse.ts";
import { describeFindings, type Finding } from "../../src/doctor/findings.ts";
import { checkLogs } from "../../src/doctor/logs.ts";
import { checkClock, checkMemory } from "../../src/doctor/machine.ts";
import { findTraps } from "../../src/doctor/traps.ts";
import { type Ended, run } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";

const PREFIX = ["bash", "-c", 'ulimit -n 200; exec "$@"', "bash"];

/** Runs the doctor in a folder with a site on a free port. */
async function examine(
  conf = "host default www\n",
  options: Parameters<typeof run>[1] = {},
  ...args: string[]
): Promise<Ended> {
  using folder = new TempFolder();
  folder.write("www/index.html", "<p>");
  folder.write("web.conf", `parameter port ${freePort()}\n${conf}`);
  await Deno.chmod(folder.path, 0o755);
  return await run(["doctor", ...args], { cwd: folder.path, ...options });
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}

Deno.test("a healthy machine: exit code 0", async () => {
  const { code, stdout } = await examine();
  assertEquals(code, 0, stdout);
  assertMatch(stdout, /^ok +configuration +\/\S+\/web\.conf: 1 host$/m);
  assertMatch(stdout, /^ok +port +nothing else uses port \d+$/m);
  assertMatch(stdout, /^ok +folders +\/\S+\/www \(host default\): readable, with one entry$/m);
  assertMatch(stdout, /^ok +memory +the cache uses \d+ MiB of memory for .*, because \d+ [MG]iB are free$/m);
  assertMatch(stdout, /^ok +self-test +60 of 60 checks passed/m);
});

Deno.test("checkMemory() warns of caches that are larger than the free memory", () => {
  const verdictOf = (conf: string, freeBytes: number | null) => {
    const { config } = parseConfig(`host default www\n${conf}`, "web.conf");
    return checkMemory(config, { workers: 2, freeBytes }).verdict;
  };
  const free = 256 * 1024 * 1024;
  assertEquals(
    [
      verdictOf("", free),
      verdictOf("", 0),
      verdictOf("", null),
      verdictOf("parameter cache 128", free),
      verdictOf("parameter cache 129", free),
      verdictOf("parameter cache 129", null),
    ],
    ["fine", "fine", "note", "fine", "warning", "note"],
  );
});

Deno.test("--json is one object", async () => {
  const { code, stdout } = await examine(undefined, {}, "--json");
  const { ok, findings } = JSON.parse(stdout);
  assertEquals([code, ok], [0, true]);
  assertEquals(findings[0].topic, "configuration");
});

Deno.test("a port that another program has: exit code 1, and what to do", async () => {
  using listener = Deno.listen({ hostname: "0.0.0.0", port: 0 });
  const { code, stdout } = await examine(undefined, {}, "-p", String(listener.addr.port));
  assertEquals(code, 1);
  assertMatch(stdout, /^FAILED +port +cannot listen on \[::\]:\d+: .*\n +-> .*ss -ltnp/m);
});

Deno.test("a folder that is missing, and lines that are wrong: exit code 1", async () => {
  assertMatch(
    (await examine("host default www\nhost a.example missing\n")).stdout,
    /^FAILED +\/\S+\/missing \(host a\.example\): it does not exist\n +-> create it/m,
  );
  const { code, stdout } = await examine("parameter port many\n");
  assertEquals(code, 1);
  assertMatch(stdout, /^FAILED +configuration +/m);
  assertMatch(stdout, /self-test +60 of 60/, "the server itself is examined all the same");
});

/** Root without the power to read everything. */
const POWERLESS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"];

const canDrop = Deno.build.os === "linux" && Deno.uid() === 0 &&
  await new Deno.Command(POWERLESS[0]!, { args: [...POWERLESS.slice(1), "true"] }).output()
    .then(({ success }) => success, () => false);

Deno.test({
  name: "a folder, or a file in it, that the user cannot read: exit code 1",
  ignore: !canDrop && (Deno.build.os === "windows" || Deno.uid() === 0), // Root can read everything.
  async fn() {
    using folder = new TempFolder();
    folder.write("www/index.html", "<p>");
    await Deno.chmod(folder.write("www/secret.html", ""), 0o000);
    const prefix = canDrop ? POWERLESS : [];
    const look = () => run(["doctor", `${folder.path}/www`, "-p", String(freePort())], { prefix });
    const file = await look();
    assertEquals(file.code, 1, file.stdout);
    assertMatch(
      file.stdout,
      /^FAILED +folders +\S+ \(host default\): 1 of its entries cannot be read, for example \S+secret\.html\n +-> .*chmod/m,
    );
    await Deno.chmod(`${folder.path}/www`, 0o000);
    try {
      assertMatch((await look()).stdout, /^FAILED +folders +\S+ \(host default\): it cannot be read\n +-> .*chmod/m);
    } finally {
      await Deno.chmod(`${folder.path}/www`, 0o755); // So that it can be removed.
    }
  },
});

Deno.test("a low limit on descriptors: exit code 1", { ignore: Deno.build.os !== "linux" }, async () => {
  const { code, stdout } = await examine(undefined, { prefix: PREFIX });
  assertEquals(code, 1, stdout);
  assertMatch(
    stdout,
    /^FAILED +descriptors +only \d+ files and connections can be open; parameter connections says 10000 per worker\n +-> raise/m,
  );
});

Deno.test("a log file in a folder that is missing: exit code 1; one that can be written: fine, and it is not created", () => {
  using folder = new TempFolder();
  const judge = (path: string) => checkLogs(parseConfig(`host default www\nparameter access-log ${path}\n`, "").config);
  assertEquals(judge(`${folder.path}/access.log`), [
    { topic: "log files", verdict: "fine", text: `${folder.path}/access.log can be written` },
  ]);
  assertEquals([...Deno.readDirSync(folder.path)], []);
  assertMatch(judge(`${folder.path}/none/access.log`)[0]!.text, /the folder \S+\/none does not exist$/);
});

for (
  const [what, conf, text] of [
    ["loopback alone", "parameter address 127.0.0.1", /only this machine can reach/],
    ["an admin listener for all", "parameter admin 0.0.0.0:9090", /other machines can reach the admin listener/],
    ["no timeout", "parameter timeout 0", /keep a connection for ever \(web\.conf:2: 0\)/],
    ["a long drain", "parameter drain-delay 60\nparameter drain-timeout 30", /90 s together/],
    ["trust in everyone", "parameter trust 0.0.0.0/0", /believes every client/],
    ["a balancer without a health check", "listen 80 proxy\nparameter trust 10.0.0.1", /no health check/],
    ["pages that are kept", "cache * immutable", /keep pages for long .*\(web\.conf:2\)/],
    ["too many workers", "parameter workers 64", /64 workers on 2 cores/],
  ] as const
) {
  Deno.test(`a trap: ${what}`, () => {
    const { config, diagnostics } = parseConfig(`host default www\n${conf}\n`, "web.conf");
    assertEquals(diagnostics, []);
    const traps = findTraps(config, 2);
    assertEquals(traps.length, 1);
    assertMatch(traps[0]!.text, text);
  });
}

Deno.test("a trap: no default host", () => {
  assertMatch(findTraps(parseConfig("host a.example www\n", "").config, 2)[0]!.text, /no host default/);
});

Deno.test("the defaults are no trap", () => {
  assertEquals(findTraps(parseConfig("host default www\n", "").config, 2), []);
});

Deno.test("a clock before the release is wrong, and one before the files is suspicious", () => {
  assertEquals(checkClock(Date.UTC(1970, 0, 2), null).verdict, "failed");
  assertEquals(checkClock(Date.UTC(2027, 0, 2), Date.UTC(2027, 0, 3)).verdict, "warning");
  assertEquals(checkClock(Date.UTC(2027, 0, 2), Date.UTC(2027, 0, 1)).verdict, "fine");
});

Deno.test("describeFindings() aligns, writes a topic once, and puts advice below", () => {
  const findings: Finding[] = [
    { topic: "a", verdict: "fine", text: "x" },
    { topic: "long", verdict: "warning", text: "y\x1b", advice: "z" },
    { topic: "long", verdict: "failed", text: "w" },
  ];
  assertEquals(
    describeFindings(findings, 1),
    "ok       a     x\nwarning  long  y\uFFFD\n               -> z\nFAILED         w\n1 problem to solve (1.0 s)\n",
  );
});

/**
 * Reloads of a real process while clients ask, and at the worst moments: several at once, together with the end, without the
 * folder that it was started in, to another address on the same port.
 */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { exchange, get, RawClient } from "../client.ts";
import { PROJECT, ServerProcess } from "../process.ts";
import { keepBusy, type LoadReport } from "../process/load.ts";
import { TempFolder } from "../temp_folder.ts";
import { freePort, until } from "./started.ts";

const IS_LINUX = Deno.build.os === "linux";

/** A server with a configuration that a test changes. */
class Reloading implements AsyncDisposable {
  readonly folder: TempFolder;
  readonly server: ServerProcess;

  private constructor(folder: TempFolder, server: ServerProcess) {
    this.folder = folder;
    this.server = server;
  }

  /** Begins with `text`, on any free port unless that says otherwise. */
  static async start(text: string, args: readonly string[] = ["-p", "0"]): Promise<Reloading> {
    const folder = new TempFolder();
    for (const root of ["www", "other", "another"]) folder.write(`${root}/a.txt`, "content");
    folder.write("web.conf", text);
    const server = ServerProcess.spawn(["-c", `${folder.path}/web.conf`, ...args], { cwd: folder.path });
    const outcome = await server.settled();
    if (outcome !== "listening") throw new Error(outcome.stderr);
    return new Reloading(folder, server);
  }

  write(text: string): void {
    this.folder.write("web.conf", text);
  }

  /** Has the server take `text`; resolves when it has said so. Gives what it said. */
  async reload(text: string): Promise<string> {
    const before = this.server.banner.length;
    this.write(text);
    this.server.signal("SIGHUP");
    await this.until(() => /reloaded: |reload failed/.test(this.server.banner.slice(before)), "a reload");
    return this.server.banner.slice(before);
  }

  /** How often it has said something. */
  said(words: RegExp): number {
    return [...this.server.banner.matchAll(words)].length;
  }

  /** Waits for something to come true, for twenty seconds. */
  async until(isTrue: () => boolean, what: string): Promise<void> {
    for (let turn = 0; turn < 4000; turn++) {
      if (isTrue()) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`Not within twenty seconds: ${what}\n${this.server.banner}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

const SAME_PERMISSIONS = (turn: number) => `host default www\nparameter timeout ${4 + turn % 2}\n`;
const NEW_PERMISSIONS = (turn: number) => `host default www\nhost b ${turn % 2 === 0 ? "other" : "another"}\n`;

/** Load on a server while it reloads so many times. */
async function loadWhile(reloading: Reloading, reloads: number, conf: (turn: number) => string): Promise<LoadReport> {
  let isOver = false;
  const busy = keepBusy(reloading.server.port, 12, () => isOver);
  for (let turn = 1; turn <= reloads; turn++) assertMatch(await reloading.reload(conf(turn)), /reloaded: /);
  isOver = true;
  return await busy;
}

Deno.test("reloads that need no new permission fail no request, whatever clients do", async () => {
  await using reloading = await Reloading.start(SAME_PERMISSIONS(0));
  const { answers, failures } = await loadWhile(reloading, 30, SAME_PERMISSIONS);
  assertEquals(failures, []);
  assert(answers > 30, `${answers} answers`);
});

Deno.test(
  "reloads that need new workers fail no request on a connection that is open",
  { ignore: !IS_LINUX },
  async () => {
    await using reloading = await Reloading.start(NEW_PERMISSIONS(0));
    const { answers, failures } = await loadWhile(reloading, 4, NEW_PERMISSIONS);
    // What the system completes for a listener in the moment in which it closes is reset before it has asked anything.
    assertEquals(failures.filter(({ reason }) => !/reset by peer/i.test(reason)), []);
    assert(failures.length < 0.01 * answers, `${failures.length} of ${answers} failed`);
  },
);

/** The runtime opens some descriptors of its own when it needs them; what each reload left behind would be more than that. */
const OWN_DESCRIPTORS_MAX = 2;

Deno.test("40 reloads leave no descriptor and no thread behind", { ignore: !IS_LINUX }, async () => {
  await using reloading = await Reloading.start(SAME_PERMISSIONS(0));
  const ask = async () => assertEquals((await exchange(reloading.server.port, get("/a.txt"))).status, 200);
  let before = countsOf(reloading.server.pid);
  for (let turn = 1; turn <= 40; turn++) {
    await reloading.reload(turn % 10 === 0 ? NEW_PERMISSIONS(turn / 10) : SAME_PERMISSIONS(turn));
    await ask();
    if (turn === 11) before = countsOf(reloading.server.pid);
  }
  await reloading.reload(SAME_PERMISSIONS(0));
  const isBack = () => {
    const { descriptors, threads } = countsOf(reloading.server.pid);
    return descriptors <= before.descriptors + OWN_DESCRIPTORS_MAX && threads <= before.threads;
  };
  const describe = () => `${JSON.stringify(countsOf(reloading.server.pid))} instead of ${JSON.stringify(before)}`;
  await reloading.until(isBack, describe());
});

/** How many descriptors and threads a process has. */
function countsOf(pid: number): { readonly descriptors: number; readonly threads: number } {
  const script = `ls /proc/${pid}/fd | wc -l; ls /proc/${pid}/task | wc -l`;
  const { stdout } = new Deno.Command("sh", { args: ["-c", script] }).outputSync();
  const [descriptors = 0, threads = 0] = new TextDecoder().decode(stdout).trim().split("\n").map(Number);
  return { descriptors, threads };
}

Deno.test("a reload to another address on the same port, or to another port, works at once, and back", {
  ignore: !IS_LINUX, // Where the other addresses of the loopback network exist.
}, async () => {
  await using reloading = await Reloading.start("host default www\nparameter port 0\n", []);
  const { port } = reloading.server;
  const other = freePort();
  const status = async (hostname: string, port: number) => {
    using client = await RawClient.connect(port, hostname);
    await client.send(get("/a.txt"));
    return (await client.response()).status;
  };
  for (const address of ["127.0.0.1", "::", "0.0.0.0", "127.0.0.2", "::"]) {
    const said = await reloading.reload(`host default www\nparameter port ${port}\nparameter address ${address}\n`);
    assertMatch(said, /reloaded: .*parameter address altered/);
    const isIn = (hostname: string) => ["::", "0.0.0.0", hostname].includes(address);
    for (const hostname of ["127.0.0.1", "127.0.0.2"]) {
      if (isIn(hostname)) assertEquals(await status(hostname, port), 200);
      else await assertRejects(() => status(hostname, port), Deno.errors.ConnectionRefused);
    }
  }
  await reloading.reload(`host default www\nparameter port ${other}\n`);
  assertEquals(await status("127.0.0.1", other), 200);
  await assertRejects(() => status("127.0.0.1", port), Deno.errors.ConnectionRefused);
  await reloading.reload(`host default www\nparameter port ${port}\n`);
  assertEquals(await status("127.0.0.1", port), 200);
});

Deno.test("reloads that come at once are done, and no more often than needed", { ignore: !IS_LINUX }, async () => {
  await using reloading = await Reloading.start(SAME_PERMISSIONS(0));
  reloading.write(SAME_PERMISSIONS(1));
  for (let count = 0; count < 20; count++) reloading.server.signal("SIGHUP");
  await reloading.until(() => reloading.said(/reloaded: /g) === 1, "a reload");
  assertMatch(await reloading.reload(NEW_PERMISSIONS(1)), /reloaded: /);
  assert(reloading.said(/nothing has changed/g) <= 20);
});

for (const conf of [SAME_PERMISSIONS, NEW_PERMISSIONS]) {
  const kind = conf === SAME_PERMISSIONS ? "the same workers" : "new workers";
  Deno.test(`an end that comes with a reload to ${kind} ends the server with 0`, { ignore: !IS_LINUX }, async () => {
    for (const waitMs of [0, 20, 100]) {
      await using reloading = await Reloading.start(conf(0));
      reloading.write(conf(1));
      reloading.server.signal("SIGHUP");
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      reloading.server.signal("SIGTERM");
      const { code, stderr } = await reloading.server.ended();
      assertEquals(code, 0, stderr);
      assert(!/mistake|failed|died/.test(stderr), stderr);
    }
  });
}

for (const isScoped of [false, true]) {
  const who = isScoped ? "that may read its roots only" : "that may read everything";
  Deno.test(`a server ${who} starts new workers when the folder that it was started in is gone`, {
    ignore: !IS_LINUX, // Elsewhere such a folder cannot be removed.
  }, async () => {
    using folder = new TempFolder();
    const { path } = folder;
    for (const root of ["www", "other"]) folder.write(`${root}/a.txt`, "content");
    const conf = (more: string) => folder.write("web.conf", `host default ${path}/www\n${more}`);
    Deno.mkdirSync(`${path}/standing`);
    const scoped = [PROJECT, ...["web.conf", "www", "other", "standing"].map((name) => `${path}/${name}`)].join();
    const permitted = isScoped ? { permitted: ["--no-prompt", `--allow-read=${scoped}`, "--allow-net"] } : {};
    const args = ["-p", "0", "-c", conf("")];
    await using server = ServerProcess.spawn(args, { cwd: `${path}/standing`, ...permitted });
    assertEquals(await server.settled(), "listening");
    Deno.removeSync(`${path}/standing`);
    for (const more of ["parameter timeout 4\n", `host b ${path}/other\n`]) {
      conf(more);
      const before = server.banner.length;
      server.signal("SIGHUP");
      await until(() => /reload/.test(server.banner.slice(before)), () => server.banner);
      assertMatch(server.banner.slice(before), /reloaded: /);
      assertEquals((await exchange(server.port, get("/a.txt"))).status, 200);
    }
  });
}

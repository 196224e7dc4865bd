/**
 * Files that the user of the server may not read. Root may read everything, so the server runs as somebody else.
 */

import { assertEquals } from "@std/assert";
import { exchange, get } from "./client.ts";
import { PROJECT, ServerProcess } from "./process.ts";
import { TempFolder } from "./temp_folder.ts";

/** `nobody` on every system that has `setpriv`. */
const OTHER_USER = "65534";

const isRoot = Deno.build.os !== "windows" && Deno.uid() === 0;
const canSwitch = Deno.build.os === "linux" && isRoot;

Deno.test({
  name: "a file or folder that the server's user may not read is answered with 403, and not listed",
  ignore: isRoot && !canSwitch, // Root cannot be refused, and this system has no setpriv.
  async fn() {
    using folder = new TempFolder();
    folder.write("open.txt", "open");
    folder.write("open.bin", "open");
    await Deno.chmod(folder.write("open.bin.gz", "locked"), 0o000);
    folder.write("locked/a.txt", "locked");
    await Deno.chmod(folder.write("locked.txt", "locked"), 0o000);
    await Deno.chmod(`${folder.path}/locked`, 0o000);
    await Deno.chmod(folder.path, 0o755);
    try {
      await using server = await startAsOrdinaryUser(folder.path);
      const statuses = [];
      for (const target of ["/open.txt", "/locked.txt", "/locked/a.txt", "/locked/"]) {
        statuses.push((await exchange(server.port, get(target))).status);
      }
      assertEquals(statuses, [200, 403, 403, 403]);
      const { status, text: sent } = await exchange(server.port, get("/open.bin", { "Accept-Encoding": "gzip" }));
      assertEquals([status, sent], [200, "open"]);
      const { text } = await exchange(server.port, get("/?format=json"));
      assertEquals(JSON.parse(text).entries.map(({ name }: { name: string }) => name), ["open.bin", "open.txt"]);
    } finally {
      await Deno.chmod(`${folder.path}/locked`, 0o700); // So that it can be removed.
    }
  },
});

/** The runtime, its cache and the project may lie where the other user cannot go: it gets copies of its own. */
async function startAsOrdinaryUser(folder: string): Promise<ServerProcess> {
  if (!isRoot) return await ServerProcess.start([folder], { cwd: folder });
  const home = `${folder}/.home`;
  await Deno.mkdir(`${home}/cache`, { recursive: true });
  await execute("cp", Deno.execPath(), `${home}/deno`);
  await execute("cp", "-R", `${await cacheFolder()}/npm`, `${home}/cache`);
  await execute("cp", "-R", ...["main.ts", "src", "deno.json", "deno.lock"].map((name) => `${PROJECT}/${name}`), home);
  await execute("chown", "-R", OTHER_USER, home);
  return await ServerProcess.start([folder], {
    cwd: folder,
    source: home,
    executable: `${home}/deno`,
    prefix: ["setpriv", "--reuid", OTHER_USER, "--regid", OTHER_USER, "--clear-groups"],
    env: { DENO_DIR: `${home}/cache`, HOME: home },
  });
}

async function cacheFolder(): Promise<string> {
  return JSON.parse(await execute(Deno.execPath(), "info", "--json")).denoDir;
}

async function execute(program: string, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

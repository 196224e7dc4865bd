/**
 * Passwords of a real process: a start without them, changes at a reload, and what the process says of the files.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exchange, get } from "../client.ts";
import { run, ServerProcess } from "../process.ts";
import { basic, BCRYPT_LINE, PASSWORD, SCRYPT_LINE } from "../site/passwords.ts";
import { TempFolder } from "../temp_folder.ts";

const CONF = "host default www\n  auth Staff staff\n";
const ALICE = `alice:${PASSWORD}`;
const BOB = `bob:${PASSWORD}`;

function prepare(staff: string | null, conf = CONF): TempFolder {
  const folder = new TempFolder();
  folder.write("www/index.html", "index");
  folder.write("web.conf", conf);
  if (staff !== null) folder.write("staff", staff);
  return folder;
}

async function statusFor(port: number, credentials: string): Promise<number> {
  return (await exchange(port, get("/", { Authorization: basic(credentials), Connection: "close" }))).status;
}

/** Has the server reload, and gives what it says of that. */
async function reload(server: ServerProcess, told: RegExp): Promise<string> {
  const before = server.banner.length;
  server.signal("SIGHUP");
  await untilTold(server, told, before);
  return server.banner.slice(before);
}

/** Waits for a message, for 20 seconds. */
async function untilTold(server: ServerProcess, told: RegExp, from = 0): Promise<void> {
  for (let turn = 0; turn < 4000; turn++) {
    if (told.test(server.banner.slice(from))) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`not told within 20 seconds: ${told}; but: ${server.banner.slice(from)}`);
}

for (
  const [what, staff, told] of [
    ["that is missing", null, "there is no such file; to write it: sweepd passwd staff USER"],
    ["with an unsupported hash", "bob:$apr1$1oFhwQRV$GnotUOBG/hFqbygv9YF5D.\n", "is hashed by MD5 (apr1)"],
    ["with a plain password", "bob:hunter2\n", "may be the password itself"],
  ] as const
) {
  Deno.test(`a password file ${what} stops a start and fails a check, without a word of its hashes`, async () => {
    using folder = prepare(staff);
    for (const args of [["-p", "0"], ["check", "-p", "0"]]) {
      const { code, stdout, stderr } = await run(args, { cwd: folder.path });
      assertEquals(code, 1, args.join());
      assertStringIncludes(stderr, told);
      assertStringIncludes(stderr, "the configuration has errors");
      assert(!/hunter2|GnotUOBG/.test(stdout + stderr));
    }
  });
}

for (const directive of ["auht Staff staff", "autth Staff staff", "alow 10.0.0.1", "basic_auth Staff staff"]) {
  Deno.test(`"${directive}" stops a start, because the host would stand open`, async () => {
    using folder = prepare(SCRYPT_LINE, `host default www\n  ${directive}\n`);
    const { code, stderr } = await run(["-p", "0"], { cwd: folder.path });
    assertEquals(code, 1);
    assertMatch(stderr, /web\.conf:2:3: error: unknown directive ".*"; did you mean "(auth|allow)"\?/);
  });
}

Deno.test("a reload takes the passwords anew: who is gone is out at once, though just let in", async () => {
  using folder = prepare(`${BCRYPT_LINE}\n`);
  await using server = await ServerProcess.start(["-w", "1", "-a", "127.0.0.1"], { cwd: folder.path });
  assertEquals([await statusFor(server.port, ALICE), await statusFor(server.port, BOB)], [200, 401]);
  folder.write("staff", `${SCRYPT_LINE}\n`);
  assertEquals(await statusFor(server.port, ALICE), 200);
  assertStringIncludes(await reload(server, /reloaded: .*/), "reloaded: passwords of staff altered: 1 users");
  assertEquals([await statusFor(server.port, ALICE), await statusFor(server.port, BOB)], [401, 200]);
  assertMatch(await reload(server, /nothing has changed/), /nothing has changed/);
});

Deno.test("--watch reads the passwords again when their file has changed", async () => {
  using folder = prepare(`${BCRYPT_LINE}\n`);
  await using server = await ServerProcess.start(["-w", "1", "-a", "127.0.0.1", "--watch"], { cwd: folder.path });
  assertEquals([await statusFor(server.port, ALICE), await statusFor(server.port, BOB)], [200, 401]);
  folder.write("staff", `${SCRYPT_LINE}\n`);
  await untilTold(server, /reloaded: passwords of staff altered: 1 users/);
  assertEquals([await statusFor(server.port, ALICE), await statusFor(server.port, BOB)], [401, 200]);
  folder.write("staff", `${BCRYPT_LINE}\n${SCRYPT_LINE}\n`);
  await untilTold(server, /reloaded: passwords of staff altered: 2 users/);
  assertEquals([await statusFor(server.port, ALICE), await statusFor(server.port, BOB)], [200, 200]);
});

for (const broken of [null, "bob:hunter2\n"]) {
  Deno.test(`a reload with a password file that ${broken === null ? "is gone" : "is broken"} changes nothing`, async () => {
    using folder = prepare(`${BCRYPT_LINE}\n`);
    await using server = await ServerProcess.start(["-w", "1", "-a", "127.0.0.1"], { cwd: folder.path });
    if (broken === null) Deno.removeSync(`${folder.path}/staff`);
    else folder.write("staff", broken);
    assertMatch(await reload(server, /the old configuration stays/), /the old configuration stays/);
    assertEquals([await statusFor(server.port, ALICE), await statusFor(server.port, BOB)], [200, 401]);
    assertEquals((await exchange(server.port, get("/"))).status, 401);
  });
}

Deno.test("the user stands in the access log, and check shows the lines of access", async () => {
  using folder = prepare(`${BCRYPT_LINE}\n`, `${CONF}  allow 127.0.0.0/8\n  deny 127.0.0.9\n`);
  const { code, stdout } = await run(["check", "-p", "0"], { cwd: folder.path });
  assertEquals(code, 0);
  for (const line of [/auth +Staff staff +# web\.conf:2/, /allow +127\.0\.0\.0\/8/, /deny +127\.0\.0\.9/]) {
    assertMatch(stdout, line);
  }
  assert(!stdout.includes("$2y$"));
  await using server = await ServerProcess.start(["-w", "1", "-a", "127.0.0.1"], { cwd: folder.path });
  await statusFor(server.port, ALICE);
  server.signal("SIGTERM");
  assertMatch((await server.ended()).stdout, /^127\.0\.0\.1 - alice \[/);
});

Deno.test("only the process may read the password file, and it says so", async () => {
  using folder = prepare(`${BCRYPT_LINE}\n`);
  const checkWith = (...read: readonly string[]) => {
    const permitted = ["--no-prompt", `--allow-read=${read.join()}`, "--allow-net"];
    return run(["check", "-p", "0"], { cwd: folder.path, permitted });
  };
  const { stdout, stderr } = await checkWith("web.conf", "www", "staff");
  assertMatch(stdout, /the process was given read .*\/web\.conf, .*\/staff, .*\/www;/, stderr);
  assert(!new RegExp(`a worker may read .*staff`).test(stdout));
  const refused = await checkWith("web.conf", "www");
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stderr, "auth: cannot read staff");
  assertStringIncludes(refused.stderr, "--allow-read");
});

/** `sweepd passwd`: what is typed, which line is written, and what happens to the file. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { withLine } from "../../src/cli/passwd.ts";
import { Typing } from "../../src/cli/secret.ts";
import { isPassword } from "../../src/site/password_check.ts";
import { parsePasswordFile } from "../../src/site/password_file.ts";
import { run, type RunOptions } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";

/** Beyond those of `task start`. */
const MAY_WRITE = { permissions: ["--allow-write"] };

function passwd(folder: TempFolder, args: readonly string[], input: string, options: RunOptions = MAY_WRITE) {
  return run(["passwd", ...args], { cwd: folder.path, input, ...options });
}

/** What is typed, and the lines that it makes. */
function typed(...keys: readonly string[]): string[] {
  const typing = new Typing();
  for (const pressed of keys) typing.add(new TextEncoder().encode(pressed));
  const lines: string[] = [];
  for (let line = typing.take(); line !== null; line = typing.take()) lines.push(line);
  return lines;
}

Deno.test("Typing makes a line at Enter, of what comes at once or key by key", () => {
  assertEquals(typed("secret\r"), ["secret"]);
  assertEquals(typed(..."secret\n"), ["secret"]);
  assertEquals(typed("one\rtwo\rthr"), ["one", "two"]);
  assertEquals(typed("\r"), [""]);
});

Deno.test("Typing takes a character back at Backspace, however many bytes it has, and all at Ctrl-U", () => {
  assertEquals(typed("s\u00e4\x7f\x08x\r"), ["x"]);
  assertEquals(typed("a\u20ac\x7fb\u{1f511}\x7f\r"), ["ab"]);
  assertEquals(typed("\x7f\x7fa\r"), ["a"]);
  assertEquals(typed("wrong\x15right\r"), ["right"]);
});

Deno.test("Typing is ended by Ctrl-D where nothing is typed", () => {
  const typing = new Typing();
  typing.add(new TextEncoder().encode("a\x04"));
  assertEquals(typing.isEnded, false);
  typing.add(new TextEncoder().encode("\x7f\x04"));
  assertEquals(typing.isEnded, true);
});

Deno.test("withLine() puts the line in the place of the user's old one, and leaves all others as they are", () => {
  assertEquals(withLine("", "bob:new"), { text: "bob:new\n", replaced: false });
  assertEquals(withLine("alice:a", "bob:new"), { text: "alice:a\nbob:new\n", replaced: false });
  assertEquals(withLine("# x\r\nbob:old\r\n\ncarol:c", "bob:new").text, "# x\r\nbob:new\n\ncarol:c");
  assertEquals(withLine("bob:1\nalice:a\nbob:2\n", "bob:new"), { text: "bob:new\nalice:a\n", replaced: true });
  assertEquals(withLine("bobby:b\n#bob:b\n", "bob:new").text, "bobby:b\n#bob:b\nbob:new\n");
  assertEquals(withLine("Zoe\u0308:old\n", "Zo\u00eb:new").text, "Zo\u00eb:new\n");
});

Deno.test("sweepd passwd writes a line that only its owner may read, and that the password fits", async () => {
  using folder = new TempFolder();
  const { code, stdout } = await passwd(folder, ["staff", "Zo\u00eb"], "p\u00e4ss w\u00f6rd\n");
  assertEquals(code, 0);
  assertStringIncludes(stdout, "next reload");
  const { users, problems } = parsePasswordFile(await Deno.readTextFile(`${folder.path}/staff`), "staff");
  assertEquals([users.map(({ name }) => name), problems], [["Zo\u00eb"], []]);
  assertEquals(await isPassword("p\u00e4ss w\u00f6rd", users[0]!.hash), true);
  assertEquals((await Deno.stat(`${folder.path}/staff`)).mode! & 0o777, 0o600);
  assertEquals([...Deno.readDirSync(folder.path)].length, 1);
});

Deno.test("sweepd passwd replaces a user's line, and keeps the file's permissions, owner and link", async () => {
  using folder = new TempFolder();
  const file = folder.write("etc/staff", "# the lab\nbob:$apr1$old\nalice:x\n");
  Deno.chmodSync(file, 0o640);
  const isRoot = Deno.uid() === 0;
  if (isRoot) Deno.chownSync(file, 65534, 65534);
  Deno.symlinkSync("etc/staff", `${folder.path}/link`);
  const { code, stdout } = await passwd(folder, ["link", "bob"], "secret");
  assertEquals([code, stdout.split(" ")[0]], [0, "replaced"]);
  assertMatch(Deno.readTextFileSync(file), /^# the lab\nbob:\$scrypt\$ln=14,r=8,p=1\$[^\n]+\nalice:x\n$/);
  assertEquals(Deno.statSync(file).mode! & 0o777, 0o640);
  if (isRoot) assertEquals([Deno.statSync(file).uid, Deno.statSync(file).gid], [65534, 65534]);
  assert(Deno.lstatSync(`${folder.path}/link`).isSymlink);
});

Deno.test("sweepd passwd changes nothing where it cannot finish, and says why", async () => {
  using folder = new TempFolder();
  folder.write("latin1", new Uint8Array([0x5a, 0x6f, 0xeb, 0x3a, 0x78, 0x0a]));
  folder.write("busy", "alice:x\n");
  folder.write("busy.new", "by another\n");
  folder.write("large", new Uint8Array(1024 * 1024 + 1));
  Deno.mkdirSync(`${folder.path}/folder`);
  const before = [...Deno.readDirSync(folder.path)].length;
  for (
    const [args, input, told] of [
      [["staff", "a:b"], "x", "has a colon"],
      [["staff", "#a"], "x", "begins with #"],
      [["staff", "bob"], "", "standard input is empty"],
      [["staff", "bob"], "\n", "an empty password"],
      [["staff", "bob"], "one\ntwo\n", "more than one line"],
      [["staff", "bob"], "a\tb", "control characters"],
      [["staff", "bob"], "x".repeat(1025), "1024 bytes"],
      [["staff", "bob"], "x".repeat(5000), "more than one line"],
      [["missing/staff", "bob"], "x", "there is no such file"],
      [["busy", "bob"], "x", "busy.new is there"],
      [["latin1", "bob"], "x", "not UTF-8"],
      [["large", "bob"], "x", "larger than 1 MiB"],
      [["folder", "bob"], "x", "is not a file"],
    ] as const
  ) {
    const { code, stdout, stderr } = await passwd(folder, args, input);
    assertEquals([code, stdout], [1, ""], told);
    assertStringIncludes(stderr, told);
    assertEquals(stderr.trimEnd().split("\n").length, 1, stderr);
  }
  assertEquals([...Deno.readDirSync(folder.path)].length, before);
  assertEquals(Deno.readTextFileSync(`${folder.path}/busy`), "alice:x\n");
  assertEquals(Deno.readTextFileSync(`${folder.path}/busy.new`), "by another\n");
});

Deno.test("sweepd passwd shows the line for the file -, for which it needs no permission", async () => {
  using folder = new TempFolder();
  const { code, stdout } = await passwd(folder, ["-", "bob"], "secret\n", {});
  assertEquals(code, 0);
  assertMatch(stdout, /^bob:\$scrypt\$ln=14,r=8,p=1\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+\n$/);
});

Deno.test("sweepd passwd says what to do where it may not write, before it asks for a password", async () => {
  using folder = new TempFolder();
  const { code, stderr } = await passwd(folder, ["staff", "bob"], "", {});
  assertEquals(code, 1);
  assertStringIncludes(stderr, "deno task passwd");
  assertStringIncludes(stderr, "sweepd passwd - 'bob' >> FILE");
});

Deno.test("sweepd passwd takes a file and a user", async () => {
  using folder = new TempFolder();
  for (const args of [[], ["staff"], ["staff", "bob", "carol"], ["staff", ""]]) {
    assertEquals((await passwd(folder, args, "x")).code, 2);
  }
});

/** At a terminal of its own: types each answer when its prompt stands there, and shows all that the terminal has shown. */
const AT_TERMINAL = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
shown = b""
answers = [(b"Password", b"wrong\\x15secret\\r"), (b"again", b"secreT\\x7ft\\r")]
while True:
    try: some = os.read(terminal, 4096)
    except OSError: break
    if not some: break
    shown += some
    if answers and answers[0][0] in shown: os.write(terminal, answers.pop(0)[1])
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

Deno.test("sweepd passwd at a terminal asks twice, and does not show what is typed", async () => {
  using folder = new TempFolder();
  const { code, stdout } = await run(["passwd", "staff", "bob"], {
    cwd: folder.path,
    prefix: ["python3", "-c", AT_TERMINAL],
    ...MAY_WRITE,
  });
  assertEquals(code, 0, stdout);
  assertStringIncludes(stdout, "Password for bob: \r\nThe same again: \r\nadded");
  assert(!/secret|wrong/i.test(stdout), stdout);
  const { users } = parsePasswordFile(Deno.readTextFileSync(`${folder.path}/staff`), "staff");
  assertEquals(await isPassword("secret", users[0]!.hash), true);
});

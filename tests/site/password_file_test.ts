/** Password files: which lines are users, and what is said of the others. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { invalidUserNameReason, parsePasswordFile } from "../../src/site/password_file.ts";
import { BCRYPT_LINE, SCRYPT_LINE } from "./passwords.ts";

const SCRYPT = SCRYPT_LINE.slice(SCRYPT_LINE.indexOf("$"));

/** What is said of the only line of a file. */
function complaint(line: string): string {
  const { users, problems } = parsePasswordFile(line, "staff.htpasswd");
  assertEquals([users.length, problems.length], [0, 1], line);
  return problems[0]!.message;
}

Deno.test("parsePasswordFile() reads bcrypt and scrypt lines, in their order", () => {
  const { users, problems } = parsePasswordFile(`# staff\n\n${BCRYPT_LINE}\r\n${SCRYPT_LINE}\n`, "staff.htpasswd");
  assertEquals(problems, []);
  assertEquals(users.map(({ name, hash }) => [name, hash.kind]), [["alice", "bcrypt"], ["bob", "scrypt"]]);
});

Deno.test("parsePasswordFile() takes $2y$, $2b$ and $2a$ for the same", () => {
  for (const letter of ["y", "b", "a"]) {
    const { users, problems } = parsePasswordFile(BCRYPT_LINE.replace("$2y$", `$2${letter}$`), "staff.htpasswd");
    assertEquals([users.length, problems.length], [1, 0]);
  }
});

Deno.test("parsePasswordFile() passes over what stands behind a second colon", () => {
  const { users, problems } = parsePasswordFile(`${BCRYPT_LINE}:Alice of the lab`, "staff.htpasswd");
  assertEquals([users.map(({ name }) => name), problems], [["alice"], []]);
});

Deno.test("parsePasswordFile() compares names in normal form C", () => {
  const { users } = parsePasswordFile(BCRYPT_LINE.replace("alice", "Zoe\u0308"), "staff.htpasswd");
  assertEquals(users.map(({ name }) => name), ["Zo\u00eb"]);
});

Deno.test("parsePasswordFile() refuses hashes that it cannot check, or that are no protection, with the command to use", () => {
  const refused: readonly (readonly [hash: string, told: string])[] = [
    ["$apr1$1oFhwQRV$GnotUOBG/hFqbygv9YF5D.", "MD5"],
    ["$1$1oFhwQRV$GnotUOBG/hFqbygv9YF5D.", "MD5"],
    ["{SHA}EfatjsUqKYSrqv18O1FlA3hcIHI=", "SHA-1"],
    ["{SSHA}EfatjsUqKYSrqv18O1FlA3hcIHI=", "SHA-1"],
    ["$6$tiX1toeDIDQNtJqK$M27FheW.lob", "SHA-2"],
    ["$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA", "Argon2"],
    ["$y$j9T$abc$def", "yescrypt"],
    ["4Ii4woFVdclew", "crypt"],
    ["hunter2", "may be the password itself"],
    ["", "is empty"],
  ];
  for (const [hash, told] of refused) {
    const message = complaint(`bob:${hash}`);
    assertStringIncludes(message, told);
    assertStringIncludes(message, "sweepd passwd staff.htpasswd bob");
    if (hash !== "") assert(!message.includes(hash), "a message repeats what may be a password");
  }
});

Deno.test("parsePasswordFile() refuses damaged hashes, and costs that would stop the server", () => {
  const bcrypt = BCRYPT_LINE.slice(BCRYPT_LINE.indexOf("$"));
  const refused: readonly (readonly [hash: string, told: string])[] = [
    [bcrypt.slice(0, -1), "damaged bcrypt"],
    [`${bcrypt}x`, "damaged bcrypt"],
    [bcrypt.replace("$05$", "$03$"), "damaged bcrypt"],
    [bcrypt.replace("$05$", "$13$"), "cost 13"],
    [bcrypt.replace("$05$", "$31$"), "cost 31"],
    [bcrypt.replace("$2y$", "$2x$"), "faulty bcrypt"],
    [SCRYPT.replace("ln=14", "ln=17"), "cost beyond 64 MiB"],
    [SCRYPT.replace("r=8", "r=255"), "cost beyond 64 MiB"],
    [SCRYPT.replace("p=1", "p=999"), "cost beyond 64 MiB"],
    [SCRYPT.replace("ln=14", "ln=99"), "cost beyond 64 MiB"],
    [SCRYPT.replace("ln=14", "ln=0"), "damaged scrypt"],
    [SCRYPT.replace("r=8", "r=0"), "damaged scrypt"],
    [SCRYPT.replace("p=1", "p=0"), "damaged scrypt"],
    [SCRYPT.replace("ln=14,r=8,p=1", "r=8,p=1,ln=14"), "damaged scrypt"],
    ["$scrypt$ln=14,r=8,p=1$$", "damaged scrypt"],
    ["$scrypt$ln=14,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$", "damaged scrypt"],
    // Each password would fit a key of no bytes, and one of 256 a key of one.
    ["$scrypt$ln=14,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$AA", "damaged scrypt"],
    ["$scrypt$ln=14,r=8,p=1$AA$MDEyMzQ1Njc4OWFiY2RlZg", "damaged scrypt"],
  ];
  for (const [hash, told] of refused) assertStringIncludes(complaint(`bob:${hash}`), told);
});

Deno.test("parsePasswordFile() says where a line is wrong", () => {
  const text = `# staff\n${BCRYPT_LINE}\nnonsense\n:x\n${BCRYPT_LINE}\n alice:x\nbob:x\n`;
  const { users, problems } = parsePasswordFile(text, "staff.htpasswd");
  assertEquals(users.length, 1);
  assertEquals(problems.map(({ line, column }) => [line, column]), [[3, 1], [4, 1], [5, 1], [6, 1], [7, 5]]);
  assertStringIncludes(problems[2]!.message, '"alice" is already in line 2');
});

Deno.test("invalidUserNameReason() lets nobody be called what a line or a client cannot say", () => {
  for (
    const name of ["", "a:b", "a\nb", "a\0", "\x7f", " a", "a ", "#a", "\uFFFD", "a".repeat(256), "\u00e4".repeat(128)]
  ) {
    assert(invalidUserNameReason(name) !== null, JSON.stringify(name));
  }
  for (const name of ["a", "Zo\u00eb", "anna maria", "a#", "a@example.org", "a".repeat(255), "-"]) {
    assertEquals(invalidUserNameReason(name), null);
  }
});

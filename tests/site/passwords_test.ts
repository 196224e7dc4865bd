/** Passwords: who is let in, what is remembered, and what many who try can take of the server. */

import { assert, assertEquals } from "@std/assert";
import { createHmac } from "node:crypto";
import { formatHash, hashPassword, isPassword } from "../../src/site/password_check.ts";
import { PasswordChecks } from "../../src/site/password_checks.ts";
import type { PasswordHash } from "../../src/site/password_file.ts";
import { Passwords } from "../../src/site/passwords.ts";
import { turn, VirtualClock } from "../virtual_clock.ts";
import { basic, BCRYPT_LINE, octetsOf, PASSWORD, SCRYPT_LINE, usersOf } from "./passwords.ts";

/** Passwords whose checks a test ends by hand: each is right where the password is `PASSWORD`. */
class Watched {
  readonly clock = new VirtualClock();
  readonly checks: PasswordChecks;
  readonly hashes: PasswordHash[] = [];
  readonly #ends: (() => void)[] = [];

  constructor() {
    this.checks = new PasswordChecks(this.clock, () =>
      Promise.resolve({
        hmac: () => createHmac("sha256", "a key"),
        isPassword: async (password, hash) => {
          this.hashes.push(hash);
          const { promise, resolve } = Promise.withResolvers<void>();
          this.#ends.push(resolve);
          await promise;
          return password === PASSWORD;
        },
      }));
  }

  /** How many checks are under way. */
  get underWay(): number {
    return this.#ends.length;
  }

  async end(count = this.#ends.length): Promise<void> {
    for (const end of this.#ends.splice(0, count)) end();
    await turn();
  }
}

function ask(passwords: Passwords, credentials: string) {
  return passwords.judge(octetsOf(basic(credentials)));
}

Deno.test("isPassword() agrees with the programs that wrote the hashes", async () => {
  const zoe = "Zo\u00eb:$2y$04$jI/yXLecyTnczuM9CtADE.wVOJIBJThBaL6xKYxvgSANKiII2txBu";
  const wide = "Zo\u00eb:$scrypt$ln=10,r=8,p=16$TmFDbE5hQ2xOYUNsTmFDbA$" +
    "zhZmadracFSBB31Wy3cSjEx8G5qYtldo+bwiO/m8hnLDXhbKll9z2X59++U1dDGUtIzj48M1YVVXlBLtyS9FdA";
  for (
    const [line, password] of [[BCRYPT_LINE, PASSWORD], [SCRYPT_LINE, PASSWORD], [zoe, "p\u00e4ssw\u00f6rd"], [
      wide,
      "p\u00e4ssw\u00f6rd",
    ]] as const
  ) {
    const [user] = usersOf(line);
    assertEquals(await isPassword(password, user!.hash), true, line);
    assertEquals(await isPassword(`${password} `, user!.hash), false, line);
    assertEquals(await isPassword("", user!.hash), false, line);
  }
});

Deno.test("isPassword() lets sockets be read while a slow check runs", async () => {
  const [user] = usersOf("zoe:$2y$12$R0wxjcwarv2oQhCJ6H3Sv.wzWYwQTy3zhnUB1aJejKTDrIBKyQCRm");
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using client = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  using server = await listener.accept();
  const order: string[] = [];
  await isPassword("loads what it needs", usersOf(BCRYPT_LINE)[0]!.hash);
  const checked = isPassword("wrong", user!.hash).then(() => order.push("checked"));
  for (let round = 0; round < 2; round++) { // Each of the four needs a turn of the event loop.
    await client.write(new Uint8Array([1]));
    await server.read(new Uint8Array(1));
    order.push("read");
  }
  await checked;
  assertEquals(order, ["read", "read", "checked"]);
});

Deno.test("hashPassword() makes a line that the reader takes, never the same twice", async () => {
  const [one, other] = [await hashPassword("x y"), await hashPassword("x y")];
  assert(formatHash(one) !== formatHash(other));
  const [user] = usersOf(`carol:${formatHash(one)}`);
  assertEquals(await isPassword("x y", user!.hash), true);
  assertEquals(await isPassword("x", user!.hash), false);
});

Deno.test("a right password is its user's, a wrong one and an unknown name are nobody's", async () => {
  const passwords = new Passwords(usersOf(BCRYPT_LINE, SCRYPT_LINE), new PasswordChecks());
  assertEquals(await ask(passwords, `alice:${PASSWORD}`), { kind: "user", name: "alice" });
  assertEquals(await ask(passwords, `bob:${PASSWORD}`), { kind: "user", name: "bob" });
  assertEquals(await ask(passwords, "alice:wrong"), { kind: "rejected" });
  assertEquals(await ask(passwords, "bob:wrong"), { kind: "rejected" });
  assertEquals(await ask(passwords, `Alice:${PASSWORD}`), { kind: "rejected" });
  assertEquals(await ask(passwords, `carol:${PASSWORD}`), { kind: "rejected" });
  assertEquals(await ask(passwords, `:${PASSWORD}`), { kind: "rejected" });
});

Deno.test("a file without users lets nobody in", async () => {
  assertEquals(await ask(new Passwords([], new PasswordChecks()), `alice:${PASSWORD}`), { kind: "rejected" });
});

Deno.test("a right password is remembered for a minute, a wrong one is not", async () => {
  const watched = new Watched();
  const passwords = new Passwords(usersOf(SCRYPT_LINE), watched.checks);
  const first = ask(passwords, `bob:${PASSWORD}`);
  await turn();
  await watched.end();
  assertEquals(await first, { kind: "user", name: "bob" });
  watched.clock.advance(59_999);
  assertEquals(ask(passwords, `bob:${PASSWORD}`), { kind: "user", name: "bob" });
  const wrong = ask(passwords, "bob:wrong");
  await turn();
  await watched.end();
  assertEquals(await wrong, { kind: "rejected" });
  watched.clock.advance(1);
  const later = [ask(passwords, `bob:${PASSWORD}`), ask(passwords, "bob:wrong")];
  await turn();
  assertEquals(watched.underWay, 2);
  await watched.end();
  assertEquals(await Promise.all(later), [{ kind: "user", name: "bob" }, { kind: "rejected" }]);
});

Deno.test("what one file remembers lets nobody into another", async () => {
  const watched = new Watched();
  const [one, other] = [SCRYPT_LINE, BCRYPT_LINE].map((line) => new Passwords(usersOf(line), watched.checks)) as [
    Passwords,
    Passwords,
  ];
  const asked = ask(one, `bob:${PASSWORD}`);
  await turn();
  await watched.end();
  assertEquals(await asked, { kind: "user", name: "bob" });
  const elsewhere = ask(other, `bob:${PASSWORD}`);
  await turn();
  await watched.end();
  assertEquals(await elsewhere, { kind: "rejected" });
});

Deno.test("four checks are under way at most, and others are told to come back", async () => {
  const watched = new Watched();
  const passwords = new Passwords(usersOf(SCRYPT_LINE), watched.checks);
  await watched.checks.load();
  const asked = [1, 2, 3, 4].map((number) => ask(passwords, `bob:wrong ${number}`));
  await turn();
  assertEquals(watched.underWay, 4);
  assertEquals(ask(passwords, "bob:wrong 5"), { kind: "busy" });
  assertEquals(ask(passwords, `bob:${PASSWORD}`), { kind: "busy" });
  await watched.end(1);
  asked.push(ask(passwords, "bob:wrong 6"));
  await turn();
  await watched.end();
  assertEquals(await Promise.all(asked), [1, 2, 3, 4, 6].map(() => ({ kind: "rejected" })));
});

Deno.test("four checks are under way at most when many come before the first is loaded", async () => {
  const watched = new Watched();
  const passwords = new Passwords(usersOf(SCRYPT_LINE), watched.checks);
  const asked = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => ask(passwords, `bob:wrong ${number}`));
  await turn();
  assertEquals(watched.underWay, 4);
  await watched.end();
  const kinds = (await Promise.all(asked)).map(({ kind }) => kind);
  assertEquals(kinds, ["rejected", "rejected", "rejected", "rejected", "busy", "busy", "busy", "busy"]);
});

Deno.test("the same credentials are checked once however often they come meanwhile", async () => {
  const watched = new Watched();
  const passwords = new Passwords(usersOf(SCRYPT_LINE), watched.checks);
  const asked = Array.from({ length: 20 }, () => ask(passwords, `bob:${PASSWORD}`));
  await turn();
  asked.push(...Array.from({ length: 20 }, () => ask(passwords, `bob:${PASSWORD}`)));
  assertEquals(watched.underWay, 1);
  await watched.end();
  for (const verdict of await Promise.all(asked)) assertEquals(verdict, { kind: "user", name: "bob" });
});

Deno.test("the name that nobody has is checked against a hash of the file, the same each time", async () => {
  const watched = new Watched();
  const users = usersOf(BCRYPT_LINE, SCRYPT_LINE);
  const passwords = new Passwords(users, watched.checks);
  const seen = new Set<string>();
  for (let number = 0; number < 40; number++) {
    const hashes = [];
    for (const password of ["one", PASSWORD]) {
      const asked = ask(passwords, `nobody${number}:${password}`);
      for (let tries = 0; watched.underWay === 0 && tries < 10; tries++) {
        watched.clock.advance(1);
        await turn();
      }
      await watched.end();
      assertEquals(await asked, { kind: "rejected" });
      hashes.push(watched.hashes.pop());
    }
    assertEquals(hashes[0], hashes[1]);
    seen.add(hashes[0]!.kind);
  }
  assertEquals(seen.size, 2); // Some names cost what one user's does, some what the other's.
});

Deno.test("checks on the thread of requests run alone, and leave it as long as they took", async () => {
  const watched = new Watched();
  const passwords = new Passwords(usersOf(BCRYPT_LINE), watched.checks);
  const asked = [1, 2, 3].map((number) => ask(passwords, `alice:wrong ${number}`));
  await turn();
  assertEquals(watched.underWay, 1);
  watched.clock.advance(100);
  await watched.end();
  watched.clock.advance(99);
  await turn();
  assertEquals(watched.underWay, 0);
  watched.clock.advance(1);
  await turn();
  assertEquals(watched.underWay, 1);
  await watched.end();
  watched.clock.advance(1);
  await turn();
  await watched.end();
  watched.clock.advance(1);
  assertEquals((await Promise.all(asked)).length, 3);
});

/** auth over real sockets: hosts that differ, who comes in, and what the log says of it. */

import { createHmac } from "node:crypto";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../src/net/clock.ts";
import { exchange, get, RawClient } from "../client.ts";
import { exchangeFrom } from "../from.ts";
import { http } from "../../src/http/h1/conversation.ts";
import { compileGuard } from "../../src/site/guard.ts";
import { files } from "../../src/site/handler.ts";
import { Site } from "../../src/site/host.ts";
import { PasswordChecks } from "../../src/site/password_checks.ts";
import { Passwords } from "../../src/site/passwords.ts";
import { withServer } from "../serving.ts";
import { withSite } from "../site.ts";
import { TempFolder } from "../temp_folder.ts";
import { ALICE, BOB, CONF, FILES, SECRETS, withHosts } from "./guarded.ts";
import { basic, BCRYPT_LINE, PASSWORD, SCRYPT_LINE, usersOf } from "./passwords.ts";

Deno.test("auth: a host asks for a password where its pattern matches, and the other host of the same root does not", async () => {
  await withHosts(async (ask) => {
    const refused = await ask("/secret/a.txt");
    assertEquals([refused.status, refused.field("www-authenticate"), refused.field("cache-control")], [
      401,
      'Basic realm="The staff", charset="UTF-8"',
      "no-store",
    ]);
    assert(!refused.text.includes("SECRET"));
    assertEquals((await ask("/secret/a.txt", { Authorization: ALICE })).text, "SECRET a");
    assertEquals((await ask("/")).text, "index");
    assertEquals((await ask("/secret/a.txt", { Host: "b" })).text, "SECRET a");
    assertEquals((await ask("/", { Host: "all" })).status, 401);
    assertEquals((await ask("/", { Host: "all", Authorization: BOB })).text, "index");
  });
});

Deno.test("auth: nobody else comes in", async () => {
  await withHosts(async (ask) => {
    for (
      const credentials of [
        basic("alice:wrong"),
        basic("alice:"),
        basic(`alice:${PASSWORD} `),
        basic(`Alice:${PASSWORD}`),
        basic(`carol:${PASSWORD}`),
        basic(`alice:${BCRYPT_LINE.slice(6)}`),
        basic(`:${PASSWORD}`),
        BOB, // Of another file.
        ALICE.replace("Basic", "Bearer"),
        `${ALICE}, ${ALICE}`,
        "Basic",
        "",
      ]
    ) {
      assertEquals((await ask("/secret/a.txt", { Authorization: credentials })).status, 401, credentials);
    }
  });
});

Deno.test("auth: of several lines the first that matches says whose password counts", async () => {
  await withHosts(async (ask) => {
    const statuses = async (target: string) => [
      (await ask(target, { Host: "two", Authorization: ALICE })).status,
      (await ask(target, { Host: "two", Authorization: BOB })).status,
    ];
    assertEquals(await statuses("/secret/deep/b.txt"), [401, 200]);
    assertEquals(await statuses("/secret/a.txt"), [200, 401]);
  });
});

Deno.test("auth: lines above the first host hold for every host that does not say none", async () => {
  const conf =
    "auth Lab SECRETS/lab\nhost a ROOT\nhost b ROOT\n  auth none\nhost c ROOT\n  auth Staff SECRETS/staff /docs/**\n";
  await withHosts(async (ask) => {
    assertEquals((await ask("/")).status, 401);
    assertEquals((await ask("/", { Host: "b" })).status, 200);
    assertEquals((await ask("/", { Host: "c", Authorization: BOB })).status, 200);
    assertEquals((await ask("/docs/", { Host: "c", Authorization: BOB })).status, 401);
    assertEquals((await ask("/docs/", { Host: "c", Authorization: ALICE })).status, 200);
  }, { conf });
});

Deno.test("auth: pipelined requests count each with its own credentials, and the log names who came in", async () => {
  await withSite({ files: FILES, conf: CONF, secrets: SECRETS }, async ({ port, access }) => {
    using client = await RawClient.connect(port);
    const sent = [ALICE, null, basic("alice:wrong"), ALICE, BOB, null];
    await client.send(
      sent.map((credentials) => {
        const field = credentials === null ? "" : `Authorization: ${credentials}\r\n`;
        return `GET /secret/a.txt HTTP/1.1\r\nHost: a\r\n${field}\r\n`;
      }).join("") + `GET / HTTP/1.1\r\nHost: a\r\nAuthorization: ${ALICE}\r\n\r\n`,
    );
    const statuses = [];
    for (let count = 0; count <= sent.length; count++) statuses.push((await client.response()).status);
    assertEquals(statuses, [200, 401, 401, 200, 401, 401, 200]);
    assertEquals(access.map((line) => line.split(" ")[2]), ["alice", "-", "-", "alice", "-", "-", "-"]);
  });
});

Deno.test("auth: the log names nobody for a request that is refused behind one of somebody who came in", async () => {
  await withSite({ files: FILES, conf: CONF, secrets: SECRETS }, async ({ port, access }) => {
    using client = await RawClient.connect(port);
    await client.send(
      `GET /secret/a.txt HTTP/1.1\r\nHost: a\r\nAuthorization: ${ALICE}\r\n\r\nGET /a%zz HTTP/1.1\r\nHost: a\r\n\r\n`,
    );
    assertEquals([(await client.response()).status, (await client.response()).status], [200, 400]);
    assertEquals(access.map((line) => line.split(" ")[2]), ["alice", "-"]);
  });
});

Deno.test("auth: HTTP/1.0 is asked for a password as well", async () => {
  await withSite({ files: FILES, conf: CONF, secrets: SECRETS }, async ({ port }) => {
    for (const [field, status] of [["", "401"], [`Authorization: ${ALICE}\r\n`, "200"]]) {
      using client = await RawClient.connect(port);
      await client.send(`GET /secret/a.txt HTTP/1.0\r\nHost: a\r\n${field}\r\n`);
      assertEquals(new TextDecoder().decode(await client.end()).slice(9, 12), status);
    }
  });
});

Deno.test("auth: other methods are answered before, and the same for every path", async () => {
  await withHosts(async (ask) => {
    for (const target of ["/secret/a.txt", "/secret/missing", "/docs/plain.txt"]) {
      assertEquals((await ask(`POST ${target}`)).status, 405);
      assertEquals((await ask(`OPTIONS ${target}`)).status, 200);
    }
  });
});

Deno.test("auth: names and passwords have colons and letters of any alphabet, composed or not", async () => {
  // "p\u00e4ss:w\u00f6rd", by Python's hashlib.
  const line = "Zo\u00eb B:$scrypt$ln=10,r=8,p=1$TmFDbE5hQ2xOYUNsTmFDbA$V1IAWkUxYxRQGzRSpCP1PBjy/Dwp0mK+Fc04e+gil2M";
  await withHosts(async (ask, access) => {
    for (const credentials of ["Zo\u00eb B:p\u00e4ss:w\u00f6rd", "Zoe\u0308 B:pa\u0308ss:wo\u0308rd"]) {
      assertEquals((await ask("/", { Host: "all", Authorization: basic(credentials) })).status, 200);
    }
    assertEquals((await ask("/", { Host: "all", Authorization: basic("Zoe B:p\u00e4ss:w\u00f6rd") })).status, 401);
    assertEquals(access.map((entry) => entry.split(" ")[2]), ["Zo\\xc3\\xab\\x20B", "Zo\\xc3\\xab\\x20B", "-"]);
  }, { secrets: { ...SECRETS, lab: line } });
});

Deno.test("auth and allow must both hold, and an address that is not let in is not asked for a password", async () => {
  const conf = "host a ROOT\n  auth Lab SECRETS/lab\n  allow 127.0.0.1\n";
  await withSite({ files: FILES, conf, secrets: SECRETS }, async ({ port }) => {
    for (
      const [from, field, status] of [
        ["127.0.0.1", "", "401"],
        ["127.0.0.1", `Authorization: ${BOB}\r\n`, "200"],
        ["127.0.0.2", "", "403"],
        ["127.0.0.2", `Authorization: ${BOB}\r\n`, "403"],
      ] as const
    ) {
      const text = await exchangeFrom({ from }, port, `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${field}\r\n`);
      assertEquals([from, field, text.slice(9, 12)], [from, field, status]);
    }
  });
});

Deno.test("auth: a realm with quotation marks and backslashes is quoted", () => {
  const passwords = new Passwords([], new PasswordChecks());
  const { challenge } = compileGuard({ realm: 'a "b" \\c', pattern: null, passwords });
  assertEquals(challenge, 'Basic realm="a \\"b\\" \\\\c", charset="UTF-8"');
});

Deno.test("auth: no cache keeps an error of a host that asks for passwords, and other hosts' errors stay as they are", async () => {
  await withHosts(async (ask) => {
    for (const host of ["b", "a", "b", "a"]) {
      for (const [request, status] of [["/missing", 404], ["POST /", 405], ["PURGE /", 501]] as const) {
        const response = await ask(request, { Host: host });
        const control = host === "a" ? "no-store" : "no-cache";
        assertEquals([response.status, response.field("cache-control")], [status, control]);
      }
    }
  });
});

Deno.test("auth: an answer that needs a password tells no shared cache to keep it", async () => {
  await withHosts(async (ask) => {
    const response = await ask("/secret/a.txt", { Authorization: ALICE });
    assertEquals(/public|s-maxage|must-revalidate/.test(response.field("cache-control") ?? ""), false); // RFC 9111, 3.5.
    assertStringIncludes(response.text, "SECRET");
  });
});

Deno.test("auth: while passwords are checked others are answered, and more than four are told to come back", async () => {
  using folder = new TempFolder();
  folder.write("index.html", "index");
  folder.write("closed.html", "closed");
  const checking = Promise.withResolvers<boolean>();
  const hmac = () => createHmac("sha256", "a key");
  const checks = new PasswordChecks(systemClock, () => Promise.resolve({ hmac, isPassword: () => checking.promise }));
  const passwords = new Passwords(usersOf(SCRYPT_LINE), checks);
  const auth = [{ realm: "x", pattern: "/closed.html", passwords }];
  const site = new Site([{ name: "default", root: folder.path, auth }]);
  await withServer(http(files(site)), async ({ port }) => {
    const clients: RawClient[] = [];
    try {
      for (let number = 0; number < 4; number++) {
        clients.push(await RawClient.connect(port));
        await clients[number]!.send(get("/closed.html", { Authorization: basic(`bob:${number}`) }));
      }
      for (let turn = 0; !checks.isFull && turn < 4000; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
      const busy = await exchange(port, get("/closed.html", { Authorization: basic("bob:x"), Connection: "close" }));
      assertEquals([busy.status, busy.field("retry-after"), busy.field("cache-control")], [503, "1", "no-store"]);
      assertEquals((await exchange(port, get("/", { Connection: "close" }))).text, "index");
      checking.resolve(true);
      for (const client of clients) assertEquals((await client.response()).text, "closed");
    } finally {
      for (const client of clients) client.close();
    }
  });
});

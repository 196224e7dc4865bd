/** auth over real sockets: hosts that differ, who comes in, and what those who do not can learn. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { RawClient, type RawResponse } from "../client.ts";
import { exchangeFrom } from "../from.ts";
import { type Files, withSite } from "../site.ts";
import { basic, BCRYPT_LINE, PASSWORD, SCRYPT_LINE } from "./passwords.ts";

const FILES: Files = {
  "index.html": "index",
  "secret/index.html": "SECRET index",
  "secret/a.txt": "SECRET a",
  "secret/deep/b.txt": "SECRET b",
  "docs/index.html": "docs index",
  "docs/plain.txt": "docs plain",
};

/** `staff` has alice and `lab` has bob, both with the same password. */
const SECRETS: Files = { staff: `${BCRYPT_LINE}\n`, lab: `${SCRYPT_LINE}\n` };

const CONF = `host a ROOT
  auth "The staff" SECRETS/staff /secret/**
host b ROOT
host all ROOT
  auth "Everything" SECRETS/lab
host two ROOT
  auth Deep SECRETS/lab /secret/deep/**
  auth Staff SECRETS/staff /secret/**
`;

const ALICE = basic(`alice:${PASSWORD}`);
const BOB = basic(`bob:${PASSWORD}`);

/** A site with these hosts, asked on one connection. */
async function withHosts(
  test: (
    ask: (request: string, fields?: Record<string, string>) => Promise<RawResponse>,
    access: string[],
  ) => Promise<void>,
  { files = FILES, conf = CONF, secrets = SECRETS } = {},
): Promise<void> {
  await withSite({ files, conf, secrets }, async ({ port, access }) => {
    using client = await RawClient.connect(port);
    await test(async (request, fields = {}) => {
      const line = request.includes(" ") ? request : `GET ${request}`;
      const lines = Object.entries({ Host: "a", ...fields }).map(([name, value]) => `${name}: ${value}\r\n`);
      await client.send(`${line} HTTP/1.1\r\n${lines.join("")}\r\n`);
      return await client.response(line.startsWith("HEAD"));
    }, access);
  });
}

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

/** Ways to write a path below /secret/, with what each is answered without a password. */
const DODGES: readonly (readonly [target: string, status: number])[] = [
  ["/secret/a.txt", 401],
  ["/secret/deep/b.txt", 401],
  ["/secret/", 401],
  ["/secret", 401],
  ["/secret?x", 401],
  ["/secret/?x=/docs/", 401],
  ["//secret///a.txt", 401],
  ["/./secret/./a.txt", 401],
  ["/docs/../secret/a.txt", 401],
  ["/docs/%2e%2E/secret/a.txt", 401],
  ["/%2e/secret/a.txt", 401],
  ["/../../secret/a.txt", 401],
  ["/secret/%2e", 401],
  ["/secret/deep/..", 401],
  ["/secret/deep/%2e%2e/a.txt", 401],
  ["/%73ecret/a.txt", 401],
  ["/%53ECRET/a.txt", 401],
  ["/Secret/a.txt", 401],
  ["/SECRET", 401],
  ["/%C5%BFecret/a.txt", 401], // The long s, which is an s where letter case does not count.
  ["/secret/a.txt/", 401],
  ["/secret/missing", 401],
  ["/secret/.htaccess", 401],
  ["/secret/%FF", 401],
  ["http://a/secret/a.txt", 401],
  ["HTTP://A:80//secret/a.txt", 401],
  ["/secret%2fa.txt", 400],
  ["/docs/..%2fsecret/a.txt", 400],
  ["/docs\\..\\secret/a.txt", 400],
  ["/secret/a.txt%00", 400],
  ["/%252e%252e/secret/a.txt", 404],
  ["/%2573ecret/a.txt", 404],
  ["/secret;x/a.txt", 404],
  ["/secret%20/a.txt", 404],
  ["/secret/..", 200],
  ["/secrets", 404],
];

Deno.test("auth: no way to write a path leads around its pattern", async () => {
  await withSite({ files: FILES, conf: CONF, secrets: SECRETS }, async ({ port }) => {
    for (const [target, status] of DODGES) {
      using client = await RawClient.connect(port);
      await client.send(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
      const response = await client.response();
      assertEquals([target, response.status], [target, status]);
      assert(!response.text.includes("SECRET"), target);
    }
  });
});

Deno.test("auth: a pattern for names also guards the folder that such a file is the index of", async () => {
  const conf = "host a ROOT\n  auth Pages SECRETS/lab *.html\nhost b ROOT\n  auth Index SECRETS/lab /docs/index.html\n";
  await withHosts(async (ask) => {
    const statuses = async (host: string) => {
      const all = [];
      for (const target of ["/docs/", "/docs/index.html", "/docs/plain.txt", "/", "/DOCS/INDEX.HTML"]) {
        all.push((await ask(target, { Host: host })).status);
      }
      return all;
    };
    assertEquals(await statuses("a"), [401, 401, 200, 401, 401]);
    assertEquals(await statuses("b"), [401, 401, 200, 200, 401]);
  }, { conf });
});

Deno.test("auth: preconditions, ranges and HEAD tell nothing without a password", async () => {
  await withHosts(async (ask) => {
    const whole = await ask("/secret/a.txt", { Authorization: ALICE });
    const etag = whole.field("etag")!;
    const selecting: readonly Record<string, string>[] = [
      {},
      { Range: "bytes=0-0" },
      { "If-None-Match": etag },
      { "If-None-Match": "*" },
      { "If-Match": '"x"' },
      { "If-Modified-Since": "Fri, 27 Nov 2099 00:00:00 GMT" },
      { "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT" },
    ];
    for (const line of ["GET", "HEAD"]) {
      const answers = new Set<string>();
      for (const fields of selecting) {
        for (const target of ["/secret/a.txt", "/secret/missing", "/secret/deep", "/secret/.env", "/secret/"]) {
          const { status, fields: sent, text } = await ask(`${line} ${target}`, fields);
          const named = sent.filter(([name]) => name.toLowerCase() !== "date");
          answers.add(`${status} ${JSON.stringify(named)} ${text}`);
        }
      }
      assertEquals([...answers].map((answer) => answer.slice(0, 3)), ["401"]);
    }
    assertEquals((await ask("/secret/a.txt", { Authorization: ALICE, "If-None-Match": etag })).status, 304);
    assertEquals((await ask("/secret/a.txt", { Authorization: ALICE, Range: "bytes=0-1" })).text, "SE");
    assertEquals((await ask("HEAD /secret/a.txt", { Authorization: ALICE })).status, 200);
    assertEquals((await ask("/secret/missing", { Authorization: ALICE })).status, 404);
  });
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

Deno.test("auth: two Authorization fields let nobody in", async () => {
  await withSite({ files: FILES, conf: CONF, secrets: SECRETS }, async ({ port }) => {
    using client = await RawClient.connect(port);
    for (const lines of [[ALICE, ALICE], [ALICE, ""], ["", ALICE], [BOB, ALICE]]) {
      const fields = lines.map((value) => `Authorization: ${value}\r\n`).join("");
      await client.send(`GET /secret/a.txt HTTP/1.1\r\nHost: a\r\n${fields}\r\n`);
      assertEquals((await client.response()).status, 401);
    }
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

Deno.test("auth: a realm with quotation marks and backslashes is quoted", async () => {
  const { compileGuard } = await import("../../src/site/guard.ts");
  const { Passwords } = await import("../../src/site/passwords.ts");
  const { PasswordChecks } = await import("../../src/site/password_checks.ts");
  const passwords = new Passwords([], new PasswordChecks());
  const { challenge } = compileGuard({ realm: 'a "b" \\c', pattern: null, passwords });
  assertEquals(challenge, 'Basic realm="a \\"b\\" \\\\c", charset="UTF-8"');
});

Deno.test("auth: the password file is never served, by whatever name it is asked for", async () => {
  const conf = "host a ROOT\n  dotfiles on\n  auth Lab ROOT/lab /none\nhost b ROOT\n";
  await withSite({ files: { ...FILES, lab: SCRYPT_LINE }, conf }, async ({ port, root }) => {
    await Deno.symlink("lab", `${root}/link`);
    await Deno.link(`${root}/lab`, `${root}/hard`);
    const statuses = async () => {
      const all = [];
      for (const target of ["/lab", "/link", "/hard", "/lab.new", "/./lab", "/index.html"]) {
        for (const host of ["a", "b"]) {
          using client = await RawClient.connect(port);
          await client.send(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
          all.push((await client.response()).status);
        }
      }
      return all;
    };
    assertEquals(await statuses(), [404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200, 200]);
    await Deno.writeTextFile(`${root}/lab.new`, SCRYPT_LINE); // As an editor, and `sweepd passwd`, replace it.
    assertEquals(await statuses(), [404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200, 200]);
    await Deno.rename(`${root}/lab.new`, `${root}/lab`);
    assertEquals(await statuses(), [404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200, 200]);
  });
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

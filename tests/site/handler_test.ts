/**
 * Files over HTTP: methods, hosts, names, folders and errors. handler_parts_test.ts tests conditions and ranges.
 */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { asking, requestOf } from "./asking.ts";
import { WatchedDisk, withFolder } from "../files/folder.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const ON_WINDOWS = Deno.build.os === "windows";

Deno.test("GET answers with the file, its type and its validators", async () => {
  await withFolder(async (folder) => {
    folder.write("page.html", "<p>page");
    Deno.utimeSync(`${folder.root}/page.html`, 784_111_777, 784_111_777);
    const { status, fields, length, text } = await asking(folder.root).ask("GET /page.html HTTP/1.1");
    const { ETag: etag, ...others } = fields;
    assertEquals([status, length, text], [200, 7, "<p>page"]);
    assertEquals(others, {
      "Content-Type": "text/html; charset=utf-8",
      "Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT",
      "Accept-Ranges": "bytes",
      "Cache-Control": "no-cache",
      "Vary": "Accept-Encoding",
    });
    assertMatch(etag!, /^"[^"]+"$/);
  });
});

Deno.test("HEAD answers with the fields and the length of GET", async () => {
  await withFolder(async (folder) => {
    folder.write("page.html", "<p>page");
    folder.mkdir("sub");
    const { ask } = asking(folder.root);
    for (const target of ["/page.html", "/gone.html", "/sub", "/page.html/"]) {
      assertEquals(await ask(`HEAD ${target} HTTP/1.1`), await ask(`GET ${target} HTTP/1.1`));
    }
  });
});

Deno.test("GET uses the type in web.conf for the extension", async () => {
  await withFolder(async (folder) => {
    folder.write("notes.md");
    const { fields } = await asking(folder.root).ask("GET /notes.md HTTP/1.1");
    assertEquals(fields["Content-Type"], "text/markdown; charset=utf-8");
  });
});

for (
  const [target, name] of [
    ["/name%20with%20blanks.txt", "name with blanks.txt"],
    ["/100%25.txt", "100%.txt"],
    ["/%2525.txt", "%25.txt"],
    ["/a%23b.txt", "a#b.txt"],
    ["/a%3Fb.txt", "a?b.txt"],
    ["/a+b.txt", "a+b.txt"],
    ["/a%2Bb.txt", "a+b.txt"],
    ["/na%C3%AFve%20caf%C3%A9.txt", "naïve café.txt"],
    ["/%E6%97%A5%E6%9C%AC.txt", "日本.txt"],
    ["/%70age.html", "page.html"],
    ["/page.html?v=2", "page.html"],
    ["/page.html?", "page.html"],
    ["/sub/../page.html", "page.html"],
    ["/./page.html", "page.html"],
    ["//page.html", "page.html"],
    ["/../../page.html", "page.html"],
    ["/%2e%2e/page.html", "page.html"],
    ["http://localhost/page.html", "page.html"],
    ["/.well-known/security.txt", ".well-known/security.txt"],
  ] as const
) {
  Deno.test({
    name: `GET ${target} finds ${name}`,
    ignore: ON_WINDOWS && name.includes("?"),
    async fn() {
      await withFolder(async (folder) => {
        folder.write(name, "found");
        assertEquals((await asking(folder.root).ask(`GET ${target} HTTP/1.1`)).text, "found");
      });
    },
  });
}

for (
  const target of [
    "/gone.html",
    "/gone/",
    "/page.html/",
    "/page.html/more",
    "/a%20b+c.txt",
    "/.env",
    "/%2eenv",
    "/.git/config",
    "/sub/.well-known/security.txt",
    `/${"a".repeat(300)}`,
    `/${"a/".repeat(2500)}`,
    "/sub/",
  ]
) {
  Deno.test(`GET ${target.slice(0, 40)} is answered with 404`, async () => {
    await withFolder(async (folder) => {
      for (const path of ["page.html", "a b c.txt", ".env", ".git/config", "sub/.well-known/security.txt"]) {
        folder.write(path);
      }
      assertEquals(await asking(folder.root).status(`GET ${target} HTTP/1.1`), 404);
    });
  });
}

Deno.test("GET of a folder answers with its index.html", async () => {
  await withFolder(async (folder) => {
    folder.write("index.html", "<p>top");
    folder.write("sub/index.html", "<p>sub");
    const { ask } = asking(folder.root);
    for (const [target, text] of [["/", "<p>top"], ["/sub/", "<p>sub"], ["/sub/.", "<p>sub"], ["/sub/..", "<p>top"]]) {
      const answer = await ask(`GET ${target} HTTP/1.1`);
      assertEquals([answer.status, answer.text, answer.fields["Content-Type"]], [
        200,
        text,
        "text/html; charset=utf-8",
      ]);
    }
    assertEquals((await ask("GET http://localhost HTTP/1.1")).text, "<p>top");
  });
});

for (
  const [target, location] of [
    ["/sub", "/sub/"],
    ["/sub?a=b&c", "/sub/?a=b&c"],
    ["/sub/inner", "/sub/inner/"],
    ["/sub/../sub", "/sub/"],
    ["//sub", "/sub/"],
    ["///evil.example", "/evil.example/"],
    ["/a%20b%25%3F%23%C3%BC", "/a%20b%25%3F%23%C3%BC/"],
    ["http://evil.example/sub", "/sub/"],
    ["/link", "/link/"],
  ] as const
) {
  Deno.test(`GET ${target} is redirected to ${location}`, async () => {
    await withFolder(async (folder) => {
      for (const path of ["sub/inner", "evil.example", "a b%?#ü"]) folder.mkdir(path);
      folder.link("sub", "link");
      const { status, fields } = await asking(folder.root).ask(`GET ${target} HTTP/1.1`);
      assertEquals([status, fields["Location"]], [301, location]);
    });
  });
}

Deno.test("GET of a link out of the root is forbidden, to a file or a folder, with or without a slash", async () => {
  await withFolder(async (folder) => {
    folder.link("../outside/secret.txt", "secret.txt");
    folder.link("../outside", "out");
    const { status } = asking(folder.root);
    for (const target of ["/secret.txt", "/out", "/out/secret.txt"]) {
      assertEquals(await status(`GET ${target} HTTP/1.1`), 403, target);
    }
    assertEquals(await status("GET /out/ HTTP/1.1"), 404); // It has no index.html.
  });
});

Deno.test("GET of a file that the system refuses to open is forbidden", async () => {
  await withFolder(async (folder) => {
    folder.write("locked.html");
    const disk = new WatchedDisk({
      open() {
        throw new Deno.errors.PermissionDenied("text"); // These tests may run as the superuser, who may open all files.
      },
    });
    assertEquals(await asking(folder.root, { disk }).status("GET /locked.html HTTP/1.1"), 403);
  });
});

Deno.test("GET throws the error of a broken disk, which becomes a 500", async () => {
  await withFolder(async (folder) => {
    folder.write("page.html");
    const disk = new WatchedDisk({
      open() {
        throw new Error("Input/output error");
      },
    });
    const { ask } = asking(folder.root, { disk });
    await assertRejects(() => ask("GET /page.html HTTP/1.1"), Error, "Input/output error");
  });
});

Deno.test("GET leaves no file open except those in the cache, for every answer", async () => {
  await withFolder(async (folder) => {
    folder.write("page.html", "x".repeat(300_000)); // Too large for the memory of the cache.
    folder.link("../outside/secret.txt", "out.txt");
    const { ask, disk, cache } = asking(folder.root);
    for (
      const [target, field, status] of [
        ["/page.html", "X: x", 200],
        ["/page.html", "If-None-Match: *", 304],
        ["/page.html", 'If-Match: "other"', 412],
        ["/page.html", "Range: bytes=0-9", 206],
        ["/page.html", "Range: bytes=0-9, 20-29", 206],
        ["/page.html", "Range: bytes=300000-", 416],
        ["/out.txt", "X: x", 403],
      ] as const
    ) {
      await ask(`GET ${target} HTTP/1.1`, field);
      const answer = await ask(`GET ${target} HTTP/1.1`, field);
      cache.close();
      assertEquals([answer.status, disk.openFiles], [status, 0], field);
    }
  });
});

for (const method of ["POST", "PUT", "DELETE", "PATCH", "TRACE"]) {
  Deno.test(`${method} is answered with 405 and the allowed methods`, async () => {
    await withFolder(async (folder) => {
      folder.write("page.html");
      const { status, fields } = await asking(folder.root).ask(`${method} /page.html HTTP/1.1`);
      assertEquals([status, fields["Allow"]], [405, "GET, HEAD, OPTIONS"]);
    });
  });
}

Deno.test("CONNECT is answered with 405", async () => {
  assertEquals(await asking("/srv").status("CONNECT localhost:80 HTTP/1.1"), 405);
});

for (const method of ["BAD", "get", "Get", "GETS", "PROPFIND"]) {
  Deno.test(`${method} is answered with 501`, async () => {
    assertEquals(await asking("/srv").status(`${method} / HTTP/1.1`), 501);
  });
}

for (const target of ["*", "/", "/gone.html"]) {
  Deno.test(`OPTIONS ${target} is answered with the allowed methods, without content`, async () => {
    const { status, fields, length } = await asking("/srv").ask(`OPTIONS ${target} HTTP/1.1`);
    assertEquals([status, fields["Allow"], length], [200, "GET, HEAD, OPTIONS", 0]);
  });
}

for (
  const [requestLine, host, text] of [
    ["GET /a.txt HTTP/1.1", "Host: one.example", "one"],
    ["GET /a.txt HTTP/1.1", "Host:one.example", "one"],
    ["GET /a.txt HTTP/1.1", "Host: ONE.Example:8080", "one"],
    ["GET /a.txt HTTP/1.1", "Host: two.example:80", "two"],
    ["GET /a.txt HTTP/1.1", "Host: other.example", "rest"],
    ["GET /a.txt HTTP/1.1", "Host: 127.0.0.1:8080", "rest"],
    ["GET http://two.example/a.txt HTTP/1.1", "Host: one.example", "two"],
  ] as const
) {
  Deno.test(`${requestLine} with ${host} is answered by the host ${text}`, async () => {
    await withFolder(async (folder) => {
      for (const name of ["one", "two", "rest"]) folder.write(`${name}/a.txt`, name);
      const hosts = [["one.example", "one"], ["two.example", "two"], ["default", "rest"]] as const;
      const { ask } = asking(folder.root, {
        hosts: hosts.map(([name, root]) => ({ name, root: `${folder.root}/${root}` })),
      });
      // The second answer comes from the cache.
      for (let times = 0; times < 2; times++) assertEquals((await ask(requestLine, host)).text, text);
    });
  });
}

Deno.test("an unknown host gets 400, and HTTP/1.0 without Host gets the default host", async () => {
  await withFolder(async (folder) => {
    folder.write("a.txt");
    const hosts = [{ name: "localhost", root: folder.root }];
    assertEquals((await asking(folder.root, { hosts }).ask("GET /a.txt HTTP/1.1", "Host: other")).status, 400);
    assertEquals((await asking(folder.root, { hosts: [] }).ask("GET /a.txt HTTP/1.1")).status, 400);
    assertEquals((await asking(folder.root).ask("GET /a.txt HTTP/1.0", "Host:")).status, 200);
    assertEquals(requestOf("GET /a.txt HTTP/1.0", "Host:").host, "");
  });
});

Deno.test("a root that does not exist answers 404 for every path", async () => {
  const { status } = asking("/gone/for/ever");
  assertEquals([await status("GET / HTTP/1.1"), await status("GET /a.txt HTTP/1.1")], [404, 404]);
});

Deno.test("every error has a page, which contains nothing about this machine", async () => {
  await withFolder(async (folder) => {
    folder.mkdir("sub");
    folder.link("../outside/secret.txt", "secret.txt");
    const { ask } = asking(folder.root);
    for (const requestLine of ["GET /gone", "GET /secret.txt", "GET /sub", "POST /", "BAD /"]) {
      const { status, fields, text } = await ask(`${requestLine} HTTP/1.1`);
      assertEquals([fields["Content-Type"], text.includes(`<h1>${status} `)], ["text/html; charset=utf-8", true]);
      assertEquals([text.includes(folder.root), text.includes("secret")], [false, false]);
    }
  });
});

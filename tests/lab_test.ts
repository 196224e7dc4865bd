/**
 * What the lab's grader looks for, and what clients written for the lab rely on, through real sockets.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { exchange, get, RawClient } from "./client.ts";
import { withSite } from "./site.ts";

const FILES = { "index.html": "<p>index</p>", "a.txt": "a".repeat(2000), "b.txt": "b", "Makefile": "all:" };

Deno.test("every answer has Date, Server, Content-Type and Content-Length in exactly that letter case", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    for (const target of ["/", "/a.txt", "/none", "/%00", "/.hidden"]) {
      const { fields } = await exchange(port, get(target));
      const names = fields.map(([name]) => name);
      for (const name of ["Date", "Server", "Content-Type", "Content-Length"]) {
        assertEquals(names.filter((other) => other === name).length, 1, `${name} of ${target}`);
      }
    }
  });
});

Deno.test("a file's answer has Last-Modified, and nothing follows the body", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    using client = await RawClient.connect(port);
    await client.send(get("/b.txt", { Connection: "close" }));
    const response = await client.response();
    assertMatch(response.field("last-modified") ?? "", /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/);
    assertEquals(response.text, "b");
    assertEquals((await client.end()).length, 0);
  });
});

Deno.test("every error has a body", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    const requests = [
      get("/none"),
      "POST / HTTP/1.1\r\nHost: a\r\n\r\n",
      "BAD / HTTP/1.1\r\nHost: a\r\n\r\n",
      "rubbish\r\n\r\n",
    ];
    for (const request of requests) {
      const { status, content } = await exchange(port, request);
      assert(status >= 400 && content.length > 0, `${status} with ${content.length} bytes for ${request}`);
    }
  });
});

Deno.test("an unknown method is answered with 501, a known one that is not for files with 405", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    assertEquals((await exchange(port, "BAD / HTTP/1.1\r\nHost: a\r\n\r\n")).status, 501);
    const { status, field } = await exchange(port, "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n");
    assertEquals(status, 405);
    assertEquals(field("allow"), "GET, HEAD, OPTIONS");
  });
});

Deno.test("an empty method or target is answered with 400", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    assertEquals((await exchange(port, " / HTTP/1.1\r\nHost: a\r\n\r\n")).status, 400);
    assertEquals((await exchange(port, "GET  HTTP/1.1\r\nHost: a\r\n\r\n")).status, 400);
  });
});

Deno.test("Range: bytes=0-999 gives 206 and exactly 1000 bytes", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    const response = await exchange(port, get("/a.txt", { Range: "bytes=0-999" }));
    assertEquals(response.status, 206);
    assertEquals(response.field("content-length"), "1000");
    assertEquals(response.field("content-range"), "bytes 0-999/2000");
    assertEquals(response.text, "a".repeat(1000));
  });
});

Deno.test("a host is matched without its port, in any case, with or without a blank before it", async () => {
  await withSite({ files: FILES, conf: "host localhost ROOT\n" }, async ({ port }) => {
    for (
      const host of ["Host: localhost", "Host: localhost:8080", "Host: LocalHost", "Host:localhost", "host:\tlocalhost"]
    ) {
      assertEquals((await exchange(port, `GET /b.txt HTTP/1.1\r\n${host}\r\n\r\n`)).status, 200, host);
    }
  });
});

Deno.test("a host that is not listed is answered with 400 where there is no default", async () => {
  await withSite({ files: FILES, conf: "host localhost ROOT\n" }, async ({ port }) => {
    assertEquals((await exchange(port, get("/b.txt", { Host: "elsewhere" }))).status, 400);
  });
});

Deno.test("a root that does not exist is answered with 404", async () => {
  await withSite({ conf: "host default ROOT/not/there\n" }, async ({ port }) => {
    assertEquals((await exchange(port, get("/"))).status, 404);
  });
});

Deno.test("media types come from web.conf, then the table, then the content", async () => {
  const files = {
    "x.html": "",
    "x.c++": "",
    "x.zip": "",
    "x.unheard": "text",
    "y.unheard": new Uint8Array([0, 1]),
    "Makefile": "",
  };
  await withSite({ files, conf: "host default ROOT\nmedia c++ text/x-c\nmedia zip x-test/zip" }, async ({ port }) => {
    const types = { "x.html": "text/html; charset=utf-8", "x.c++": "text/x-c; charset=utf-8", "x.zip": "x-test/zip" };
    const sniffed = { "x.unheard": "text/plain; charset=utf-8", "y.unheard": "application/octet-stream" };
    for (const [name, type] of Object.entries({ ...types, ...sniffed, "Makefile": "text/plain; charset=utf-8" })) {
      assertEquals((await exchange(port, get(`/${name}`))).field("content-type"), type, name);
    }
  });
});

Deno.test("half a request on one connection does not delay another", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    using a = await RawClient.connect(port);
    using b = await RawClient.connect(port);
    await a.send("GET");
    await b.send(get("/b.txt"));
    assertEquals((await b.response()).text, "b");
    await a.send(" /b.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertEquals((await a.response()).text, "b");
  });
});

Deno.test("every complete request of one segment is answered, and the remainder is kept", async () => {
  await withSite({ files: FILES }, async ({ port }) => {
    using client = await RawClient.connect(port);
    await client.send(get("/b.txt") + get("/none") + get("/index.html") + "GET /b.t");
    const statuses = [await client.response(), await client.response(), await client.response()].map(({ status }) =>
      status
    );
    assertEquals(statuses, [200, 404, 200]);
    await client.send("xt HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertEquals((await client.response()).text, "b");
  });
});

Deno.test("an idle connection is closed after timeout, while a busy one stays", async () => {
  await withSite({ files: FILES, conf: "host default ROOT\nparameter timeout 1\n" }, async ({ port, events }) => {
    using idle = await RawClient.connect(port);
    using busy = await RawClient.connect(port);
    const closed = idle.end();
    let isClosed = false;
    closed.then(() => isClosed = true);
    for (let turn = 0; turn < 30 && !isClosed; turn++) {
      await busy.send(get("/b.txt"));
      await busy.response();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert(isClosed, "still open after three seconds");
    assertEquals(events.flatMap(({ event }) => event.kind === "sweep" ? [event.reason] : []), ["idle"]);
    await busy.send(get("/b.txt"));
    assertEquals((await busy.response()).status, 200);
  });
});

Deno.test("a slow download of a large file outlives timeout", async () => {
  const length = 24 * 1024 * 1024; // More than the system buffers between two sockets.
  const files = { "large.bin": new Uint8Array(length) };
  await withSite({ files, conf: "host default ROOT\nparameter timeout 0.5\n" }, async ({ port, events }) => {
    using client = await RawClient.connect(port);
    await client.send(get("/large.bin", { Connection: "close" }));
    await new Promise((resolve) => setTimeout(resolve, 2000));
    assertEquals((await client.response()).content.length, length);
    assertEquals(events.filter(({ event }) => event.kind === "sweep"), []);
  });
});

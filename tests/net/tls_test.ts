/**
 * Connections that are secured by TLS: who gets which certificate, how they end, and what peers can do wrong.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { connect } from "node:tls";

import { http } from "../../src/http/h1/conversation.ts";
import { errorResponse, textResponse } from "../../src/http/response.ts";
import type { Connection } from "../../src/net/connection.ts";
import type { Protocol } from "../../src/net/conversation.ts";
import type { Security } from "../../src/net/security.ts";
import {
  AUTHORITY,
  clientHello,
  connectTls,
  credentialsFor,
  failToConnect,
  localSettings,
  readAll,
  send,
  withSecured,
} from "./secured.ts";

const GET = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

const hello: Protocol = http(() => textResponse("hello\n"), { log: null });

/** Remembers how connections are secured. */
function recording(seen: (Security | "missing" | null)[], protocol: Protocol = hello): Protocol {
  return (connection: Connection) => {
    seen.push(connection.security);
    return protocol(connection);
  };
}

Deno.test("a request over TLS is answered, and the end is told by close_notify", async () => {
  const settings = await localSettings();
  const seen: (Security | "missing" | null)[] = [];
  await withSecured(recording(seen), () => settings, async ({ port }) => {
    using conn = await connectTls(port, { alpnProtocols: ["http/1.1"] });
    assertEquals((await conn.handshake()).alpnProtocol, "http/1.1");
    await send(conn, GET);
    assertStringIncludes(await readAll(conn), "\r\n\r\nhello\n"); // A cut would throw.
  });
  const [security] = seen;
  assert(security !== null && security !== undefined && security !== "missing");
  const { version, alpn, serverName, covers } = security;
  assertEquals([version, alpn, serverName], ["TLSv1.3", "http/1.1", "localhost"]);
  assertEquals([covers("localhost"), covers("127.0.0.1"), covers("example.org")], [true, true, false]);
});

Deno.test("a client that has closed its side still gets its answer", async () => {
  const settings = await localSettings();
  await withSecured(hello, () => settings, async ({ port }) => {
    using conn = await connectTls(port);
    await send(conn, GET.replace("Connection: close\r\n", ""));
    await conn.closeWrite();
    assertStringIncludes(await readAll(conn), "\r\n\r\nhello\n");
  });
});

Deno.test("a large answer arrives byte for byte, however slowly the client reads", async () => {
  const settings = await localSettings();
  const large = Uint8Array.from({ length: 3_000_001 }, (_, index) => index * 7 % 251);
  await withSecured((connection) => connection.write(large), () => settings, async ({ port }) => {
    using conn = await connectTls(port);
    const into = new Uint8Array(10_000);
    let at = 0;
    for (let count = await conn.read(into); count !== null && at < large.length; count = await conn.read(into)) {
      assertEquals(into.subarray(0, count), large.subarray(at, at + count));
      at += count;
      if (at === large.length) break; // An async function ends without close_notify.
    }
    assertEquals(at, large.length);
  });
});

Deno.test("the certificate is chosen by the server name of the client", async () => {
  const [one, other] = await Promise.all([credentialsFor("localhost"), credentialsFor("*.lab.test")]);
  const settings = { choose: (name: string) => name.endsWith(".lab.test") ? other : one, protocols: ["http/1.1"] };
  await withSecured(hello, () => settings, async ({ port }) => {
    for (const servername of ["localhost", "a.lab.test"]) {
      const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
      const socket = connect({ host: "127.0.0.1", port, servername, ca: AUTHORITY.certificate }, () => {
        resolve(socket.getPeerCertificate().subjectaltname);
        socket.destroy();
      }).on("error", reject);
      assertEquals(await promise, servername === "localhost" ? "DNS:localhost" : "DNS:*.lab.test");
    }
  });
});

Deno.test("TLS 1.2 and 1.3 are spoken", async () => {
  const settings = await localSettings();
  await withSecured(hello, () => settings, async ({ port }) => {
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const options = { host: "127.0.0.1", port, servername: "localhost", ca: AUTHORITY.certificate, maxVersion };
      const socket = connect(options, () => {
        assertEquals(socket.getProtocol(), maxVersion);
        socket.write(GET);
      });
      socket.on("error", reject).on("data", () => {}).on("close", () => resolve());
      await promise;
    }
  });
});

Deno.test("plain bytes on a listener for TLS are a connection without security", async () => {
  const settings = await localSettings();
  const seen: (Security | "missing" | null)[] = [];
  await withSecured(recording(seen), () => settings, async ({ port }) => {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await send(conn, GET);
    assertStringIncludes(await readAll(conn), "\r\n\r\nhello\n");
  });
  assertEquals(seen, ["missing"]);
});

Deno.test("a ClientHello that comes byte by byte is understood", async () => {
  const settings = await localSettings();
  const bytes = await clientHello();
  await withSecured(hello, () => settings, async ({ port }) => {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    for (const byte of bytes) await conn.write(Uint8Array.of(byte));
    const answer = new Uint8Array(1);
    assertEquals([await conn.read(answer), answer[0]], [1, 0x16]); // A record of the handshake.
  });
});

Deno.test("a handshake has the deadline of a message, and holds no other up", async () => {
  const settings = await localSettings();
  const stalled = await clientHello();
  await withSecured(hello, () => settings, async ({ port, events, until }) => {
    const conns: Deno.Conn[] = [];
    for (const bytes of [new Uint8Array(0), stalled.slice(0, 20), stalled]) {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      if (bytes.length > 0) await conn.write(bytes);
      conns.push(conn);
    }
    using client = await connectTls(port);
    await send(client, GET);
    assertStringIncludes(await readAll(client), "hello");
    await until(() => events.filter((event) => event.kind === "sweep").length === 3);
    const swept = events.filter((event) => event.kind === "sweep");
    assertEquals(swept.map(({ activity, reason }) => [activity, reason]), swept.map(() => ["receiving", "idle"]));
    for (const conn of conns) {
      await readAll(conn).catch(() => {}); // The server has closed it, or sends an alert first.
      conn.close();
    }
  }, { sweep: { idleMs: 300, messageMs: 10_000 } });
});

Deno.test("a handshake that goes wrong ends its connection, with a reason in words", async () => {
  const settings = await localSettings();
  const start = await clientHello();
  const garbage = Uint8Array.from([0x16, 3, 1, 0xff, 0xff, ...new Array(200).fill(7)]);
  const broken = start.slice();
  broken.fill(0xff, 5, 60);
  await withSecured(hello, () => settings, async ({ port, events, until }) => {
    for (const [index, bytes] of [garbage, broken].entries()) {
      using conn = await Deno.connect({ hostname: "127.0.0.1", port });
      await conn.write(bytes);
      const alert = new Uint8Array(16);
      const count = await conn.read(alert);
      assertEquals(alert.subarray(0, count ?? 0).toHex(), "15030300020232"); // Fatal: decode_error.
      await until(() => events.filter(({ kind }) => kind === "close").length > index);
    }
    await failToConnect(port, { caCerts: [] });
    await until(() => events.filter(({ kind }) => kind === "close").length === 3);
    const reasons = events.flatMap((event) =>
      event.kind === "open" && event.opened.kind === "failed" ? [event.opened.reason] : []
    );
    assert(reasons.length >= 2, JSON.stringify(events));
    for (const reason of reasons) assert(/^[a-z]/.test(reason) && !/\n| at /.test(reason), reason);
    using client = await connectTls(port);
    await send(client, GET);
    assertStringIncludes(await readAll(client), "hello");
  });
});

Deno.test("a client that leaves in any phase leaves nothing behind", async () => {
  const settings = await localSettings();
  const bytes = await clientHello();
  await withSecured(hello, () => settings, async ({ port, events, until }) => {
    const phases: readonly ((port: number) => Promise<Deno.Conn>)[] = [
      (port) => Deno.connect({ hostname: "127.0.0.1", port }),
      ...[1, 5, 100, bytes.length].map((length) => async (port: number) => {
        const conn = await Deno.connect({ hostname: "127.0.0.1", port });
        await conn.write(bytes.slice(0, length));
        return conn;
      }),
      (port) => connectTls(port),
      async (port) => {
        const conn = await connectTls(port);
        await send(conn, "GET / HTTP/1.1\r\nHo");
        return conn;
      },
    ];
    for (const open of phases) {
      const before = events.filter(({ kind }) => kind === "close").length;
      (await open(port)).close();
      await until(() => events.filter(({ kind }) => kind === "close").length > before);
    }
    const opened = events.filter(({ kind }) => kind === "accept").length;
    assertEquals(events.filter(({ kind }) => kind === "close").length, opened);
  });
});

Deno.test("a client that stops reading is closed, although all was encrypted long ago", async () => {
  const settings = await localSettings();
  const large = new Uint8Array(64 * 1024 * 1024);
  const flood: Protocol = (connection) => connection.write(large);
  await withSecured(flood, () => settings, async ({ port, until, events }) => {
    using conn = await connectTls(port);
    await conn.handshake();
    await until((event) => event.kind === "sweep" && event.reason === "too slow");
    const closed = events.find((event) => event.kind === "close");
    assert(closed?.kind === "close" && closed.sent < large.length, JSON.stringify(closed));
  }, { sendingRate: { bytesPerMs: 1_000_000, graceMs: 200, aheadMaxMs: 200 } });
});

Deno.test("a renewed certificate is for new connections, and old ones go on", async () => {
  let settings = await localSettings();
  const [renewed] = await Promise.all([localSettings()]);
  const protocol = http(() => errorResponse(404), { log: null });
  await withSecured(protocol, () => settings, async ({ port }) => {
    const fingerprints: string[] = [];
    const open = async () => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const socket = connect({ host: "127.0.0.1", port, servername: "localhost", ca: AUTHORITY.certificate }, () => {
        fingerprints.push(socket.getPeerCertificate().fingerprint256);
        resolve();
      }).on("error", reject);
      await promise;
      return socket;
    };
    const old = await open();
    settings = renewed;
    const young = await open();
    assert(fingerprints[0] !== fingerprints[1]);
    const { promise, resolve } = Promise.withResolvers<string>();
    old.on("data", (bytes: Uint8Array) => resolve(new TextDecoder().decode(bytes)));
    old.write(GET);
    assertStringIncludes(await promise, "404");
    for (const socket of [old, young]) socket.destroy();
  });
});

/**
 * HTTP/2 over TLS, on real sockets: ALPN chooses it, and the certificate decides which hosts are answered.
 */

import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { httpOfAnyVersion } from "../../src/http/h2/negotiation.ts";
import { ALPN_PROTOCOLS } from "../../src/server.ts";
import { connectTls, localSettings, withSecured } from "../net/secured.ts";
import { toText } from "./octets.ts";
import { read, site } from "./talking.ts";
import { END_STREAM, frame, headers, PREFACE, settings } from "./wire.ts";

const ask = (stream: number, host: string) =>
  headers(stream, END_STREAM, ":method: GET", ":scheme: https", `:authority: ${host}`, ":path: /");

/** Settings that offer what the server offers. */
async function offered() {
  const local = await localSettings();
  return () => ({ ...local, protocols: ALPN_PROTOCOLS });
}

/** All that the server sends until it ends. */
async function readAll(conn: Deno.TlsConn): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = new Uint8Array(16_384);
    const count = await conn.read(chunk);
    if (count === null) return concat(chunks);
    chunks.push(chunk.subarray(0, count));
  }
}

Deno.test("a client that offers h2 gets it, and 421 for a host that the certificate is not valid for", async () => {
  await withSecured(httpOfAnyVersion(site, {}), await offered(), async ({ port }) => {
    using conn = await connectTls(port, { alpnProtocols: ["h2", "http/1.1"] });
    assertEquals((await conn.handshake()).alpnProtocol, "h2");
    const mistake = frame("PING", 0, 0, new Uint8Array(1)); // Ends the connection.
    await conn.write(concat([PREFACE, settings(), ask(1, "localhost"), ask(3, "other.example"), mistake]));
    const { answers, goAway } = read(await readAll(conn));
    assertEquals([answers.get(1)?.status, answers.get(1)?.content], [200, "hello"]);
    assertEquals([answers.get(3)?.status, goAway?.code], [421, "FRAME_SIZE_ERROR"]);
  });
});

for (const alpnProtocols of [["http/1.1"], []]) {
  Deno.test(`a client that offers ${alpnProtocols[0] ?? "nothing"} gets HTTP/1.1, even if h2c is on`, async () => {
    await withSecured(httpOfAnyVersion(site, { h2c: true }), await offered(), async ({ port }) => {
      using conn = await connectTls(port, alpnProtocols.length === 0 ? {} : { alpnProtocols });
      await conn.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
      assertEquals(/^HTTP\/1\.1 200 OK\r\n/.test(toText(await readAll(conn))), true);
    });
  });
}

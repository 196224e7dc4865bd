/**
 * A protocol that is served over TLS on real sockets, with certificates that are made for the test.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { createSecureContext } from "node:tls";
import { type Authority, issueAuthority, issueLeaf } from "../../src/certificates/issue.ts";
import { isCovered } from "../../src/certificates/names.ts";
import { systemClock } from "../../src/net/clock.ts";
import type { Connection } from "../../src/net/connection.ts";
import type { Protocol } from "../../src/net/conversation.ts";
import type { ConnectionEvent } from "../../src/net/events.ts";
import { listen } from "../../src/net/listen.ts";
import { serve, type ServeSettings } from "../../src/net/listener.ts";
import { TlsListener } from "../../src/net/tls_listener.ts";
import type { Credentials, TlsSettings } from "../../src/net/tls_socket.ts";

/** The authority that all tests trust. */
export const AUTHORITY: Authority = await issueAuthority({
  commonName: "test authority",
  names: [],
  nowMs: Date.now(),
  days: 2,
});

/** Credentials for `names` that the authority has signed. */
export async function credentialsFor(...names: readonly string[]): Promise<Credentials> {
  const leaf = await issueLeaf({ commonName: names[0]!, names, nowMs: Date.now(), days: 1 }, AUTHORITY);
  const context = createSecureContext({ cert: leaf.certificate, key: leaf.key });
  return { context, covers: (host) => isCovered(host, names) };
}

/** Settings with one certificate, for localhost. */
export async function localSettings(): Promise<TlsSettings> {
  const credentials = await credentialsFor("localhost", "127.0.0.1");
  return { choose: () => credentials, protocols: ["http/1.1"] };
}

/** What a test can look at. */
export interface Secured {
  readonly port: number;
  readonly events: ConnectionEvent[];
  /** Resolves when an event has happened that fits. */
  until(fits: (event: ConnectionEvent) => boolean): Promise<void>;
}

/** Serves on a free port of this machine; afterwards checks that the server ends and had nothing to report. */
export async function withSecured(
  protocol: Protocol,
  settings: () => TlsSettings,
  test: (secured: Secured) => Promise<void>,
  options: Partial<ServeSettings> = {},
): Promise<void> {
  const stop = new AbortController();
  const tcp = listen({ hostname: "127.0.0.1", port: 0 });
  const problems: unknown[] = [];
  const events: ConnectionEvent[] = [];
  const running = serve(protocol, {
    listener: new TlsListener({ listener: tcp, settings, clock: systemClock }),
    report: (problem, error) => void problems.push([problem, error]),
    observe: (_: Connection, event) => void events.push(event),
    signal: stop.signal,
    drainMs: 1000,
    ...options,
  });
  try {
    await test({ port: tcp.addr.port, events, until: (fits) => untilEvent(events, fits) });
  } finally {
    stop.abort();
    await running;
  }
  assertEquals(problems, []);
}

const WAIT_MS = 20_000;
const LOOK_MS = 10;

async function untilEvent(events: readonly ConnectionEvent[], fits: (event: ConnectionEvent) => boolean) {
  for (let waited = 0; !events.some(fits); waited += LOOK_MS) {
    if (waited > WAIT_MS) throw new Error(`no such event among ${JSON.stringify(events.slice(-5))}`);
    await systemClock.sleep(LOOK_MS);
  }
}

/** Connects by TLS and trusts the authority. */
export async function connectTls(port: number, options: Partial<Deno.ConnectTlsOptions> = {}): Promise<Deno.TlsConn> {
  return await Deno.connectTls({ hostname: "localhost", port, caCerts: [AUTHORITY.certificate], ...options });
}

/** Makes a handshake that must fail, and closes the connection. */
export async function failToConnect(port: number, options: Partial<Deno.ConnectTlsOptions> = {}): Promise<void> {
  const conn = await connectTls(port, options);
  try {
    await assertRejects(() => conn.handshake());
  } finally {
    conn.close();
  }
}

/** The first bytes of a real client: its ClientHello. */
export async function clientHello(): Promise<Uint8Array<ArrayBuffer>> {
  const listener = listen({ hostname: "127.0.0.1", port: 0 });
  const client = failToConnect(listener.addr.port);
  const server = await listener.accept();
  const bytes = new Uint8Array(4096);
  const count = await server.read(bytes) ?? 0;
  server.close();
  listener.close();
  await client;
  return bytes.slice(0, count);
}

/** Reads to the end of a stream. Throws if it is cut. */
export async function readAll(conn: Pick<Deno.Conn, "read">): Promise<string> {
  const bytes = new Uint8Array(16 * 1024);
  let text = "";
  for (let count = await conn.read(bytes); count !== null; count = await conn.read(bytes)) {
    text += new TextDecoder().decode(bytes.subarray(0, count));
  }
  return text;
}

/** Sends all of a text. */
export async function send(conn: Pick<Deno.Conn, "write">, text: string): Promise<void> {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(await conn.write(bytes));
}

/**
 * Connections after their handshake, in both ways: with the handle of the runtime, and as a stream of `node:tls`.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { nextTick } from "node:process";
import { TLSSocket } from "node:tls";
import { listen } from "../../src/net/listen.ts";
import type { SecuredStream } from "../../src/net/security.ts";
import type { Socket } from "../../src/net/socket.ts";
import { recordsOf } from "../../src/net/tls_records.ts";
import { TlsStream } from "../../src/net/tls_stream.ts";
import { TlsWire } from "../../src/net/tls_wire.ts";
import { writeAll } from "../../src/net/write_all.ts";
import { connectTls, credentialsFor } from "./secured.ts";

/** A TCP socket that accepts few bytes at a time, and counts them. */
class Narrow implements Socket {
  accepted = 0;
  received = 0;
  /** Called with encrypted bytes before they are read. */
  spoil: (bytes: Uint8Array) => void = () => {};
  readonly #conn: Deno.TcpConn;
  readonly #writeMax: number;

  constructor(conn: Deno.TcpConn, writeMax: number) {
    this.#conn = conn;
    this.#writeMax = writeMax;
  }

  get remoteAddr(): Deno.NetAddr {
    return this.#conn.remoteAddr;
  }

  async read(into: Uint8Array): Promise<number | null> {
    const count = await this.#conn.read(into);
    this.received += count ?? 0;
    this.spoil(into.subarray(0, count ?? 0));
    return count;
  }

  async write(bytes: Uint8Array): Promise<number> {
    const count = await this.#conn.write(bytes.subarray(0, this.#writeMax));
    this.accepted += count;
    return count;
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  setNoDelay(): void {}

  close(): void {
    this.#conn.close();
  }
}

/** Both ends after the handshake. */
interface Ends {
  readonly stream: SecuredStream;
  readonly socket: Narrow;
  readonly client: Deno.TlsConn;
}

type Way = (parts: Parameters<typeof recordsOf>[0]) => SecuredStream;

const WAYS = {
  TlsRecords(parts: Parameters<Way>[0]) {
    const records = recordsOf(parts);
    assert(records !== null, "the handle of this runtime has changed: adapt TlsRecords");
    return records;
  },
  TlsStream: ({ tls, wire }: Parameters<Way>[0]) => new TlsStream(tls, wire),
};

async function withEnds(way: Way, test: (ends: Ends) => Promise<void>, writeMax = Infinity): Promise<void> {
  const { context } = await credentialsFor("localhost");
  const listener = listen({ hostname: "127.0.0.1", port: 0 });
  const connecting = connectTls(listener.addr.port);
  const socket = new Narrow(await listener.accept() as Deno.TcpConn, writeMax);
  const wire = new TlsWire(socket, new Uint8Array(0), () => {});
  const tls = new TLSSocket(wire.stream, { isServer: true, secureContext: context });
  const { promise, resolve } = Promise.withResolvers<SecuredStream>();
  tls.on("secure", () => resolve(way({ tls, wire, socket, onBytes: () => {} })));
  tls.read(0);
  nextTick(() => wire.begin());
  const client = await connecting;
  await client.handshake();
  const stream = await promise;
  tls.on("_tlsError", (error: Error) => stream.fail(error)).on("close", () => stream.fail(null)).on("error", () => {});
  try {
    await test({ stream, socket, client });
  } finally {
    socket.close();
    stream.close();
    tls.destroy();
    wire.destroy();
    client.close();
    listener.close();
  }
}

function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => index * 7 % 251);
}

async function readExactly(conn: Pick<SecuredStream, "read">, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await conn.read(bytes.subarray(at));
    if (count === null) throw new Error(`the end after ${at} bytes`);
    at += count;
  }
  return bytes;
}

for (const [name, way] of Object.entries(WAYS)) {
  Deno.test(`${name} sends all bytes, however few the system accepts at a time`, async () => {
    for (const writeMax of [1000, 20_000, Infinity]) {
      await withEnds(way, async ({ stream, client }) => {
        const sent = pattern(150_001);
        const [received] = await Promise.all([readExactly(client, sent.length), writeAll(stream, sent)]);
        assertEquals(received, sent);
      }, writeMax);
    }
  });

  Deno.test(`${name} reads all bytes, into however small a space`, async () => {
    await withEnds(way, async ({ stream, client }) => {
      const sent = pattern(50_000);
      const writing = writeAll(client, sent);
      const received: number[] = [];
      const into = new Uint8Array(777);
      while (received.length < sent.length) {
        const count = await stream.read(into);
        received.push(...into.subarray(0, count!));
      }
      await writing;
      assertEquals(Uint8Array.from(received), sent);
    });
  });

  Deno.test(`${name} reads the end after close_notify, and can still write`, async () => {
    await withEnds(way, async ({ stream, client }) => {
      await writeAll(client, pattern(10));
      await client.closeWrite();
      assertEquals(await stream.read(new Uint8Array(100)), 10);
      assertEquals(await stream.read(new Uint8Array(100)), null);
      assertEquals(await stream.read(new Uint8Array(100)), null);
      await writeAll(stream, pattern(100));
      assertEquals(await readExactly(client, 100), pattern(100));
    });
  });

  Deno.test(`${name} tells its end by close_notify, after all bytes`, async () => {
    await withEnds(way, async ({ stream, client }) => {
      await writeAll(stream, pattern(5000));
      await stream.closeWrite();
      assertEquals(await readExactly(client, 5000), pattern(5000));
      assertEquals(await client.read(new Uint8Array(1)), null); // A cut would throw.
    });
  });

  Deno.test(`${name} says that the peer is gone if a record is spoilt, and tells the peer`, async () => {
    await withEnds(way, async ({ stream, socket, client }) => {
      socket.spoil = (bytes) => void (bytes[bytes.length - 1]! ^= 1);
      await writeAll(client, pattern(100));
      await assertRejects(() => stream.read(new Uint8Array(100)), Deno.errors.ConnectionReset);
      await assertRejects(() => client.read(new Uint8Array(1)), Error, "received fatal alert");
    });
  });

  Deno.test(`${name} reads no more than it is asked for, so that a peer cannot fill the memory`, async () => {
    await withEnds(way, async ({ stream, socket, client }) => {
      const flood = writeAll(client, pattern(4_000_000)).catch(() => {});
      assertEquals(await stream.read(new Uint8Array(1)), 1);
      for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
      assert(socket.received < 100_000, `${socket.received} bytes were read`);
      socket.close();
      socket.close = () => {};
      await flood;
    });
  });
}

Deno.test("TlsRecords counts what the system has accepted, and not what was encrypted", async () => {
  await withEnds(WAYS.TlsRecords, async ({ stream, socket, client }) => {
    const reading = readExactly(client, 100_000);
    const sent = pattern(100_000);
    for (let at = 0; at < sent.length;) {
      const before = socket.accepted;
      const count = await stream.write(sent.subarray(at));
      const accepted = socket.accepted - before;
      assert(count > 0 && count <= accepted, `${count} of ${accepted}`);
      at += count;
    }
    assertEquals(await reading, sent);
  }, 1000);
});

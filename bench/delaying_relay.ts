/**
 * A relay on this machine that makes a connection as slow as one over a distance: it holds each piece of bytes for half of
 * a round trip, and a new connection for one whole, as the handshake of TCP takes.
 * @module
 */

import { pause } from "./own.ts";

/** A running relay. */
export interface Relay extends Disposable {
  readonly port: number;
}

/** Relays connections to `port` of this machine. `roundTripMs` is 0 or more. */
export function relayTo(port: number, roundTripMs: number): Relay {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  const accept = async () => {
    for await (const client of listener) void relay(client, { port, roundTripMs, open });
  };
  accept().catch(() => {}); // The listener is closed.
  return {
    port: listener.addr.port,
    [Symbol.dispose]() {
      listener.close();
      for (const connection of open) close(connection);
    },
  };
}

interface Way {
  readonly port: number;
  readonly roundTripMs: number;
  readonly open: Set<Deno.TcpConn>;
}

async function relay(client: Deno.TcpConn, { port, roundTripMs, open }: Way): Promise<void> {
  open.add(client);
  await pause(roundTripMs);
  try {
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    open.add(server);
    for (const connection of [client, server]) connection.setNoDelay(true);
    await Promise.all([carry(client, server, roundTripMs / 2), carry(server, client, roundTripMs / 2)]);
    close(server);
    open.delete(server);
  } catch {
    // One of the two is gone, and so the other one has nobody to speak to.
  }
  close(client);
  open.delete(client);
}

/** Bytes that may be on the way in one direction. */
const ON_THE_WAY_BYTES_MAX = 4 * 1024 * 1024;

/** Reads at once, and writes each piece when its time has come. */
async function carry(from: Deno.TcpConn, to: Deno.TcpConn, delayMs: number): Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let onTheWay = 0;
  for (;;) {
    const piece = new Uint8Array(64 * 1024);
    const count = await from.read(piece).catch(() => null);
    const arrival = pause(delayMs);
    const before = last;
    last = before.then(() => arrival).then(() =>
      count === null ? to.closeWrite() : writeAll(to, piece.subarray(0, count))
    );
    last.catch(() => {}); // The await of the last piece throws it.
    if (count === null) return await last;
    onTheWay += count;
    if (onTheWay > ON_THE_WAY_BYTES_MAX) {
      await last;
      onTheWay = 0;
    }
  }
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await to.write(rest));
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}

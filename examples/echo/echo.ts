/**
 * Echo: sends back what it reads, until the peer ends its side (RFC 862).
 * @module
 */

import type { Connection } from "../../src/mod.ts";

/**
 * The echo protocol for `serve`. It sends back all bytes of one read before it reads again. So it stops reading from a peer
 * that does not read itself: such a peer costs one accumulator, and the sweep closes its connection as too slow.
 */
export async function echo(connection: Connection): Promise<void> {
  const { input } = connection;
  while (await connection.fill() === "bytes") {
    connection.endMessage(); // The bytes of each read are a complete message.
    await connection.write(input.bytes.subarray(input.start, input.end));
    input.consume(input.length);
    if (connection.draining) return await connection.linger();
  }
}

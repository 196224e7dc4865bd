/**
 * Echo: sends back what it reads, until the peer ends its side (RFC 862).
 * @module
 */

import { type Clock, type Protocol, systemClock, Turns } from "../../src/mod.ts";

/**
 * The echo protocol for `serve`. What one read brought is sent back in full before the next read, so that a peer that does
 * not read is no longer read from either, and costs one accumulator; the sweep closes it as too slow.
 */
export function echo(clock: Clock = systemClock): Protocol {
  return async (connection) => {
    const { input } = connection;
    const turns = new Turns(clock);
    while (await connection.fill() === "bytes") {
      connection.endMessage(); // Whatever came is a message: nothing is owed.
      await connection.write(input.bytes.subarray(input.start, input.end));
      input.consume(input.length);
      if (connection.draining) return await connection.linger();
      await turns.next();
    }
  };
}

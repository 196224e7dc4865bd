/**
 * Two connected sockets, for the examples of this folder.
 * @module
 */

import { connect, listen, type Socket } from "../../src/mod.ts";

/** Runs `use` with both ends of a connection, and closes them. */
export async function withPair(use: (client: Socket, server: Socket) => Promise<void>): Promise<void> {
  const listener = listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = listener.accept();
  const client = await connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const server = await accepting;
  listener.close();
  try {
    await use(client, server);
  } finally {
    for (const socket of [client, server]) closeOnce(socket);
  }
}

/** An example may have closed its socket already. */
function closeOnce(socket: Socket): void {
  try {
    socket.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

/**
 * The primitive `accept`: `serve` accepts connections and calls a function for each. It is given a way to close, here a
 * signal.
 * @module
 */

import { connect, listen, serve } from "../../src/mod.ts";

const listener = listen({ hostname: "127.0.0.1", port: 0 });
const stop = new AbortController();
const serving = serve((connection) => {
  console.log(`accepted number ${connection.id}`);
  return Promise.resolve(); // The connection is closed when its function has ended.
}, { listener, signal: stop.signal });

for (let count = 0; count < 2; count++) {
  const socket = await connect({ hostname: "127.0.0.1", port: listener.addr.port });
  await socket.read(new Uint8Array(1)); // Resolves to `null` when the server closes.
  socket.close();
}
stop.abort();
await serving;

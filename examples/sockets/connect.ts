/**
 * The primitive `connect`: with a timeout, and a reason in words if it fails.
 * @module
 */

import { connect, ConnectError, listen } from "../../src/mod.ts";

const listener = listen({ hostname: "127.0.0.1", port: 0 });
const { port } = listener.addr;
(await connect({ hostname: "127.0.0.1", port }, { timeoutMs: 1_000 })).close();
console.log("connected");

listener.close();
try {
  await connect({ hostname: "127.0.0.1", port }, { timeoutMs: 1_000 });
} catch (error) {
  if (error instanceof ConnectError) console.log(error.failure);
}

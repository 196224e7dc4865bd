/**
 * The primitive `listen`: opens a listening socket and prints its address.
 * @module
 */

import { hostAndPort, listen } from "../../src/mod.ts";

const listener = listen({ hostname: "127.0.0.1", port: 0 }); // Port 0: any free one.
console.log(`listening on ${hostAndPort(listener.addr.hostname, listener.addr.port)}`);
listener.close();

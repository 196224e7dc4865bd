/**
 * The primitive `socket_writer`: sends all bytes, although the socket takes only a part at a time.
 * @module
 */

import { chunks, writeAll } from "../../src/mod.ts";
import { withPair } from "./pair.ts";

const BYTES = 5_000_000; // More than the buffers of the system take.

await withPair(async (client, server) => {
  let writes = 0;
  const counting = { write: (bytes: Uint8Array) => (writes++, client.write(bytes)) };
  const writing = writeAll(counting, new Uint8Array(BYTES)).then(() => client.closeWrite());
  let received = 0;
  for await (const chunk of chunks(server)) received += chunk.length;
  await writing;
  console.log(`${received} bytes in ${writes > 1 ? "several writes" : "one write"}`);
});

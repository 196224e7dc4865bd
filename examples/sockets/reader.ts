/**
 * The primitive `socket_reader`: iterates over the bytes of a stream, in chunks of at most 4.
 * @module
 */

import { chunks, writeAll } from "../../src/mod.ts";
import { withPair } from "./pair.ts";

await withPair(async (client, server) => {
  await writeAll(client, new TextEncoder().encode("event loop"));
  await client.closeWrite();
  for await (const chunk of chunks(server, 4)) console.log(new TextDecoder().decode(chunk));
  console.log("end of stream");
});

/**
 * The primitive `data_reader`: calls a function with each chunk, and closes at the end of the stream.
 * @module
 */

import { readData, writeAll } from "../../src/mod.ts";
import { withPair } from "./pair.ts";

await withPair(async (client, server) => {
  await writeAll(client, new TextEncoder().encode("mark and sweep"));
  await client.closeWrite();
  await readData(server, (chunk) => console.log(`${chunk.length} bytes`));
  console.log("closed");
});

/**
 * The primitive `write_iterable`: sends each item of an iterable, and tells before its first byte and after its last.
 * @module
 */

import { chunks, writeEach } from "../../src/mod.ts";
import { withPair } from "./pair.ts";

/** Items may be made while the ones before are sent. */
async function* items(): AsyncGenerator<Uint8Array, void, void> {
  for (const word of ["one", "two"]) yield await Promise.resolve(new TextEncoder().encode(word));
}

await withPair(async (client, server) => {
  const count = await writeEach(client, items(), {
    before: ({ index }) => console.log(`item ${index} begins`),
    done: ({ index, bytes }) => console.log(`item ${index} is sent: ${bytes.length} bytes`),
  });
  await client.closeWrite();
  for await (const chunk of chunks(server)) console.log(`${count} items arrive as ${new TextDecoder().decode(chunk)}`);
});

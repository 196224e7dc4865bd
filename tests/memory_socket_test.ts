/**
 * The socket in memory refuses what a server must not do.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { MemorySocket, SILENCE } from "./memory_socket.ts";

Deno.test("MemorySocket refuses a second read while one is pending, and takes the next one", async () => {
  const socket = new MemorySocket(["ab", "c"]);
  const first = socket.read(new Uint8Array(2));
  await assertRejects(() => socket.read(new Uint8Array(2)), Error, "Two concurrent calls of read()");
  assertEquals([await first, await socket.read(new Uint8Array(2))], [2, 1]);
});

Deno.test("MemorySocket refuses a second write while one is pending, and takes one beside a read", async () => {
  const socket = new MemorySocket([SILENCE]);
  const read = socket.read(new Uint8Array(1));
  const first = socket.write(new Uint8Array(3));
  await assertRejects(() => socket.write(new Uint8Array(3)), Error, "Two concurrent calls of write()");
  assertEquals([await first, await socket.write(new Uint8Array(3))], [3, 3]);
  socket.close();
  await assertRejects(() => read, Deno.errors.Interrupted);
});

/** The memory of the outbox: idle connections hold no buffer, and a limited number of buffers is reused. */

import { assert } from "@std/assert";
import { BufferPool, Outbox, OUTBOX_BYTES } from "../../src/http/h1/outbox.ts";
import { Connection } from "../../src/net/connection.ts";
import { MemorySocket } from "../memory_socket.ts";
import { StoppedClock, TRANSPORT } from "./conversation.ts";

Deno.test("Outbox holds a buffer only while it holds bytes", async () => {
  const pool = new BufferPool();
  const outbox = new Outbox(new Connection(1, new MemorySocket([]), { ...TRANSPORT, clock: new StoppedClock() }), pool);
  const spare = pool.take();
  pool.give(spare);
  await outbox.putText("a");
  assert(pool.take() !== spare, "the outbox has none while it holds bytes");
  await outbox.flush();
  assert(pool.take() === spare, "the outbox keeps its buffer after a flush");
});

Deno.test("BufferPool reuses returned buffers, and otherwise creates buffers of the outbox's size", () => {
  const pool = new BufferPool();
  const first = pool.take();
  const second = pool.take();
  assert(first !== second && first.bytes.length === OUTBOX_BYTES);
  pool.give(first);
  assert(pool.take() === first);
  assert(pool.take() !== first, "a buffer is out twice");
});

Deno.test("BufferPool keeps a limited number of buffers", () => {
  const pool = new BufferPool();
  const given = Array.from({ length: 300 }, () => ({ bytes: new Uint8Array(0), held: new Uint8Array(0) }));
  for (const buffer of given) pool.give(buffer);
  const taken = given.map(() => pool.take());
  const kept = taken.filter(({ bytes }) => bytes.length === 0).length;
  assert(kept > 0 && kept < given.length, `${kept} of ${given.length} were kept`);
});

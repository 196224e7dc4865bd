/**
 * Connections of HTTP/2 when the server ends.
 */

import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import type { Handler } from "../../src/http/handler.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { turn } from "../virtual_clock.ts";
import { OPEN, pass, serve } from "./serving.ts";
import { answer, site } from "./talking.ts";
import { ACK, get, ping, TYPES } from "./wire.ts";

Deno.test.sanitizer({ ops: true, resources: true });

Deno.test("when the server ends, the client is told, answers under way are finished, and the last stream is named", async () => {
  const later = Promise.withResolvers<ReturnType<typeof answer>>();
  const handler: Handler = (request) =>
    request.target.kind === "path" && request.target.segments[0] === "later" ? later.promise : site(request);
  const { clock, socket, received, stop, ended, closed } = await serve(concat([OPEN, get(1, "/later")]), handler);
  stop();
  await turn();
  const kinds = () => received().frames.filter(({ type }) => type === TYPES.GOAWAY || type === TYPES.PING);
  assertEquals(kinds().map(({ type }) => type), [TYPES.GOAWAY, TYPES.PING]);
  assertEquals(received().goAway?.last, 2 ** 31 - 1);
  socket.receive(get(3)); // It crossed our GOAWAY.
  await turn();
  assertEquals(received().answers.get(3)?.status, 200);
  socket.receive(concat([ping("leaving!", ACK), get(5)]));
  await turn();
  assertEquals([received().goAway?.last, received().answers.get(5)], [3, undefined]);
  later.resolve(answer(latin1Bytes("done")));
  await turn();
  assertEquals([received().answers.get(1)?.content, socket.isWriteClosed], ["done", true]);
  socket.end();
  await pass(clock, 5000);
  await ended;
  assertEquals(closed(), [[1, "done"]]);
});

Deno.test("when the server ends, an idle client is told at once, and a request that crosses is answered", async () => {
  const { socket, received, stop, finish } = await serve(concat([OPEN, get(1)]));
  assertEquals([socket.isReading, socket.isWriting], [true, false]);
  socket.takesBytes = 0;
  stop();
  await turn();
  assertEquals(socket.isWriting, true);
  socket.receive(get(3)); // Its answer waits, because one write is pending.
  await turn();
  socket.takesBytes = Infinity;
  socket.take(5);
  await turn();
  const kinds = received().frames.filter(({ type }) => type !== TYPES.SETTINGS).map((
    { type, stream },
  ) => [type, stream]);
  const { HEADERS, DATA, GOAWAY, PING } = TYPES;
  assertEquals(kinds, [[HEADERS, 1], [DATA, 1], [GOAWAY, 0], [PING, 0], [HEADERS, 3], [DATA, 3]]);
  assertEquals(received().goAway?.last, 2 ** 31 - 1);
  await finish();
});

Deno.test("when the server ends, a client that takes its answer slowly is told behind the answer", async () => {
  for (const takesBefore of [0, 3]) {
    const { socket, received, stop, finish } = await serve(OPEN);
    socket.takesBytes = 0;
    socket.receive(get(1));
    await turn();
    if (takesBefore > 0) socket.take(takesBefore);
    await turn();
    stop();
    await turn();
    assertEquals([socket.isWriting, socket.isReading], [true, false]);
    socket.takesBytes = Infinity;
    socket.take(Infinity);
    await turn();
    assertEquals([received().answers.get(1)?.isEnded, received().goAway?.last], [true, 2 ** 31 - 1]);
    assertEquals([received().frames.at(-1)?.type, socket.isReading], [TYPES.PING, true]);
    await finish();
  }
});

Deno.test("when the server ends, an idle client that does not answer gets the last GOAWAY after the grace", async () => {
  const { clock, socket, received, stop, ended, closed } = await serve(concat([OPEN, get(1)]));
  stop();
  await pass(clock, 2000);
  assertEquals([received().goAway?.last, socket.isWriteClosed], [1, true]);
  await pass(clock, 5000);
  await ended;
  assertEquals(closed(), [[1, "drained"]]);
});

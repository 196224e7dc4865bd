/**
 * Connections of HTTP/2 over time: closed windows, idle clients, requests that do not arrive.
 */

import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import type { Handler } from "../../src/http/handler.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { turn } from "../virtual_clock.ts";
import { IDLE_MS } from "../net/served.ts";
import { OPEN, pass, serve } from "./serving.ts";
import { answer, site, talk } from "./talking.ts";
import { data, END_STREAM, frame, get, ping, post, PREFACE, settings, TYPES, windowUpdate } from "./wire.ts";

Deno.test.sanitizer({ ops: true, resources: true });

/** The grace of a closed window (`SERVE_DEFAULTS.sendingRate`), and a period of the sweep. */
const WINDOW_GRACE_MS = 30_000;
const SWEEP_MS = 500;

const NO_WINDOW = settings([4, 0]);

Deno.test("the stream whose window stays closed is reset, and the others go on", async () => {
  const { clock, socket, received, finish, closed } = await serve(concat([OPEN, NO_WINDOW, get(1)]));
  for (let second = 0; second < 40; second++) {
    await pass(clock, 1000);
    socket.receive(get(3 + 2 * second, "/empty"));
    await turn();
  }
  assertEquals([...received().resets], [[1, "CANCEL"]]);
  assertEquals([received().answers.get(81)?.status, closed()], [204, []]);
  await finish();
});

Deno.test("how slowly a client may open its windows is what the server was told", async () => {
  const sendingRate = { bytesPerMs: 1, graceMs: 2000, aheadMaxMs: 4000 };
  const { clock, received, finish } = await serve(concat([OPEN, NO_WINDOW, get(1)]), site, { sendingRate });
  await pass(clock, 2000 - SWEEP_MS);
  assertEquals([...received().resets], []);
  await pass(clock, 4 * SWEEP_MS);
  assertEquals([...received().resets], [[1, "CANCEL"]]);
  await finish();
});

Deno.test("a client that opens its windows slowly, but fast enough, gets all of the answer", async () => {
  const content = new Uint8Array(60_000).fill(0x61);
  const { clock, socket, received, finish } = await serve(concat([OPEN, NO_WINDOW, get(1)]), () => answer(content));
  for (let second = 0; second < 60; second++) {
    socket.receive(windowUpdate(1, 1000));
    await pass(clock, 900);
  }
  assertEquals([received().answers.get(1)?.content.length, received().answers.get(1)?.isEnded], [60_000, true]);
  await finish();
});

Deno.test("a closed window has its grace, however many frames have come before", async () => {
  for (let pings = 28; pings < 36; pings++) {
    const { clock, socket, finish, closed } = await serve(concat([OPEN, NO_WINDOW, get(1)]));
    for (let left = pings; left > 0; left--) {
      socket.receive(ping());
      await turn();
    }
    await pass(clock, 2 * IDLE_MS);
    assertEquals(closed(), []);
    await finish();
  }
});

Deno.test("single bytes of window do not keep a stream alive", async () => {
  const content = new Uint8Array(60_000).fill(0x61);
  const { clock, socket, received, finish } = await serve(concat([OPEN, NO_WINDOW, get(1)]), () => answer(content));
  for (let step = 0; step < 20 && received().resets.size === 0; step++) {
    socket.receive(windowUpdate(1, 1));
    await pass(clock, 4000);
  }
  assertEquals(received().resets.get(1), "CANCEL");
  await finish();
});

Deno.test("a connection whose own window stays closed is closed as too slow, with GOAWAY", async () => {
  const { clock, received, closed, finish } = await serve(concat([OPEN, settings([4, 2 ** 31 - 1]), get(1, "/large")]));
  await pass(clock, WINDOW_GRACE_MS - SWEEP_MS);
  assertEquals([closed(), received().goAway], [[], null]);
  await pass(clock, 10 * SWEEP_MS);
  assertEquals(received().goAway?.last, 1);
  await finish();
  assertEquals(closed(), [[1, "too slow"]]);
});

Deno.test("an idle connection gets GOAWAY before our side closes", async () => {
  const { clock, socket, received, finish, closed } = await serve(concat([OPEN, get(1)]));
  await pass(clock, IDLE_MS - SWEEP_MS);
  assertEquals(received().goAway, null);
  await pass(clock, 4 * SWEEP_MS);
  assertEquals([received().goAway?.code, received().goAway?.last, socket.isWriteClosed], ["NO_ERROR", 1, true]);
  await finish();
  assertEquals(closed(), [[1, "idle"]]);
});

for (
  const [what, bytes] of [
    ["a frame", get(1).subarray(0, 12)],
    ["a field block", frame("HEADERS", END_STREAM, 1, get(1).subarray(9))],
    ["the content of a request", concat([post(1), data(1, "x")])],
  ] as const
) {
  Deno.test(`a connection is closed when the rest of ${what} does not arrive, even if PING comes`, async () => {
    const { clock, socket, received, finish, closed } = await serve(concat([OPEN, bytes]));
    const isWhole = what === "the content of a request";
    for (let second = 0; second < 12; second++) {
      await pass(clock, 1000);
      if (isWhole && !socket.isWriteClosed) socket.receive(ping());
    }
    assertEquals(socket.isWriteClosed, true);
    assert(received().goAway !== null);
    await finish();
    assertEquals(closed()[0]?.[1], isWhole ? "message overdue" : "idle");
  });
}

Deno.test("a stream that our side is working on keeps the connection", async () => {
  const later = Promise.withResolvers<ReturnType<typeof answer>>();
  const { clock, received, finish, closed } = await serve(concat([OPEN, get(1)]), () => later.promise);
  await pass(clock, 10 * IDLE_MS);
  assertEquals(closed(), []);
  later.resolve(answer(latin1Bytes("at last")));
  await turn();
  assertEquals(received().answers.get(1)?.content, "at last");
  await finish();
});

Deno.test("chunks are sent when they are made, while requests of other streams are answered", async () => {
  const made = [Promise.withResolvers<Uint8Array>(), Promise.withResolvers<Uint8Array>()];
  let isClosed = false;
  const handler: Handler = (request) => {
    if (request.target.kind === "path" && request.target.segments[0] !== "live") return site(request);
    const chunks = async function* () {
      for (const { promise } of made) yield await promise;
    };
    return {
      status: 200,
      fields: [],
      content: { kind: "streamed", chunks: chunks(), close: () => void (isClosed = true) },
    };
  };
  const { socket, received, finish } = await serve(concat([OPEN, get(1, "/live")]), handler);
  made[0]!.resolve(latin1Bytes("first"));
  await turn();
  assertEquals(received().answers.get(1)?.content, "first");
  socket.receive(get(3));
  await turn();
  assertEquals(received().answers.get(3)?.isEnded, true);
  made[1]!.resolve(latin1Bytes(" second"));
  await turn();
  assertEquals([received().answers.get(1)?.content, received().answers.get(1)?.isEnded, isClosed], [
    "first second",
    true,
    true,
  ]);
  await finish();
});

Deno.test("a client that takes nothing is too slow, although a byte comes from it while we send", async () => {
  const later = Promise.withResolvers<ReturnType<typeof answer>>();
  const { clock, socket, finish, closed, listener } = await serve(concat([OPEN, get(1)]), () => later.promise);
  assertEquals(socket.isReading, true);
  socket.takesBytes = 0;
  later.resolve(answer(new Uint8Array(50_000)));
  await turn();
  assertEquals([socket.isReading, socket.isWriting], [true, true]);
  socket.receive(Uint8Array.of(0));
  for (let second = 0; second < 40 && !socket.isClosed; second++) await pass(clock, 1000);
  assertEquals([socket.isClosed, closed()], [true, [[1, "too slow"]]]);
  assert(!listener.isClosed);
  await finish();
});

Deno.test("a client that ends its side still gets its answers", async () => {
  const later = Promise.withResolvers<ReturnType<typeof answer>>();
  const { socket, received, finish } = await serve(concat([OPEN, get(1)]), () => later.promise);
  socket.end();
  await turn();
  later.resolve(answer(latin1Bytes("for you")));
  await turn();
  assertEquals([received().answers.get(1)?.content, socket.isClosed], ["for you", true]);
  await finish();
});

Deno.test("a client that ends its side with a closed window is let go, and the content is closed", async () => {
  let isClosed = false;
  const bytes = latin1Bytes("hello");
  const content = { kind: "known", length: 5, pieces: [bytes], close: () => void (isClosed = true) } as const;
  const { socket, finish } = await serve(
    concat([OPEN, NO_WINDOW, get(1)]),
    () => ({ status: 200, fields: [], content }),
  );
  assertEquals(isClosed, false);
  socket.end();
  await turn();
  assertEquals([socket.isClosed, isClosed], [true, true]);
  await finish();
});

Deno.test("requests that arrive while earlier ones are answered are answered once each", async () => {
  // The answers to a part of what one read brings fill the buffer. The rest is handled while the next read is pending.
  const content = new Uint8Array(12_000).fill(0x61);
  for (let early = 60; early < 72; early++) {
    const requests = Array.from({ length: early }, (_, index) => get(1 + 2 * index));
    const bytes = concat([OPEN, windowUpdate(0, 10_000_000), ...requests]);
    const { clock, socket, received, finish } = await serve(bytes, () => answer(content));
    for (let index = early; index < early + 10; index++) {
      await pass(clock, 1); // Others have their turns in between.
      socket.receive(get(1 + 2 * index));
    }
    await pass(clock, 1);
    const { answers, goAway } = received();
    assertEquals([goAway, answers.size], [null, early + 10]);
    assert([...answers.values()].every(({ content: { length }, isEnded }) => length === 12_000 && isEnded));
    await finish();
  }
});

for (
  const [what, before, bytes] of [
    ["a frame", concat([OPEN, get(1)]), get(3, "/", `x: ${"y".repeat(200)}`)],
    ["the preface", new Uint8Array(0), PREFACE],
  ] as const
) {
  Deno.test(`the bytes of ${what} that drip in do not extend its deadline`, async () => {
    const { clock, socket, finish, closed } = await serve(concat([before, bytes.slice(0, 1)]));
    for (let second = 1; second < 20 && !socket.isWriteClosed; second++) {
      socket.receive(bytes.slice(second, second + 1));
      await pass(clock, 1000);
    }
    assertEquals(socket.isWriteClosed, true);
    await finish();
    assertEquals(closed(), [[1, "message overdue"]]);
  });
}

Deno.test("SETTINGS are the first frame, and requests are answered, if the server ends while the preface arrives", async () => {
  const { frames, answers, goAway } = await talk([get(1)], { prepare: (connection) => connection.drain() });
  assertEquals(frames.slice(0, 3).map(({ type }) => type), [TYPES.SETTINGS, TYPES.GOAWAY, TYPES.PING]);
  assertEquals([answers.get(1)?.status, goAway?.last], [200, 2 ** 31 - 1]);
});

Deno.test("a client that reads slowly when the server ends is not reset because it opens its windows", async () => {
  const { clock, socket, stop, ended, closed } = await serve(concat([OPEN, get(1)]));
  stop();
  await pass(clock, 1000);
  assertEquals(socket.isWriteClosed, true);
  await pass(clock, 1000);
  socket.receive(windowUpdate(0, 5)); // It has read our answer only now.
  assertEquals([socket.isClosed, closed()], [false, []]);
  socket.end();
  await pass(clock, 1000);
  await ended;
  assertEquals(closed(), [[1, "drained"]]);
});

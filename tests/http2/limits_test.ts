/**
 * The limits on one connection of HTTP/2: what a hostile client sends (CVE-2019-9511 to 9518, 2023-44487, 2024-27316,
 * 2025-8671), up to the limit and beyond it.
 */

import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { Budget } from "../../src/http/h2/budget.ts";
import {
  BLOCK_BYTES_MAX,
  CONTINUATIONS_MAX,
  EMPTY_FRAMES,
  PINGS,
  PRIORITIES,
  RESETS,
  SETTINGS,
  SMALL_WINDOWS,
  WINDOWS,
} from "../../src/http/h2/limits.ts";
import { StoppedClock } from "../http/conversation.ts";
import { answer, talk } from "./talking.ts";
import {
  ACK,
  data,
  EMPTY,
  END_HEADERS,
  END_STREAM,
  frame,
  get,
  ping,
  post,
  priority,
  reset,
  settings,
  windowUpdate,
} from "./wire.ts";

const times = (count: number, make: (index: number) => Uint8Array) =>
  concat(Array.from({ length: count }, (_, at) => make(at)));

/** Frames of one kind, the number that is allowed at once, and what opens the streams that they are for. */
const FLOODS:
  readonly (readonly [name: string, count: number, make: (index: number) => Uint8Array, before?: Uint8Array])[] = [
    ["streams that the client resets", RESETS.atOnce, (at) => concat([get(2 * at + 1), reset(2 * at + 1)])],
    [
      "streams whose content is awaited, and reset",
      RESETS.atOnce,
      (at) => concat([post(2 * at + 1), reset(2 * at + 1)]),
    ],
    ["mistakes that we answer with RST_STREAM", RESETS.atOnce, (at) => get(2 * at + 1, "/", "te: gzip")],
    [
      "windows of streams that overflow",
      RESETS.atOnce,
      (at) => concat([post(2 * at + 1), windowUpdate(2 * at + 1, 2 ** 31 - 1)]),
    ],
    ["SETTINGS", SETTINGS.atOnce - 1, () => settings([4, 65_535])], // The first SETTINGS count too.
    ["acknowledgements of SETTINGS", SETTINGS.atOnce - 1, () => frame("SETTINGS", ACK, 0)],
    ["PING", PINGS.atOnce, () => ping()],
    ["empty DATA", EMPTY_FRAMES.atOnce, () => data(1, ""), post(1)],
    ["extensions", EMPTY_FRAMES.atOnce, () => frame(0xee, 0, 0)],
    ["GOAWAY", EMPTY_FRAMES.atOnce, () => frame("GOAWAY", 0, 0, new Uint8Array(8))],
    ["PRIORITY", PRIORITIES.atOnce, (at) => priority(2 * at + 1, 0)],
    ["small WINDOW_UPDATE", SMALL_WINDOWS.atOnce, () => windowUpdate(0, 1)],
    ["WINDOW_UPDATE", WINDOWS.atOnce, () => windowUpdate(0, 1000)],
  ];

for (const [name, count, make, before = EMPTY] of FLOODS) {
  Deno.test(`a client may send ${count} at once: ${name}`, async () => {
    const { goAway } = await talk([concat([before, times(count, make)])]);
    assertEquals(goAway, null);
  });

  Deno.test(`one more is too many: ${name}`, async () => {
    const { goAway, thrown } = await talk([concat([before, times(count + 1, make)])]);
    assertEquals([goAway?.code, thrown], ["ENHANCE_YOUR_CALM", null]);
  });
}

Deno.test("a budget is refilled with time, and never above what is allowed at once", () => {
  const budget = new Budget({ atOnce: 2, perSecond: 10 });
  const spend = (nowMs: number) => budget.spend(nowMs);
  assertEquals([spend(0), spend(0), spend(0)], [true, true, false]);
  assertEquals([spend(200), spend(200)], [true, false]);
  assertEquals([spend(60_000), spend(60_000), spend(60_000)], [true, true, false]);
});

Deno.test("answers of normal size do not use up a budget", async () => {
  const requests = times(3000, (at) => get(2 * at + 1));
  const { answers, goAway } = await talk([windowUpdate(0, 2 ** 30), requests]);
  assertEquals([answers.size, goAway], [3000, null]);
});

Deno.test("a block of more CONTINUATION frames than it can need ends the connection", async () => {
  const begin = frame("HEADERS", END_STREAM, 1, EMPTY);
  const goOn = () => frame("CONTINUATION", 0, 1, Uint8Array.of(0));
  const enough = await talk([concat([begin, times(CONTINUATIONS_MAX, goOn)])]);
  assertEquals(enough.goAway, null);
  const beyond = await talk([concat([begin, times(CONTINUATIONS_MAX + 1, goOn)])]);
  assertEquals(beyond.goAway?.code, "ENHANCE_YOUR_CALM");
});

Deno.test("a block beyond its limit of bytes ends the connection before it is complete", async () => {
  const begin = frame("HEADERS", END_STREAM, 1, new Uint8Array(16_384));
  const one = frame("CONTINUATION", 0, 1, new Uint8Array(BLOCK_BYTES_MAX - 16_384));
  assertEquals((await talk([begin, one.subarray(0, 9 + 16_384)])).goAway, null);
  const { goAway } = await talk([begin, one, frame("CONTINUATION", 0, 1, Uint8Array.of(0))]);
  assertEquals(goAway?.code, "ENHANCE_YOUR_CALM");
});

Deno.test("fields that the table makes large are 431, and an HPACK bomb ends the connection", async () => {
  const entry = Uint8Array.from([0x40, 1, 0x61, 0x7f, 0xa1, 0x1e, ...new Uint8Array(4000).fill(0x62)]); // a: bbb..., 4,033 bytes
  const send = (count: number) => {
    const block = concat([get(1).subarray(9), entry, new Uint8Array(count).fill(0xbe)]);
    return talk([frame("HEADERS", 5, 1, block), get(3)]);
  };
  const { answers, goAway } = await send(60);
  assertEquals([answers.get(1)?.status, answers.get(3)?.status, goAway], [431, 200, null]);
  const bomb = await send(70);
  assertEquals([bomb.answers.size, bomb.goAway?.code], [0, "ENHANCE_YOUR_CALM"]);
});

Deno.test("a section beyond its limit is looked at no further", async () => {
  const entry = Uint8Array.from([0x40, 1, 0x61, 0x7f, 0xa1, 0x1e, ...new Uint8Array(4000).fill(0x62)]);
  const bad = Uint8Array.from([0, 1, 0x41, 1, 0x62]); // An upper-case name, which alone would reset the stream.
  const bomb = concat([get(1).subarray(9), entry, new Uint8Array(20).fill(0xbe), bad]);
  const { answers, goAway } = await talk([frame("HEADERS", 5, 1, bomb)]);
  assertEquals([answers.get(1)?.status, goAway], [431, null]);
});

Deno.test("trailers beyond the limit of a section reset the stream", async () => {
  const entry = Uint8Array.from([0x40, 1, 0x61, 0x7f, 0xa1, 0x1e, ...new Uint8Array(4000).fill(0x62)]);
  const trailers = concat([entry, new Uint8Array(20).fill(0xbe)]);
  const { resets, goAway } = await talk([post(1), frame("HEADERS", END_HEADERS | END_STREAM, 1, trailers)]);
  assertEquals([resets.get(1), goAway], ["PROTOCOL_ERROR", null]);
});

/** A clock that counts how often the others got their turns. */
class TurnClock extends StoppedClock {
  turns = 0;

  override sleep(delayMs: number): Promise<void> {
    this.turns++;
    return super.sleep(delayMs);
  }
}

Deno.test("a client whose field blocks are long gives the others their turns after some of them", async () => {
  const turnsOf = async (fieldBytes: number) => {
    const clock = new TurnClock();
    const requests = times(24, (index) => get(2 * index + 1, "/", `x: ${"y".repeat(fieldBytes)}`));
    const { answers } = await talk([requests], { clock });
    assertEquals([...answers.values()].map(({ status }) => status), new Array(24).fill(200));
    return clock.turns;
  };
  assertEquals([await turnsOf(10), await turnsOf(4_000) >= 6], [0, true]);
});

Deno.test("content beyond its limit opens no window, and more than the window is an error of the stream", async () => {
  const later = Promise.withResolvers<ReturnType<typeof answer>>();
  const content = times(8, () => data(1, 16_384));
  const end = () => later.resolve(answer(new Uint8Array(0)));
  const { resets, answers, goAway } = await talk([post(1), content, get(3), end], { handler: () => later.promise });
  assertEquals([resets.get(1), answers.get(3)?.status, goAway], ["FLOW_CONTROL_ERROR", 200, null]);
});

Deno.test("changes of the table's size cost no memory", async () => {
  const sizes = new Uint8Array(8000).fill(0x20);
  const { answers } = await talk([frame("HEADERS", END_HEADERS | END_STREAM, 1, concat([sizes, get(1).subarray(9)]))]);
  assertEquals(answers.get(1)?.status, 200);
});

Deno.test("fields without names are malformed (CVE-2019-9516)", async () => {
  const { resets } = await talk([frame("HEADERS", 5, 1, concat([get(1).subarray(9), new Uint8Array(300)]))]);
  assertEquals(resets.get(1), "PROTOCOL_ERROR");
});

Deno.test("a connection of an hour is asked to go, and answers what comes before it has read that", async () => {
  const clock = new StoppedClock();
  const age = () => clock.advance(3_600_001);
  const { answers, frames, goAway } = await talk([get(1), age, get(3), ping("12345678", ACK), get(5)], { clock });
  assertEquals([...answers.keys()], [1, 3, 5]);
  assertEquals(frames.filter(({ type }) => type === 7).length, 1);
  assertEquals([goAway?.last, goAway?.code], [2 ** 31 - 1, "NO_ERROR"]);
});

Deno.test("after the client has answered the PING, the last GOAWAY names the last stream, and the connection ends", async () => {
  const clock = new StoppedClock();
  const age = () => clock.advance(3_600_001);
  const { answers, goAway, socket } = await talk([get(1), age, get(3), ping("leaving!", ACK), get(5)], { clock });
  assertEquals([...answers.keys()], [1, 3]);
  assertEquals([goAway?.last, goAway?.code], [3, "NO_ERROR"]);
  assert(socket.isClosed);
});

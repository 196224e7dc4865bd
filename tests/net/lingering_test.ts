/** What lingering connections cost: their rate, and their time. */

import { assertEquals, assertRejects } from "@std/assert";
import type { Clock } from "../../src/net/clock.ts";
import { Linger, Lingering } from "../../src/net/lingering.ts";
import type { Socket } from "../../src/net/socket.ts";
import { turn, VirtualClock } from "../virtual_clock.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const LIMITS = { quietMs: 2000, totalMs: 10_000, bytesPerMs: 1000 };

/** A peer that has sent so many bytes, and ends its side behind them. */
class Upload {
  left: number;
  reads = 0;

  constructor(bytes: number) {
    this.left = bytes;
  }

  read(into: Uint8Array): Promise<number | null> {
    this.reads++;
    const count = Math.min(into.length, this.left);
    this.left -= count;
    return Promise.resolve(count === 0 ? null : count);
  }
}

/** The end of a connection whose peer sends what `source` gives. */
function lingerOn(lingering: Lingering, clock: Clock, source: Pick<Socket, "read">, quietMs = 2000): Linger {
  const socket = { read: (into: Uint8Array) => source.read(into), closeWrite: () => Promise.resolve() };
  return new Linger(lingering, { clock, quietMs, socket, onRead: () => {} });
}

/** How long it takes to read all of these at the same time, in milliseconds; it must be a multiple of ten. */
async function timeFor(uploads: readonly Upload[]): Promise<number> {
  const clock = new VirtualClock();
  const lingering = new Lingering(LIMITS);
  const startMs = clock.now();
  let running = uploads.length;
  for (const upload of uploads) {
    lingerOn(lingering, clock, upload).end().then(() => running--);
  }
  await turn();
  while (running > 0) {
    clock.advance(10);
    await turn();
  }
  return clock.now() - startMs;
}

Deno.test("end() reads all that one peer sends, at the rate", async () => {
  assertEquals(await timeFor([new Upload(1_000_000)]), 990); // Ten milliseconds are read ahead.
});

Deno.test("end() reads from many peers at the rate that is for all of them", async () => {
  const uploads = Array.from({ length: 100 }, () => new Upload(100_000));
  assertEquals(await timeFor(uploads), 9990);
  assertEquals(uploads.every(({ left }) => left === 0), true);
});

Deno.test("end() lets each of many peers be read from in turn", async () => {
  const clock = new VirtualClock();
  const lingering = new Lingering(LIMITS);
  const uploads = Array.from({ length: 10 }, () => new Upload(Infinity));
  const lingers = uploads.map((upload) => {
    const linger = lingerOn(lingering, clock, upload);
    linger.end().catch(() => {});
    return linger;
  });
  for (let ms = 0; ms < 5000; ms += 10) {
    await turn();
    clock.advance(10);
  }
  const reads = uploads.map((upload) => upload.reads);
  assertEquals(Math.max(...reads) - Math.min(...reads) <= 1, true, reads.join(" "));
  for (const upload of uploads) upload.left = 0;
  for (const linger of lingers) linger.close();
  await turn();
  assertEquals(clock.pending, 0);
});

Deno.test("a peer may be quiet for a while after its last bytes, and not beyond its time", async () => {
  const clock = new VirtualClock();
  let receive: (count: number | null) => void = () => {};
  const source = { read: () => new Promise<number | null>((resolve) => receive = resolve) };
  const linger = lingerOn(new Lingering(LIMITS), clock, source, 250);
  const untilMs = [linger.untilMs - linger.sinceMs];
  const done = linger.end();
  await turn();
  for (const ms of [500, 1000, 8000]) {
    clock.advance(ms);
    receive(7);
    await turn();
    untilMs.push(linger.untilMs - linger.sinceMs);
  }
  receive(null);
  await done;
  assertEquals(untilMs, [250, 2500, 3500, 10_000]);
});

Deno.test("end() throws what a read throws", async () => {
  const source = { read: () => Promise.reject(new Deno.errors.ConnectionReset("reset")) };
  const running = lingerOn(new Lingering(LIMITS), new VirtualClock(), source).end();
  await assertRejects(() => running, Deno.errors.ConnectionReset);
});

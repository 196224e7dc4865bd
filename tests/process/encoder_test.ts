/** The thread that encodes: it has no permissions, starts when it is needed, ends when it is idle, and may die. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { brotliDecompressSync } from "node:zlib";
import { permit } from "../../src/config/permissions.ts";
import type { EncoderOrder, EncoderReport } from "../../src/process/encoder.ts";
import { EncoderThread, type EncoderThreadOptions, encoderThreads } from "../../src/process/encoder_thread.ts";
import { EncoderClient, type EncodeRequest } from "../../src/process/encoder_client.ts";
import { type StartThread, threadsOf } from "../../src/process/thread.ts";
import { systemClock } from "../../src/net/clock.ts";
import { VirtualClock } from "../virtual_clock.ts";
import { exchange, get } from "../client.ts";
import { conf, withSupervisor } from "./supervised.ts";
import { decoded, page } from "../site/coded.ts";

const MODULE = new URL("../../src/process/encoder.ts", import.meta.url);

function encoderOf(
  options: Partial<EncoderThreadOptions>,
): { readonly encoder: EncoderThread; readonly messages: string[] } {
  const messages: string[] = [];
  const encoder = new EncoderThread({
    startThread: encoderThreads,
    clock: systemClock,
    outside: () => [import.meta.dirname!],
    tell: (message) => messages.push(message),
    ...options,
  });
  return { encoder, messages };
}

/** Threads that are told what to report. */
class Doubles {
  readonly all: {
    readonly orders: EncoderOrder[];
    isTerminated: boolean;
    say(report: EncoderReport): void;
    fail(): void;
  }[] = [];

  readonly start: StartThread<EncoderOrder, EncoderReport> = (_number, permissions, { onReport, onError }) => {
    assertEquals(permissions, permit({}));
    const thread = {
      orders: [] as EncoderOrder[],
      isTerminated: false,
      say: onReport,
      fail: () => onError("out of memory"),
    };
    this.all.push(thread);
    return { post: (order) => thread.orders.push(order), terminate: () => thread.isTerminated = true };
  };
}

Deno.test("the encoder encodes in a thread without permissions", async () => {
  const { encoder, messages } = encoderOf({});
  try {
    const text = new TextEncoder().encode(page(20_000));
    const [br, gzip] = await Promise.all([encoder.encode(text.slice(), "br"), encoder.encode(text.slice(), "gzip")]);
    assertEquals(new Uint8Array(brotliDecompressSync(br)), text);
    assertEquals([...gzip.subarray(0, 2)], [0x1f, 0x8b]);
    assertEquals(messages, []);
  } finally {
    encoder.terminate();
  }
});

Deno.test("an encoder that has permissions is not used", async () => {
  const { encoder, messages } = encoderOf({ startThread: threadsOf(MODULE, { read: true }) });
  try {
    // The check comes first, and its report too.
    await assertRejects(() => encoder.encode(new Uint8Array(1), "br"), Error, "ended");
    assert(/sandbox is too wide/.test(messages[0]!), messages[0]);
  } finally {
    encoder.terminate();
  }
});

Deno.test("the encoder starts when it is needed, ends after a minute without work, and starts again", async () => {
  const clock = new VirtualClock();
  const threads = new Doubles();
  const { encoder } = encoderOf({ clock, startThread: threads.start });
  assertEquals(threads.all.length, 0);
  for (let time = 0; time < 2; time++) {
    const first = encoder.encode(new Uint8Array(3), "br");
    const thread = threads.all[time]!;
    assertEquals(thread.orders.map(({ kind }) => kind), ["start", "encode"]);
    thread.say({ kind: "encoded", bytes: new Uint8Array(2) });
    assertEquals((await first).length, 2);
    clock.advance(55_000);
    assertEquals(thread.isTerminated, false);
    clock.advance(15_000);
    assertEquals(thread.isTerminated, true);
  }
  encoder.terminate();
});

Deno.test("when the encoder dies or is stuck, its work fails, and another one starts after 10 s", async () => {
  const clock = new VirtualClock();
  const threads = new Doubles();
  const { encoder, messages } = encoderOf({ clock, startThread: threads.start });
  const dead = encoder.encode(new Uint8Array(3), "br");
  threads.all[0]!.fail();
  await assertRejects(() => dead, Error, "ended");
  await assertRejects(() => encoder.encode(new Uint8Array(3), "br"), Error, "a moment ago");
  clock.advance(10_001);
  const stuck = encoder.encode(new Uint8Array(3), "br");
  assertEquals(threads.all.length, 2);
  clock.advance(70_000);
  await assertRejects(() => stuck, Error, "ended");
  assertEquals(threads.all[1]!.isTerminated, true);
  threads.all[1]!.say({ kind: "encoded", bytes: new Uint8Array(2) }); // Too late.
  clock.advance(10_001);
  const failed = encoder.encode(new Uint8Array(3), "br");
  threads.all[2]!.say({ kind: "failed", message: "no memory" });
  await assertRejects(() => failed, Error, "no memory");
  assertEquals(messages.length, 2);
  encoder.terminate();
});

Deno.test("a worker's requests are settled by their numbers, in any order", async () => {
  const sent: EncodeRequest[] = [];
  const client = new EncoderClient((request) => sent.push(request));
  const [first, second, third] = [1, 2, 3].map((length) => client.encode(new Uint8Array(length), "br"));
  client.settle({ kind: "encoded", id: sent[2]!.id, bytes: new Uint8Array(30) });
  client.settle({ kind: "encoded", id: sent[0]!.id, bytes: new Uint8Array(10) });
  client.settle({ kind: "encoded", id: sent[1]!.id, bytes: null });
  client.settle({ kind: "encoded", id: 99, bytes: null });
  assertEquals([(await first!).length, (await third!).length], [10, 30]);
  await assertRejects(() => second!, Error, "could not be encoded");
});

Deno.test("a server's workers let large files be encoded, and wait for that if nothing else is accepted", async () => {
  await withSupervisor({ conf: conf("parameter workers 1\n") }, async ({ root, port }) => {
    const text = page(20_000);
    await Deno.writeTextFile(`${root}/a.html`, text);
    for (let tries = 0; tries < 200; tries++) {
      const response = await exchange(port(), get("/a.html", { "Accept-Encoding": "br, identity;q=0" }));
      if (response.status === 200) {
        assertEquals([response.field("content-encoding"), decoded(response)], ["br", text]);
        return;
      }
      assertEquals(response.status, 406); // While the file is as new as a write that may still go on, 2.5 s.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("it was not encoded within ten seconds");
  });
});

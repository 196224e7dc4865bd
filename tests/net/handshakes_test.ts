/**
 * The bound on handshakes under way.
 */

import { assertEquals } from "@std/assert";
import { Handshakes } from "../../src/net/handshakes.ts";
import { turn, VirtualClock } from "../virtual_clock.ts";

Deno.test("the oldest handshake is ended when there are too many", async () => {
  const clock = new VirtualClock();
  const handshakes = new Handshakes(clock, 2);
  const outcomes: string[] = [];
  const begin = (name: string) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const end = handshakes.run(() => promise, () => resolve("given up")).then((how) => outcomes.push(`${name} ${how}`));
    return { resolve, end };
  };
  const [one, two, three] = ["one", "two", "three"].map(begin);
  for (let round = 0; round < 5; round++) {
    await clock.advance(1);
    await turn();
  }
  assertEquals([outcomes, handshakes.size], [["one given up"], 2]);
  two!.resolve("done");
  three!.resolve("done");
  await Promise.all([one!.end, two!.end, three!.end]);
  assertEquals([outcomes, handshakes.size], [["one given up", "two done", "three done"], 0]);
});

Deno.test("a handshake that throws leaves its place", async () => {
  const handshakes = new Handshakes(new VirtualClock(), 2);
  await handshakes.run(() => Promise.reject(new Error("broken")), () => {}).catch(() => {});
  assertEquals(handshakes.size, 0);
});

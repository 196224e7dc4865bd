/**
 * A server of HTTP/2 with one connection in memory, whose time the test controls.
 */

import { concat } from "@std/bytes/concat";
import type { Handler } from "../../src/http/handler.ts";
import { http2 } from "../../src/http/h2/negotiation.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { SERVE_DEFAULTS } from "../../src/net/defaults.ts";
import type { ServeSettings } from "../../src/net/listener.ts";
import { turn, type VirtualClock } from "../virtual_clock.ts";
import { begin, type Served } from "../net/served.ts";
import type { FakeSocket } from "../net/fake_socket.ts";
import { read, type Received, site } from "./talking.ts";
import { PREFACE, settings } from "./wire.ts";

/** How a client begins. */
export const OPEN = concat([PREFACE, settings()]);

export interface Bench extends Served {
  readonly socket: FakeSocket;
  readonly received: () => Received;
}

/** A server with one connection, on which the client has sent `bytes`. */
export async function serve(
  bytes: Uint8Array,
  handler: Handler = site,
  limits: Partial<ServeSettings> = {},
): Promise<Bench> {
  const accumulator = { minBytes: 1024, maxBytes: 65_536 };
  const options = { accumulator, sendingRate: SERVE_DEFAULTS.sendingRate, ...limits };
  const clock: { value: VirtualClock | null } = { value: null };
  const now = () => clock.value?.now() ?? 0;
  const protocolClock = { now, wall: () => 0, every: () => () => {}, sleep: () => Promise.resolve() };
  const served = begin(http2(handler, { clock: protocolClock, targetsCached: 16 }), options);
  clock.value = served.clock;
  await turn();
  const socket = served.listener.connect();
  socket.receive(bytes);
  await turn();
  const received = () => read(latin1Bytes(socket.sent));
  return { ...served, socket, received };
}

/** Lets time pass from event to event. */
export async function pass(clock: VirtualClock, ms: number): Promise<void> {
  const untilMs = clock.now() + ms;
  while (clock.nextMs <= untilMs) {
    clock.step();
    await turn();
  }
  clock.advance(Math.max(0, untilMs - clock.now()));
  await turn();
}

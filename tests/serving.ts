/**
 * A protocol on real sockets, for the length of a test: served by `serve()` within the library's limits.
 */

import { assertEquals } from "@std/assert";
import type { Connection } from "../src/net/connection.ts";
import type { ConnectionEvent } from "../src/net/events.ts";
import { listen } from "../src/net/listen.ts";
import type { Protocol } from "../src/net/conversation.ts";
import { serve, type ServeSettings } from "../src/net/listener.ts";

/** What a test can look at. */
export interface Served {
  readonly port: number;
  readonly events: { readonly connection: Connection; readonly event: ConnectionEvent }[];
}

/** Serves on a free port of this machine; afterwards checks that the server ends and had nothing to report. */
export async function withServer(
  protocol: Protocol,
  test: (served: Served) => Promise<void>,
  options: Partial<ServeSettings> = {},
): Promise<void> {
  const stop = new AbortController();
  const listener = listen({ hostname: "127.0.0.1", port: 0 });
  const problems: unknown[] = [];
  const events: Served["events"] = [];
  const running = serve(protocol, {
    listener,
    report: (problem, error) => void problems.push([problem, error]),
    observe: (connection, event) => void events.push({ connection, event }),
    signal: stop.signal,
    ...options,
  });
  try {
    await test({ port: listener.addr.port, events });
  } finally {
    stop.abort();
    await running;
  }
  assertEquals(problems, []);
}

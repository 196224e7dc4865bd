/** The defaults of `serve()` for missing options. */

import { assertEquals, assertRejects } from "@std/assert";
import { connect } from "../../src/net/connect.ts";
import { completeOptions, SERVE_DEFAULTS } from "../../src/net/defaults.ts";
import { listen, ListenError } from "../../src/net/listen.ts";
import { serve } from "../../src/net/listener.ts";
import { withDefaults } from "../../src/net/options.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const HERE = "127.0.0.1";

Deno.test("withDefaults() uses the given values, and treats undefined as missing", () => {
  interface Settings {
    readonly a: number;
    readonly b: number | null;
  }
  const options = { a: undefined, b: null } as unknown as Partial<Settings>; // Callers with looser types may do this.
  assertEquals(withDefaults<Settings>({ a: 1, b: 2 }, options), { a: 1, b: null });
  assertEquals(withDefaults<Settings>({ a: 1, b: 2 }, { b: 3 }), { a: 1, b: 3 });
});

Deno.test("completeOptions() keeps the given listener and limits, and adds the others", () => {
  const listener = listen({ hostname: HERE, port: 0 });
  const settings = completeOptions({ listener, drainMs: 1 });
  listener.close();
  assertEquals(settings.listener, listener);
  assertEquals(settings.drainMs, 1);
  assertEquals(settings.sweep, SERVE_DEFAULTS.sweep);
});

Deno.test("serve() listens on the given address, and stops listening when it has ended", async () => {
  const taken = listen({ hostname: HERE, port: 0 });
  const { port } = taken.addr;
  await assertRejects(() => serve(() => Promise.resolve(), { hostname: HERE, port }), ListenError, "another program");
  taken.close();
  const stop = new AbortController();
  const ended = serve(() => Promise.resolve(), { hostname: HERE, port, signal: stop.signal });
  const socket = await connect({ hostname: HERE, port });
  assertEquals(await socket.read(new Uint8Array(1)), null);
  socket.close();
  stop.abort();
  await ended;
  listen({ hostname: HERE, port }).close();
});

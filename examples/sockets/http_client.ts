/**
 * The HTTP client socket: several requests on one connection, the second before the first is answered.
 * @module
 */

import { http, HttpClient, listen, serve, textResponse } from "../../src/mod.ts";

const listener = listen({ hostname: "127.0.0.1", port: 0 });
const stop = new AbortController();
const serving = serve(http(({ method }) => textResponse(`${method}\n`)), { listener, signal: stop.signal });
{
  using client = await HttpClient.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const answers = await Promise.all([client.request({ target: "/a" }), client.request({ target: "/b" })]);
  for (const { status, content } of answers) console.log(`${status} ${new TextDecoder().decode(content).trim()}`);
}
stop.abort();
await serving;

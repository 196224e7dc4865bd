/**
 * A server that does the least possible work on this runtime, as an upper bound for the speed of the others. It answers each
 * read with the same bytes. It parses nothing, and has no limits and no timeouts.
 * Run it with `deno run --allow-net --allow-read bare_loop.ts PORT FILE`.
 * @module
 */

import { concat } from "@std/bytes/concat";

async function converse(connection: Deno.TcpConn, answer: Uint8Array): Promise<void> {
  const buffer = new Uint8Array(4096);
  try {
    while (await connection.read(buffer) !== null) {
      for (let rest = answer; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
    }
  } catch {
    // The client has closed or reset the connection.
  }
  connection.close();
}

if (import.meta.main) {
  const [port, file = ""] = Deno.args;
  const content = Deno.readFileSync(file);
  const head = new TextEncoder().encode(`HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\n\r\n`);
  const answer = concat([head, content]);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: Number(port) });
  for (;;) converse(await listener.accept(), answer);
}

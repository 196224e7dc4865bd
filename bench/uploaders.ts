/**
 * Clients that upload without end what the server does not want, and connect again when it closes: `uploaders.ts PORT CLIENTS
 * SECONDS`. `slow.ts` runs it in a process of its own.
 * @module
 */

const REQUEST = "POST /1k.txt HTTP/1.1\r\nHost: bench.example\r\nContent-Length: 1000000000000\r\n\r\n";

const JUNK = new Uint8Array(64 * 1024).fill(120);

async function main([port, clients, seconds]: readonly number[]): Promise<void> {
  const endMs = performance.now() + seconds! * 1000;
  await Promise.all(Array.from({ length: clients! }, () => uploadUntil(endMs, port!)));
}

async function uploadUntil(endMs: number, port: number): Promise<void> {
  while (performance.now() < endMs) {
    using socket = await Deno.connect({ hostname: "127.0.0.1", port });
    const timer = setTimeout(() => socket.close(), endMs - performance.now());
    try {
      await socket.write(new TextEncoder().encode(REQUEST));
      while (performance.now() < endMs) await socket.write(JUNK);
    } catch {
      // The server, or the end, has closed the connection.
    }
    clearTimeout(timer);
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args.map(Number)) ?? 0);

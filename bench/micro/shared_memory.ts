/**
 * Measures whether all workers could answer from one shared memory: what a write to a socket costs from an own buffer,
 * from a shared one, and from a shared one by way of a copy. Run it with `deno run -A bench/micro/shared_memory.ts`.
 * @module
 */

const SIZES = [1_024, 16_384, 102_400];
const WRITES = 4_000;

/** The ways of sending `length` bytes, by name. */
function waysFor(length: number): Readonly<Record<string, () => Uint8Array>> {
  const own = new Uint8Array(length);
  const shared = new Uint8Array(new SharedArrayBuffer(length));
  const outbox = new Uint8Array(length);
  return {
    "own memory": () => own,
    "own memory, copied first": () => {
      outbox.set(own);
      return outbox;
    },
    "shared memory": () => shared,
    "shared memory, copied first": () => {
      outbox.set(shared);
      return outbox;
    },
  };
}

async function measure(connection: Deno.TcpConn, bytesOf: () => Uint8Array): Promise<string> {
  try {
    let startMs = 0;
    for (let index = -WRITES; index < WRITES; index++) { // The runtime compiles the code in the first half.
      if (index === 0) startMs = performance.now();
      const bytes = bytesOf();
      for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
    }
    return `${((performance.now() - startMs) * 1000 / WRITES).toFixed(1)} µs`;
  } catch (error) {
    return String(error);
  }
}

async function main(): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const reader = new Worker(import.meta.url, { type: "module" });
  reader.postMessage(listener.addr.port);
  using connection = await listener.accept();
  for (const length of SIZES) {
    for (const [name, bytesOf] of Object.entries(waysFor(length))) {
      console.log(`${`${length} bytes, ${name}`.padEnd(44)} ${await measure(connection, bytesOf)}`);
    }
  }
  reader.terminate();
}

/** The other side: reads all that comes. */
async function readAll(port: number): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const buffer = new Uint8Array(256 * 1024);
  while (await connection.read(buffer) !== null);
}

if (!("postMessage" in globalThis)) await main();
else addEventListener("message", (event) => void readAll((event as MessageEvent<number>).data));

/**
 * Sends hostile requests (a million by default) to a server that it starts, and measures the server's memory meanwhile.
 * Run it with `deno task bench:hostile`.
 * @module
 */

import { count, runBenchmark, type Values } from "./options.ts";
import { withFolder, withOwnServer } from "./own.ts";
import { residentKiB } from "./usage.ts";

const OPTIONS = {
  requests: count("number of requests after the warm-up", 1_000_000, 100_000_000),
  connections: count("number of connections at the same time", 16, 1000),
};

type Options = Values<typeof OPTIONS>;

/** The heap grows to its final size during these. The requests after them must not make it grow further. */
const WARM_UP_REQUESTS = 500_000;

/** Requests per connection. The server refuses the last one and closes the connection. */
const BATCH = 50;

const HOST = "Host: localhost\r\n";

/** Wrong, odd or expensive requests after which the server keeps the connection open. */
const ODD = [
  `GET /none HTTP/1.1\r\n${HOST}\r\n`,
  `GET /..%2e/%2e%2e/etc/passwd HTTP/1.1\r\n${HOST}\r\n`,
  `BREW / HTTP/1.1\r\n${HOST}\r\n`,
  `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello`,
  `PUT /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: v\r\n\r\n`,
  `GET /large.bin HTTP/1.1\r\n${HOST}Range: bytes=999999999-\r\n\r\n`,
  `GET /large.bin HTTP/1.1\r\n${HOST}Range: bytes=${"0-0,".repeat(63)}1-1\r\n\r\n`,
  `GET /large.bin HTTP/1.1\r\n${HOST}Range: ${"bytes=".repeat(500)}\r\n\r\n`,
  `GET /large.bin HTTP/1.1\r\n${HOST}If-Match: ${'"x", '.repeat(500)}"y"\r\n\r\n`,
  `GET /%F0%9F%92%A9?${"q".repeat(4000)} HTTP/1.1\r\n${HOST}\r\n`,
  `HEAD / HTTP/1.1\r\n${HOST}${"X: y\r\n".repeat(90)}\r\n`,
];

/** Requests after which the server closes the connection. */
const REFUSED = [
  "GET / HTTP/1.1\r\n\r\n",
  "GET / HTTP/9.9\r\n\r\n",
  `GET / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
  `GET / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
  "\x16\x03\x01\x02\x00\x01\x00",
  `GET /${"a".repeat(9000)} HTTP/1.1\r\n`,
  `GET / HTTP/1.1\r\n${HOST}X: ${"b".repeat(9000)}`,
];

async function main(options: Options): Promise<number> {
  return await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/large.bin`, new Uint8Array(300_000));
    await Deno.writeTextFile(`${folder}/web.conf`, "host default .\nparameter log off\n");
    return await withOwnServer(folder, (port, pid) => attack(port, pid, options));
  });
}

async function attack(port: number, pid: number, { requests, connections }: Options): Promise<number> {
  let sent = 0;
  let answers = 0;
  const warm: number[] = [];
  const attackers = Array.from({ length: connections }, async (_, index) => {
    for (let round = index; sent < WARM_UP_REQUESTS + requests; round += connections) {
      sent += BATCH;
      // `answers += await ...` would use the value from before the wait.
      const came = await converse(port, round);
      answers += came;
    }
  });
  const watching = setInterval(() => {
    if (sent > WARM_UP_REQUESTS) warm.push(residentKiB(pid));
  }, 1000);
  await Promise.all(attackers);
  clearInterval(watching);
  const [low, high] = [Math.min(...warm), Math.max(...warm)];
  console.log(`${sent} hostile requests, ${answers} answers`);
  console.log(
    `memory after warm-up: ${low} to ${high} KiB, a difference of ${((high / low - 1) * 100).toFixed(1)} %`,
  );
  return high <= low * 1.1 ? 0 : 1;
}

/** Sends odd requests and a refused one in one piece over a new connection. Returns the number of answers. */
async function converse(port: number, round: number): Promise<number> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const odd = Array.from({ length: BATCH - 1 }, (_, index) => ODD[(round + index) % ODD.length]).join("");
  const request = new TextEncoder().encode(odd + REFUSED[round % REFUSED.length]);
  const sending = sendAll(connection, request);
  const buffer = new Uint8Array(64 * 1024);
  let answers = 0;
  for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
    // A read rarely splits this text, so few answers are missed.
    answers += decoder.decode(buffer.subarray(0, count)).split("HTTP/1.1 ").length - 1;
  }
  await sending;
  return answers;
}

const decoder = new TextDecoder("latin1");

async function sendAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  try {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
    await connection.closeWrite();
  } catch {
    // The server has already closed the connection, which is a valid reaction to such requests.
  }
}

if (import.meta.main) Deno.exit(await runBenchmark("bench:hostile", OPTIONS, main));

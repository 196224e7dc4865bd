/** What a running server counts, and what it shows of its connections. */

import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { exchange, get, RawClient } from "../client.ts";
import { until, untilSaid } from "../faults/started.ts";
import { get as get2, PREFACE, reset, settings } from "../http2/wire.ts";
import { ServerProcess } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";

const CONF = "host default www\nhost lab.example www\nparameter admin 0\nparameter log off\n";

async function withServer(conf: string, test: (server: ServerProcess, folder: TempFolder) => Promise<void>) {
  using folder = new TempFolder();
  folder.write("www/a.txt", "content");
  folder.write("web.conf", CONF + conf);
  await using server = await ServerProcess.start(["-a", "127.0.0.1"], { cwd: folder.path });
  await test(server, folder);
}

function adminPort({ banner }: ServerProcess): number {
  return Number(/http:\/\/127\.0\.0\.1:(\d+)\/live/.exec(banner)?.[1]);
}

/** The value of a sample; `undefined`: there is none. */
async function metric(server: ServerProcess, sample: string): Promise<number | undefined> {
  const { text } = await exchange(adminPort(server), get("/metrics"));
  const line = text.split("\n").find((each) => each.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length + 1));
}

Deno.test("/metrics counts every answer of all workers at once, by the configured host and the status", async () => {
  await withServer("parameter workers 2\n", async (server) => {
    for (let count = 0; count < 20; count++) await exchange(server.port, get("/a.txt"));
    for (const host of ["LAB.example", "made-up.example"]) {
      await exchange(server.port, `GET /none HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    }
    await exchange(server.port, "GET / HTTP/9.9\r\n\r\n");
    assertEquals(await metric(server, 'sweepd_requests_total{host="default",status="200"}'), 20);
    assertEquals(await metric(server, 'sweepd_requests_total{host="default",status="404"}'), 1);
    assertEquals(await metric(server, 'sweepd_requests_total{host="lab.example",status="404"}'), 1);
    assertEquals(await metric(server, 'sweepd_requests_total{host="",status="505"}'), 1);
    assertEquals(await metric(server, "sweepd_request_duration_seconds_count"), 23);
    assertEquals(await metric(server, "sweepd_connections_accepted_total"), 23);
  });
});

Deno.test("/metrics counts bytes while a connection is open and when it has closed, and pipelined requests", async () => {
  await withServer("parameter workers 1\n", async (server) => {
    using client = await RawClient.connect(server.port);
    const request = get("/a.txt");
    await client.send(request.repeat(3));
    for (let count = 0; count < 3; count++) await client.response();
    assertEquals(await metric(server, "sweepd_received_bytes_total"), 3 * request.length);
    assertEquals(await metric(server, "sweepd_requests_pipelined_total"), 2);
    assertEquals(await metric(server, "sweepd_connections"), 1);
    const sent = await metric(server, "sweepd_sent_bytes_total");
    client.close();
    await until(async () => await metric(server, "sweepd_connections") === 0, () => server.banner);
    assertEquals(await metric(server, "sweepd_received_bytes_total"), 3 * request.length);
    assertEquals(await metric(server, "sweepd_sent_bytes_total"), sent);
  });
});

Deno.test("/metrics counts whom the sweep closes, by the reason", async () => {
  await withServer("parameter workers 1\nparameter timeout 0.1\n", async (server) => {
    using client = await RawClient.connect(server.port);
    await client.end();
    await until(async () => await metric(server, 'sweepd_connections_closed_total{reason="idle"}') === 1, () => "");
  });
});

Deno.test("counters do not go back when a reload replaces the workers", async () => {
  await withServer("parameter workers 1\nparameter drain-timeout 1\n", async (server, folder) => {
    for (let count = 0; count < 5; count++) await exchange(server.port, get("/a.txt"));
    folder.write("more/b.txt", "more");
    folder.write("web.conf", `${CONF}parameter workers 1\nparameter drain-timeout 1\nhost more.example more\n`);
    server.signal("SIGHUP");
    await untilSaid(server, "sweepd: reloaded");
    await exchange(server.port, get("/a.txt"));
    assertEquals(await metric(server, 'sweepd_requests_total{host="default",status="200"}'), 6);
  });
});

Deno.test("/connections shows each open connection: state, age, mark, accumulator, and the request under way", async () => {
  await withServer("parameter workers 1\n", async (server, folder) => {
    folder.write("www/large.bin", new Uint8Array(16 * 1024 * 1024));
    using receiving = await RawClient.connect(server.port);
    await receiving.send("GET /half");
    using sending = await RawClient.connect(server.port);
    await sending.send(get("/large.bin"));
    await sending.take(1);
    const look = async () => JSON.parse((await exchange(adminPort(server), get("/connections"))).text).connections;
    await until(async () => (await look()).length === 2, () => server.banner);
    const [first, second] = await look();
    assertEquals([first.state, first.accumulated, first.received, first.request], ["receiving", 9, 9, null]);
    assertEquals([second.state, second.request, second.streams], ["sending", "GET /large.bin HTTP/1.1", null]);
    for (const { ageMs, markAgeMs } of [first, second]) {
      assertEquals([ageMs >= markAgeMs, markAgeMs >= 0], [true, true]);
    }
  });
});

Deno.test("/connections and /metrics show five streams of one connection of HTTP/2", async () => {
  await withServer("parameter workers 1\nparameter h2c on\n", async (server, folder) => {
    folder.write("www/large.bin", new Uint8Array(1024 * 1024));
    using client = await RawClient.connect(server.port);
    const ask = [1, 3, 5, 7, 9].map((stream) => get2(stream, "/large.bin"));
    await client.send(concat([PREFACE, settings(), ...ask])); // The windows stay as they are, so no answer ends.
    const look = async () => JSON.parse((await exchange(adminPort(server), get("/connections"))).text).connections;
    await until(async () => (await look())[0]?.state === "blocked", () => server.banner);
    const [{ streams, request }] = await look();
    assertEquals(streams, 5);
    assertEquals(request.startsWith("1: GET /large.bin HTTP/2.0, 3: GET /large.bin HTTP/2.0, "), true);
    assertEquals(await metric(server, "sweepd_streams"), 5);
    assertEquals(await metric(server, "sweepd_requests_multiplexed_total"), 5);
    await client.send(reset(5));
    await until(async () => (await look())[0]?.streams === 4, () => server.banner);
  });
});

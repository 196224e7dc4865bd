/** What the benchmark reads from h2load's output and log. The output is of h2load 1.52. */

import { assertEquals } from "@std/assert";
import { readH2load } from "../../bench/h2load.ts";

const OUTPUT = `TLS Protocol: TLSv1.3
Cipher: TLS_AES_128_GCM_SHA256
Server Temp Key: X25519 253 bits
Application protocol: h2
Main benchmark duration is over for thread #0. Stopping all clients.
Stopped all clients for thread #0

finished in 2.00s, 50.00 req/s, 54.44KB/s
requests: 100 total, 108 started, 100 done, 94 succeeded, 6 failed, 2 errored, 1 timeout
status codes: 94 2xx, 0 3xx, 4 4xx, 2 5xx
traffic: 269.19MB (282265632) total, 3.57MB (3742960) headers (space savings 92.04%), 261.03MB (273711104) data
`;

/** 100 requests that took 1 to 100 µs, in no order. */
const LOG = Array.from({ length: 100 }, (_, index) => `1795832404419335\t200\t${index * 37 % 100 + 1}\n`).join("");

Deno.test("readH2load() reads requests, time, bytes, failures and the times of single requests", () => {
  assertEquals(readH2load(OUTPUT, LOG), {
    requests: 100,
    durationUs: 2e6,
    bytes: 282_265_632,
    p50Us: 51,
    p99Us: 100,
    lost: 9,
    refused: 6,
  });
});

Deno.test("readH2load() is null if the server speaks HTTP/1.1, or if no request was answered", () => {
  assertEquals(readH2load(OUTPUT.replace("protocol: h2", "protocol: http/1.1"), LOG), null);
  assertEquals(readH2load(OUTPUT.replace("100 done", "0 done"), ""), null);
  assertEquals(readH2load("", ""), null);
});

/**
 * The daily look at certificates.
 */

import { assertEquals } from "@std/assert";
import type { Certificate } from "../../src/config/config.ts";
import { watchExpiry } from "../../src/process/expiry_watch.ts";
import { turn, VirtualClock } from "../virtual_clock.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function certificate(expiresMs: number, written: Certificate["written"]): Certificate {
  const rest = { certificate: "", key: "", names: [], beginsMs: 0, fingerprint: "", places: [], stamps: [] };
  return { ...rest, written, expiresMs };
}

async function pass(clock: VirtualClock, hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour++) {
    await clock.advance(HOUR_MS);
    await turn();
  }
}

Deno.test("a certificate of web.conf is a warning each day, once it expires soon", async () => {
  const clock = new VirtualClock();
  const warnings: string[] = [];
  const over = new AbortController();
  const expiring = certificate(clock.wall() + 15 * DAY_MS + 1, { cert: "a.pem", key: "a.key" });
  const watching = watchExpiry({
    clock,
    certificates: () => [expiring],
    warn: (message) => warnings.push(message.replace(/, on .*/, "")),
    renew: () => warnings.push("renewed"),
    signal: over.signal,
  });
  await pass(clock, 3 * 24);
  assertEquals(warnings, ["a.pem expires in 13 days", "a.pem expires in 12 days"]);
  over.abort();
  await watching;
});

Deno.test("the server's own certificate is renewed a month before its end, without a word", async () => {
  const clock = new VirtualClock();
  const said: string[] = [];
  const over = new AbortController();
  let own = certificate(clock.wall() + 31 * DAY_MS + 1, null);
  const watching = watchExpiry({
    clock,
    certificates: () => [own],
    warn: (message) => said.push(message),
    renew: () => {
      said.push("renewed");
      own = certificate(clock.wall() + 90 * DAY_MS, null);
    },
    signal: over.signal,
  });
  await pass(clock, 3 * 24);
  assertEquals(said, ["renewed"]);
  over.abort();
  await watching;
});

/**
 * The server's own certificate: when it is made, for which names, and how long it is kept.
 */

import { assert, assertEquals } from "@std/assert";
import { type Config, defaultConfig } from "../../src/config/config.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { isOwnDue, OwnCertificate } from "../../src/process/own_certificate.ts";

const NOW_MS = Date.UTC(2026, 10, 28);
const DAY_MS = 86_400_000;

function configOf(text: string): Config {
  return parseConfig(text, "web.conf").config;
}

Deno.test("OwnCertificate is for localhost, this machine's addresses and the configured hosts", async () => {
  const config = configOf("listen 8443 tls\nhost default a\nhost files.test a\nhost *.lab.test a");
  const [certificate] = (await new OwnCertificate().complete(config, NOW_MS)).certificates;
  assert(certificate !== undefined);
  for (const name of ["localhost", "127.0.0.1", "::1", "files.test", "*.lab.test"]) {
    assert(certificate.names.includes(name), `${name} is missing in ${certificate.names}`);
  }
  assert(!certificate.names.includes("default"));
  assertEquals([certificate.written, certificate.expiresMs], [null, NOW_MS + 90 * DAY_MS]);
});

Deno.test("OwnCertificate is made only if a listener speaks TLS and no host has a certificate", async () => {
  const own = new OwnCertificate();
  assertEquals((await own.complete(configOf("host default a"), NOW_MS)).certificates, []);
  const secured = configOf("listen 8443 tls\nhost default a");
  const [made] = (await own.complete(secured, NOW_MS)).certificates;
  const text = "listen 8443 tls\nhost default a\n  certificate a.pem a.key";
  const named = { ...configOf(text), certificates: [{ ...made!, written: { cert: "a.pem", key: "a.key" } }] };
  assertEquals((await own.complete(named, NOW_MS)).certificates, named.certificates);
  assertEquals((await own.complete(defaultConfig(), NOW_MS)).certificates, []);
});

Deno.test("OwnCertificate stays the same over reloads, until a host comes or its last month begins", async () => {
  const own = new OwnCertificate();
  const fingerprintAt = async (text: string, days: number) => {
    return (await own.complete(configOf(text), NOW_MS + days * DAY_MS)).certificates[0]!.fingerprint;
  };
  const text = "listen 8443 tls\nhost default a\n";
  const first = await fingerprintAt(text, 0);
  assertEquals(await fingerprintAt(text, 59), first);
  const second = await fingerprintAt(`${text}host new.test a`, 59);
  assert(second !== first);
  assertEquals(await fingerprintAt(text, 59), second); // A host that has gone is no reason.
  assert(await fingerprintAt(text, 59 + 60) !== second);
});

Deno.test("isOwnDue() speaks of the own certificate only", async () => {
  const config = configOf("listen 8443 tls\nhost default a");
  const [certificate] = (await new OwnCertificate().complete(config, NOW_MS)).certificates;
  assertEquals([59, 60].map((days) => isOwnDue(certificate!, NOW_MS + days * DAY_MS)), [false, true]);
  const written = { cert: "a.pem", key: "a.key" };
  assertEquals(isOwnDue({ ...certificate!, written }, NOW_MS + 90 * DAY_MS), false);
});

/**
 * Certificates of our own, read by another implementation.
 */

import { assert, assertEquals } from "@std/assert";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { integer, oid, tagged, time } from "../../src/certificates/der.ts";
import { issueAuthority, issueLeaf, issueOwn } from "../../src/certificates/issue.ts";
import { addressOctets, isCovered, plainAddress } from "../../src/certificates/names.ts";

const NOW_MS = Date.UTC(2026, 10, 28, 12);
const NAMES = ["localhost", "*.lab.org", "127.0.0.1", "::1", "fd00::1:2"];

Deno.test("issueOwn() makes a certificate that another implementation reads as meant", async () => {
  const issued = await issueOwn({ commonName: "sweepd", names: NAMES, nowMs: NOW_MS, days: 90 });
  const read = new X509Certificate(issued.certificate);
  assertEquals(read.subject, "CN=sweepd");
  assertEquals(read.ca, false);
  assert(read.verify(read.publicKey));
  assert(read.checkPrivateKey(createPrivateKey(issued.key)));
  assertEquals(read.fingerprint256, issued.fingerprint);
  assertEquals(Date.parse(read.validTo), NOW_MS + 90 * 86_400_000);
  assert(Date.parse(read.validFrom) < NOW_MS);
  assertEquals(
    read.subjectAltName?.split(", ").map((name) => name.replace(/^.*?:/, "")).map(plainAddress),
    NAMES,
  );
});

Deno.test("issueLeaf() is signed by the authority, and issueAuthority() may sign", async () => {
  const subject = { nowMs: NOW_MS, days: 10 };
  const authority = await issueAuthority({ ...subject, commonName: "authority", names: [] });
  const leaf = await issueLeaf({ ...subject, commonName: "leaf", names: ["a.test"] }, authority);
  const [above, below] = [authority, leaf].map(({ certificate }) => new X509Certificate(certificate));
  assertEquals([above!.ca, below!.ca], [true, false]);
  assert(below!.checkIssued(above!) && below!.verify(above!.publicKey));
  assert(!below!.verify(below!.publicKey));
});

Deno.test("certificates differ in serial number and key", async () => {
  const subject = { commonName: "a", names: ["a.test"], nowMs: NOW_MS, days: 1 };
  const [one, other] = await Promise.all([issueOwn(subject), issueOwn(subject)]);
  assert(one.key !== other.key);
  assert(new X509Certificate(one.certificate).serialNumber !== new X509Certificate(other.certificate).serialNumber);
});

Deno.test("DER has the shortest form of lengths, integers, identifiers and times", () => {
  const cases: readonly (readonly [Uint8Array, string])[] = [
    [tagged(0x04, new Uint8Array(127)).subarray(0, 2), "047f"],
    [tagged(0x04, new Uint8Array(128)).subarray(0, 3), "048180"],
    [tagged(0x04, new Uint8Array(256)).subarray(0, 4), "04820100"],
    [integer(Uint8Array.of(0, 0, 1)), "020101"],
    [integer(Uint8Array.of(0x80)), "02020080"],
    [integer(Uint8Array.of(0, 0)), "020100"],
    [oid("1.2.840.10045.4.3.2"), "06082a8648ce3d040302"],
    [time(Date.UTC(2049, 11, 31, 23, 59, 59)).subarray(0, 2), "170d"],
    [time(Date.UTC(2050, 0, 1)).subarray(0, 2), "180f"],
  ];
  for (const [bytes, hex] of cases) assertEquals(bytes.toHex(), hex);
});

Deno.test("isCovered() takes exact names, one label for a star, and addresses as addresses", () => {
  const names = ["lab.org", "*.lab.org", "127.0.0.1", "::1"];
  const covered = ["lab.org", "a.lab.org", "127.0.0.1", "[::1]", "[0:0:0:0:0:0:0:1]"];
  const not = ["a.b.lab.org", "b.org", ".lab.org", "27.0.0.1", "127.0.0.2", "[::2]", "org", ""];
  for (const host of covered) assert(isCovered(host, names), host);
  for (const host of not) assert(!isCovered(host, names), host);
  assert(!isCovered("1.2.3.4", ["*.2.3.4"]));
});

Deno.test("addressOctets() knows both versions, and nothing else", () => {
  assertEquals(addressOctets("192.0.2.1")?.toHex(), "c0000201");
  assertEquals(addressOctets("fd00::1:2")?.toHex(), "fd000000000000000000000000010002");
  assertEquals(addressOctets("[::]")?.toHex(), "0".repeat(32));
  assertEquals(addressOctets("localhost"), null);
});

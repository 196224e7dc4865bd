/**
 * Why a handshake has failed, in words, and the alert that tells the client.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { alertFor, explainHandshake } from "../../src/net/tls_errors.ts";

const CASES: readonly (readonly [message: string, words: string, alert: number])[] = [
  ["TLS accept error: received corrupt message of type HandshakePayloadTooLarge", "does not speak TLS correctly", 50],
  ["peer is incompatible: SignatureAlgorithmsExtensionRequired", "the client speaks no TLS 1.2 or 1.3", 70],
  ["peer is incompatible: Tls12NotOfferedOrEnabled", "the client speaks no TLS 1.2 or 1.3", 70],
  ["peer doesn't support any known protocol", "the client speaks none of our protocols (ALPN)", 120],
  ["peer is incompatible: NoCipherSuitesInCommon", "no cipher suite that we accept", 40],
  ["peer is incompatible: NoKxGroupsInCommon", "no group for the key exchange", 40],
  ["received fatal alert: UnknownCA", "does not trust the certificate's issuer", 50],
  ["received fatal alert: BadCertificate", "refuses the certificate", 50],
  ["something new\n    at stack (file:1:1)", "something new", 50],
];

Deno.test("explainHandshake() says what the client has done, in one line", () => {
  for (const [message, words] of CASES) {
    const explained = explainHandshake(new Error(message));
    assertStringIncludes(explained, words);
    assertEquals(explained.split("\n").length, 1);
  }
  assertEquals(explainHandshake(new Error("")), "the handshake failed");
});

Deno.test("alertFor() is one fatal alert record (RFC 8446, section 6)", () => {
  for (const [message, , alert] of CASES) {
    assertEquals([...alertFor(new Error(message))], [0x15, 3, 3, 0, 2, 2, alert], message);
  }
});

/**
 * Explains why a handshake has failed, in words. Knows errors; not connections.
 * @module
 */

/** Parts of the messages of the runtime's library for TLS, and what they mean. */
const MEANINGS: readonly (readonly [part: RegExp, meaning: string])[] = [
  [
    /InvalidContentType|corrupt|InvalidMessage|Decode|decrypt|Inappropriate|Peer(?:Misbehaved|SentOversized)/i,
    "the client does not speak TLS correctly",
  ],
  [/UnknownCA|unknown ca/i, "the client does not trust the certificate's issuer"],
  [/BadCertificate|bad certificate|CertificateUnknown|certificate unknown/i, "the client refuses the certificate"],
  [/CertificateExpired|certificate expired/i, "the client says that the certificate has expired"],
  [/NoApplicationProtocol|any known protocol/i, "the client speaks none of our protocols (ALPN)"],
  [
    /Tls12NotOffered|ProtocolVersion|SupportedVersions|SignatureAlgorithmsExtensionRequired/i,
    "the client speaks no TLS 1.2 or 1.3",
  ],
  [/NoCipherSuitesInCommon|cipher/i, "the client has no cipher suite that we accept"],
  [/NoKxGroupsInCommon|NamedGroup/i, "the client has no group for the key exchange that we accept"],
  [/NoSignatureSchemes|signature/i, "the client has no signature scheme that fits the certificate"],
  [/UserCanceled|CloseNotify/i, "the client gave up"],
  [/HandshakeFailure|handshake failure/i, "the client found nothing in common with us"],
];

/** One line without a full stop. Never a stack. */
export function explainHandshake(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, meaning = null] = MEANINGS.find(([part]) => part.test(message)) ?? [];
  const detail = message.split("\n", 1)[0]!.slice(0, 120);
  return meaning === null ? detail || "the handshake failed" : `${meaning} (${detail})`;
}

/** Descriptions of alerts (RFC 8446, section 6) by parts of messages. */
const ALERTS: readonly (readonly [part: RegExp, description: number])[] = [
  [/ProtocolVersion|protocol version|SupportedVersions|Tls1[23]NotOffered|SignatureAlgorithmsExtensionRequired/i, 70],
  [/ApplicationProtocol|any known protocol/i, 120],
  [/InCommon|HandshakeFailure|handshake failure|NoSignatureSchemes/i, 40],
];

const DECODE_ERROR = 50;

/** A record with a fatal alert for an error before our first bytes, which is not encrypted. */
export function alertFor(error: Error): Uint8Array<ArrayBuffer> {
  const [, description = DECODE_ERROR] = ALERTS.find(([part]) => part.test(error.message)) ?? [];
  return Uint8Array.of(0x15, 3, 3, 0, 2, 2, description);
}

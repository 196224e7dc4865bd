/**
 * Writes ASN.1 values in DER (ITU-T X.690), as far as certificates need them. Pure.
 * @module
 */

/** A value in DER: tag, length, content. */
export type Der = Uint8Array<ArrayBuffer>;

const SEQUENCE = 0x30;
const SET = 0x31;

/** A value with a tag and the concatenated contents. */
export function tagged(tag: number, ...contents: readonly Uint8Array[]): Der {
  const length = contents.reduce((sum, content) => sum + content.length, 0);
  return join(Uint8Array.of(tag), lengthOctets(length), ...contents);
}

/** The octets of a length (8.1.3): one if it is below 128, otherwise their number and they. */
function lengthOctets(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const octets = length.toString(16).padStart(2 * Math.ceil(length.toString(16).length / 2), "0");
  const bytes = Uint8Array.fromHex(octets);
  return join(Uint8Array.of(0x80 | bytes.length), bytes);
}

/** SEQUENCE. */
export function sequence(...items: readonly Uint8Array[]): Der {
  return tagged(SEQUENCE, ...items);
}

/** SET with one member. */
export function setOf(item: Uint8Array): Der {
  return tagged(SET, item);
}

/** INTEGER from the octets of a number that is not negative. */
export function integer(octets: Uint8Array): Der {
  const from = octets.findIndex((octet) => octet !== 0);
  const kept = from < 0 ? Uint8Array.of(0) : octets.subarray(from);
  return kept[0]! >= 0x80 ? tagged(0x02, Uint8Array.of(0), kept) : tagged(0x02, kept);
}

/** BOOLEAN TRUE. */
export const TRUE: Der = tagged(0x01, Uint8Array.of(0xff));

/** OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...others] = dotted.split(".").map(Number);
  return tagged(0x06, Uint8Array.from([40 * first + second, ...others].flatMap(base128)));
}

/** Seven bits an octet, the most significant first; all octets except the last have the eighth bit. */
function base128(value: number): number[] {
  const octets = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) octets.unshift(0x80 | rest & 0x7f);
  return octets;
}

/** UTF8String. */
export function utf8(text: string): Der {
  return tagged(0x0c, new TextEncoder().encode(text));
}

/** GeneralizedTime or, before 2050, UTCTime (RFC 5280, section 4.1.2.5). */
export function time(wallMs: number): Der {
  const [, century = "", rest = ""] = /^(..)(.*)$/.exec(new Date(wallMs).toISOString().replace(/[-:T]|\.\d+/g, "")) ??
    [];
  const isUtcTime = century === "19" || century === "20" && rest < "50";
  return tagged(isUtcTime ? 0x17 : 0x18, new TextEncoder().encode(isUtcTime ? rest : century + rest));
}

/** OCTET STRING. */
export function octetString(content: Uint8Array): Der {
  return tagged(0x04, content);
}

/** BIT STRING. `unused`: the number of unused bits in the last octet. */
export function bitString(content: Uint8Array, unused = 0): Der {
  return tagged(0x03, Uint8Array.of(unused), content);
}

/** An ECDSA signature (r and s, as WebCrypto returns it) as SEQUENCE of two INTEGERs. */
export function ecdsaSignature(raw: Uint8Array): Der {
  const half = raw.length / 2;
  return sequence(integer(raw.subarray(0, half)), integer(raw.subarray(half)));
}

/** Bytes as PEM (RFC 7468). */
export function pem(label: string, bytes: Uint8Array): string {
  const lines = bytes.toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

function join(...parts: readonly Uint8Array[]): Der {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

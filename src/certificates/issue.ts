/**
 * Issues certificates (RFC 5280) with keys of their own: EC P-256, ECDSA with SHA-256. Uses WebCrypto; knows no files.
 * @module
 */

import {
  bitString,
  type Der,
  ecdsaSignature,
  integer,
  octetString,
  oid,
  pem,
  sequence,
  setOf,
  tagged,
  time,
  TRUE,
  utf8,
} from "./der.ts";
import { addressOctets, isAddress } from "./names.ts";

/** A certificate with its private key. */
export interface Issued {
  /** In PEM. */
  readonly certificate: string;
  /** PKCS #8, in PEM, not encrypted. */
  readonly key: string;
  /** SHA-256 of the certificate: pairs of hexadecimal digits with colons. */
  readonly fingerprint: string;
  readonly expiresMs: number;
  /** The names that it is valid for. */
  readonly names: readonly string[];
}

/** What a certificate says. */
export interface Subject {
  /** The name for people. */
  readonly commonName: string;
  /** Names and addresses; none for an authority. */
  readonly names: readonly string[];
  readonly nowMs: number;
  readonly days: number;
}

/** An authority that can issue certificates: its name and its keys. */
export interface Authority extends Issued {
  readonly subject: Der;
  readonly keys: CryptoKeyPair;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;

/** Clocks of clients may be late. */
const BEFORE_MS = 3_600_000;

const ECDSA_WITH_SHA256 = sequence(oid("1.2.840.10045.4.3.2"));

/** A certificate that is signed by its own key, for a server. */
export async function issueOwn(subject: Subject): Promise<Issued> {
  const keys = await makeKeys();
  const name = nameOf(subject.commonName);
  return await issue(subject, { keys, issuer: { subject: name, keys }, name, extensions: leafExtensions(subject) });
}

/** A certificate for a server that `authority` signs. */
export async function issueLeaf(subject: Subject, authority: Authority): Promise<Issued> {
  const keys = await makeKeys();
  const name = nameOf(subject.commonName);
  return await issue(subject, { keys, issuer: authority, name, extensions: leafExtensions(subject) });
}

/** An authority of one's own. It cannot issue further authorities. */
export async function issueAuthority(subject: Subject): Promise<Authority> {
  const keys = await makeKeys();
  const name = nameOf(subject.commonName);
  const issuer = { subject: name, keys };
  return { ...await issue(subject, { keys, issuer, name, extensions: AUTHORITY_EXTENSIONS }), ...issuer };
}

async function makeKeys(): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

interface Parts {
  readonly keys: CryptoKeyPair;
  readonly issuer: Pick<Authority, "subject" | "keys">;
  readonly name: Der;
  readonly extensions: readonly Der[];
}

async function issue(subject: Subject, { keys, issuer, name, extensions }: Parts): Promise<Issued> {
  const expiresMs = subject.nowMs + subject.days * DAY_MS;
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey));
  const issuerKey = new Uint8Array(await crypto.subtle.exportKey("spki", issuer.keys.publicKey));
  const identifiers = [
    extension("2.5.29.14", octetString(await keyIdentifier(publicKey)), false), // subjectKeyIdentifier
    extension("2.5.29.35", sequence(tagged(0x80, await keyIdentifier(issuerKey))), false), // authorityKeyIdentifier
  ];
  const content = sequence(
    tagged(0xa0, integer(Uint8Array.of(2))), // Version 3.
    integer(serialNumber()),
    ECDSA_WITH_SHA256,
    issuer.subject,
    sequence(time(subject.nowMs - BEFORE_MS), time(expiresMs)),
    name,
    publicKey,
    tagged(0xa3, sequence(...extensions, ...identifiers)),
  );
  const signature = new Uint8Array(await crypto.subtle.sign(SIGNING, issuer.keys.privateKey, content));
  const certificate = sequence(content, ECDSA_WITH_SHA256, bitString(ecdsaSignature(signature)));
  const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  return {
    certificate: pem("CERTIFICATE", certificate),
    key: pem("PRIVATE KEY", key),
    fingerprint: await fingerprintOf(certificate),
    expiresMs,
    names: subject.names,
  };
}

/** 16 random octets, positive (4.1.2.2). */
function serialNumber(): Uint8Array {
  const octets = crypto.getRandomValues(new Uint8Array(16));
  octets[0] = octets[0]! & 0x7f | 0x40;
  return octets;
}

function nameOf(commonName: string): Der {
  return sequence(setOf(sequence(oid("2.5.4.3"), utf8(commonName))));
}

async function fingerprintOf(certificate: Der): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", certificate));
  return digest.toHex().toUpperCase().replace(/..(?=.)/g, "$&:");
}

function extension(id: string, value: Uint8Array, isCritical: boolean): Der {
  return sequence(oid(id), ...isCritical ? [TRUE] : [], octetString(value));
}

/** A number for a key (4.2.1.2): SHA-1 of it, as the RFC proposes. It protects nothing. */
async function keyIdentifier(publicKey: Der): Promise<Der> {
  return new Uint8Array(await crypto.subtle.digest("SHA-1", publicKey));
}

const AUTHORITY_EXTENSIONS = [
  extension("2.5.29.19", sequence(TRUE, integer(Uint8Array.of(0))), true), // basicConstraints: a CA, path length 0.
  extension("2.5.29.15", bitString(Uint8Array.of(0b0000_0110), 1), true), // keyUsage: keyCertSign, cRLSign.
];

function leafExtensions({ names }: Subject): Der[] {
  return [
    extension("2.5.29.19", sequence(), true), // basicConstraints: no CA.
    extension("2.5.29.15", bitString(Uint8Array.of(0b1000_0000), 7), true), // keyUsage: digitalSignature.
    extension("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.1")), false), // extKeyUsage: serverAuth.
    extension("2.5.29.17", sequence(...names.map(alternativeName)), false),
  ];
}

/** A GeneralName (4.2.1.6): dNSName or iPAddress. */
function alternativeName(name: string): Der {
  const octets = isAddress(name) ? addressOctets(name) : null;
  return octets === null ? tagged(0x82, new TextEncoder().encode(name)) : tagged(0x87, octets);
}

/**
 * Reads the certificates and keys of a configuration before a worker starts, because workers may not read them, and
 * says what is wrong with them. A certificate that cannot be used is an error.
 * @module
 */

import type { X509Certificate } from "node:crypto";
import { isCovered } from "../certificates/names.ts";
import { isBelow } from "../paths.ts";
import { type Certificate, certificateFilesOf, type Config, type Origin, settingsFor } from "./config.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { listenersOf } from "./listeners.ts";
import { insideRemark, placeOf, placesOf, realPath, requireFile } from "./passwords.ts";
import { readText, UnreadableConfigError } from "./read.ts";

/** Certificates and their problems. */
export interface ReadCertificates {
  readonly certificates: readonly Certificate[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A certificate that expires sooner is a warning, at the start and then daily. */
export const EXPIRY_WARNING_DAYS = 14;

const DAY_MS = 86_400_000;

/** Reads all certificates of `config`, relative to `folder`. `wallMs`: the time now. */
export async function readCertificates(config: Config, folder: string, wallMs: number): Promise<ReadCertificates> {
  const named = certificateFilesOf(config);
  const all = await Promise.all(named.map((files) => readOne(files, folder)));
  const certificates = all.flatMap(({ certificate }) => certificate ?? []);
  return {
    certificates,
    diagnostics: distinct([
      ...all.flatMap(({ diagnostics }) => diagnostics),
      ...certificates.flatMap((certificate) => expiryProblems(certificate, originsOf(certificate, config), wallMs)),
      ...certificates.flatMap((certificate) => placeProblems(certificate, config)),
      ...nameProblems(config, certificates),
      ...missingProblems(config, certificates),
      ...listenerProblems(config),
    ]),
  };
}

function originsOf({ written }: Certificate, config: Config): readonly Origin[] {
  const found = certificateFilesOf(config).find(({ cert, key }) => cert === written?.cert && key === written?.key);
  return found?.origins ?? [];
}

/** Warnings about the time, as text: it has expired, is not valid yet, or expires soon. */
export function expiryRemark({ written, expiresMs, beginsMs }: Certificate, wallMs: number): string | null {
  const name = written?.cert ?? "the certificate of sweepd's own";
  const date = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  if (wallMs >= expiresMs) return `${name} expired on ${date(expiresMs)}; browsers refuse it, so renew it`;
  if (wallMs < beginsMs) return `${name} is valid only from ${date(beginsMs)} on; check the clock of this machine`;
  const days = Math.floor((expiresMs - wallMs) / DAY_MS);
  if (days >= EXPIRY_WARNING_DAYS) return null;
  return `${name} expires in ${days === 1 ? "1 day" : `${days} days`}, on ${date(expiresMs)}; renew it, then reload`;
}

function expiryProblems(certificate: Certificate, origins: readonly Origin[], wallMs: number): Diagnostic[] {
  const remark = expiryRemark(certificate, wallMs);
  return remark === null ? [] : at(origins, "warning", `certificate: ${remark}`);
}

/** A key in a root is never served, but a copy of it would be. */
function placeProblems(certificate: Certificate, config: Config): Diagnostic[] {
  const { written, places, stamps } = certificate;
  const isKey = ({ path }: { readonly path: string }) => path === stamps[1]?.path;
  const paths = places.filter(isKey).map(({ path }) => path);
  const host = config.hosts.find(({ root }) => paths.some((path) => isBelow(realPath(root), path)));
  if (host === undefined || written === null) return [];
  return at(originsOf(certificate, config), "warning", `certificate: ${insideRemark(written.key, host.name)}`);
}

/** Hosts whose names their certificates do not have. */
function nameProblems(config: Config, certificates: readonly Certificate[]): Diagnostic[] {
  return config.hosts.flatMap((host) => {
    const { value, origin } = settingsFor(config, host).certificate;
    const found = certificates.find(({ written }) => written?.cert === value?.cert && written?.key === value?.key);
    if (value === null || found === undefined || host.name === "default") return [];
    if (isNamed(host.name, found.names)) return [];
    const names = found.names.slice(0, 4).join(", ");
    const instead = names === "" ? "has no name (subjectAltName)" : `is for ${names}, but not for host "${host.name}"`;
    return at([origin], "warning", `certificate: ${value.cert} ${instead}`);
  });
}

/** Hosts that browsers cannot open by https, because others have certificates and these have none. */
function missingProblems(config: Config, certificates: readonly Certificate[]): Diagnostic[] {
  const isSecured = certificates.length > 0 && listenersOf(config).some(({ tls }) => tls);
  return config.hosts.filter(({ name }) => isSecured && name !== "default").flatMap((host) => {
    const isOwn = settingsFor(config, host).certificate.value !== null;
    if (isOwn || certificates.some(({ names }) => isNamed(host.name, names))) return [];
    return at([host.origin], "warning", `certificate: host "${host.name}" has none, so browsers refuse it by https`);
  });
}

/** Whether a certificate is for the name of a host, which may be a wildcard. */
function isNamed(name: string, names: readonly string[]): boolean {
  return name.startsWith("*.") ? names.includes(name) : isCovered(name, names);
}

/** Settings that have no effect, or none that the user wants, without a listener that speaks TLS. */
function listenerProblems(config: Config): Diagnostic[] {
  if (listenersOf(config).some(({ tls }) => tls)) return [];
  return config.hosts.flatMap((host) => {
    const { certificate, https } = settingsFor(config, host);
    const add = "no listener speaks TLS; add a line like: listen 8443 tls";
    return [
      ...certificate.value === null ? [] : at([certificate.origin], "warning", `certificate: ${add}`),
      ...https.value ? at([https.origin], "error", `https: ${add}`) : [],
    ];
  });
}

type Files = ReturnType<typeof certificateFilesOf>[number];

interface ReadOne {
  readonly certificate: Certificate | null;
  readonly diagnostics: readonly Diagnostic[];
}

async function readOne({ cert, key, origins }: Files, folder: string): Promise<ReadOne> {
  try {
    // One after the other, so that no reading goes on after the first mistake.
    const files = [await readFile(cert, "certificate", folder), await readFile(key, "key", folder)];
    const [written, secret] = files.map(({ text }) => text) as [string, string];
    const [certificate, privateKey] = [certificatesIn(written, cert), keyIn(secret, key)];
    const facts = await examine({ cert, certificate, key, privateKey });
    const { places, stamps } = { places: files.flatMap(({ places }) => places), stamps: files.map(stampOf) };
    return {
      certificate: { ...facts.valid, written: { cert, key }, certificate, key: privateKey, places, stamps },
      diagnostics: facts.remarks.flatMap((remark) => at(origins, "warning", `certificate: ${remark}`)),
    };
  } catch (error) {
    if (!(error instanceof UnreadableConfigError)) throw error;
    return { certificate: null, diagnostics: at(origins, "error", `certificate: ${error.message}`) };
  }
}

function stampOf({ path, stamp }: { readonly path: string; readonly stamp: string }) {
  return { path, stamp };
}

async function readFile(written: string, kind: "certificate" | "key", folder: string) {
  const path = placeOf(written, folder);
  requireFile(path, written);
  const name = path === written ? path : `${written} (${path})`;
  const { text, stamp } = await readText(path, { name, kind });
  return { path, text, stamp, places: placesOf(path) };
}

interface Pair {
  readonly cert: string;
  readonly certificate: string;
  readonly key: string;
  readonly privateKey: string;
}

/** What the certificate says. Throws `UnreadableConfigError` if the pair cannot be used. */
async function examine(pair: Pair) {
  const { cert, certificate, key, privateKey } = pair;
  const crypto = await import("node:crypto");
  const leaf = parse(certificate, cert, (text) => new crypto.X509Certificate(text));
  const secret = parse(privateKey, key, (text) => crypto.createPrivateKey(text));
  if (!leaf.checkPrivateKey(secret)) {
    throw new UnreadableConfigError(`${key} is not the key of ${cert}; name the files that were made together`);
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = secret;
  const bits = details?.modulusLength ?? Infinity;
  if (type?.startsWith("rsa") && bits < RSA_BITS_MIN) {
    throw new UnreadableConfigError(`${key} is an RSA key of ${bits} bits; make one of at least ${RSA_BITS_MIN}`);
  }
  const tls = await import("node:tls");
  parse(certificate, cert, () => tls.createSecureContext({ cert: certificate, key: privateKey }));
  const isWeak = /sha1|md5/i.test((leaf as { readonly signatureAlgorithm?: string }).signatureAlgorithm ?? "");
  return {
    valid: {
      names: namesOf(leaf),
      beginsMs: Date.parse(leaf.validFrom),
      expiresMs: Date.parse(leaf.validTo),
      fingerprint: leaf.fingerprint256,
    },
    remarks: isWeak ? [`${cert} is signed with SHA-1 or MD5, which browsers refuse`] : [],
  };
}

/** Shorter keys can be broken, and the runtime does not accept them. */
const RSA_BITS_MIN = 2048;

/** The certificates of a file in PEM. It may hold their key as well, before or after them. */
function certificatesIn(text: string, cert: string): string {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  const begun = text.split("-----BEGIN CERTIFICATE-----").length - 1;
  if (begun > blocks.length) throw new UnreadableConfigError(`${cert} breaks off within a certificate; copy it again`);
  if (blocks.length > 0) return `${blocks.join("\n")}\n`;
  const isPem = text.includes("-----BEGIN ");
  const missing = "has no certificate in PEM (-----BEGIN CERTIFICATE-----)";
  throw new UnreadableConfigError(`${cert} ${isPem ? missing : "is not a PEM file"}`);
}

/** The first key of a file in PEM. Parameters of curves, or certificates, may be in it as well. */
function keyIn(text: string, key: string): string {
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(text)) {
    const remedy = `openssl pkey -in ${key} -out NEW.key, readable for the server only`;
    throw new UnreadableConfigError(`${key} is encrypted, and nobody can type its password; decrypt it: ${remedy}`);
  }
  const [block] = /-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----[^-]*-----END \1-----/.exec(text) ?? [];
  if (block !== undefined) return `${block}\n`;
  throw new UnreadableConfigError(`${key} has no private key in PEM (-----BEGIN PRIVATE KEY-----)`);
}

function parse<T>(text: string, name: string, read: (text: string) => T): T {
  try {
    return read(text);
  } catch (error) {
    const kind = /CERTIFICATE-----/.test(text) ? "certificate" : "key";
    const reason = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
    throw new UnreadableConfigError(`${name} has no ${kind} that can be read: ${reason}`, { cause: error });
  }
}

/** The names in `DNS:a.org, IP Address:::1`, in lower case. */
function namesOf({ subjectAltName = "" }: X509Certificate): string[] {
  return subjectAltName.split(", ").flatMap((entry) => {
    const [, name = null] = /^(?:DNS|IP Address):(.*)$/.exec(entry) ?? [];
    return name === null ? [] : [name.toLowerCase()];
  });
}

function at(origins: readonly Origin[], severity: Diagnostic["severity"], message: string): Diagnostic[] {
  return origins.flatMap((origin) =>
    origin.kind === "file"
      ? [{ severity, file: origin.file, line: origin.line, column: origin.column ?? 1, message }]
      : []
  );
}

/** A line above the first host applies to several hosts. */
function distinct(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(diagnostics.map((each) => [`${each.line} ${each.message}`, each])).values()];
}

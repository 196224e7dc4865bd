/**
 * `sweepd certificate`: writes a certificate for this machine, its key, and the authority that has signed it, which can
 * be installed on phones and computers. Knows files; not how servers use them.
 * @module
 */

import { join } from "@std/path/join";
import { issueAuthority, issueLeaf } from "../certificates/issue.ts";
import { readBuild } from "../config/build.ts";
import { reasonOf } from "../config/read.ts";

/** The files cannot be written. The message is for a person, in one line. */
export class CertificateError extends Error {
  override name = "CertificateError";
}

/** Devices of Apple accept no longer time below an authority that a person has installed: 825 days. Others: 398. */
const VALID_DAYS = 397;

/** Only the owner may read a key. */
const KEY_MODE = 0o600;

/** The names of the files. The authority's ends in `.crt`, because Android and Windows open that. */
const FILES = { authority: "sweepd-ca.crt", certificate: "sweepd.pem", key: "sweepd.key" } as const;

/** What to certify, and where to write it. */
export interface CertificateRequest {
  /** An absolute path. It is made if it is not there. */
  readonly folder: string;
  readonly names: readonly string[];
  readonly nowMs: number;
}

/**
 * Writes the files, and returns what to do with them, in lines. The authority's key is in no file: nobody, this machine
 * included, can issue another certificate that a phone with this authority would trust. Throws `CertificateError`.
 */
export async function writeCertificate({ folder, names, nowMs }: CertificateRequest): Promise<string> {
  requirePermission(folder);
  const paths = Object.values(FILES).map((name) => join(folder, name));
  await makeFolder(folder, paths);
  const [machine = "localhost"] = names.slice(1);
  const subject = { nowMs, days: VALID_DAYS };
  const authority = await issueAuthority({ ...subject, commonName: `sweepd on ${machine}`, names: [] });
  const leaf = await issueLeaf({ ...subject, commonName: machine, names }, authority);
  await write(join(folder, FILES.key), leaf.key, KEY_MODE);
  await write(join(folder, FILES.certificate), leaf.certificate + authority.certificate);
  await write(join(folder, FILES.authority), authority.certificate);
  return describe(folder, { names, authority: authority.fingerprint, expiresMs: leaf.expiresMs });
}

interface Written {
  readonly names: readonly string[];
  readonly authority: string;
  readonly expiresMs: number;
}

function describe(folder: string, { names, authority, expiresMs }: Written): string {
  const quoted = (name: string) => {
    const path = join(folder, name);
    return /[ \t"]/.test(path) ? `"${path}"` : path;
  };
  return [
    `A certificate for ${names.join(", ")}, valid until ${new Date(expiresMs).toISOString().slice(0, 10)}.`,
    "In web.conf:",
    "  listen 8443 tls",
    `  certificate ${quoted(FILES.certificate)} ${quoted(FILES.key)}`,
    `To be installed on phones and computers: ${quoted(FILES.authority)}`,
    `Its SHA-256 fingerprint: ${authority}`,
    "docs/certificates.md has the steps for Android, iOS, Windows, macOS and Firefox.",
    "",
  ].join("\n");
}

function requirePermission(folder: string): void {
  const isDenied = Deno.permissions.querySync({ name: "write", path: folder }).state !== "granted";
  if (!isDenied) return;
  const remedy = readBuild() === null ? "use deno task certificate" : "use deno task certificate of the source";
  throw new CertificateError(`sweepd was not permitted to write ${folder}; ${remedy}`);
}

/** Throws if a file is there already, because a server may use it. */
async function makeFolder(folder: string, paths: readonly string[]): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (error) {
    throw new CertificateError(`cannot make ${folder}: ${reasonOf(folder, error)}`, { cause: error });
  }
  const old = paths.find(isThere);
  if (old === undefined) return;
  throw new CertificateError(`${old} is there already; name another folder, or remove the old files`);
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false; // If it is not accessible, writing reports the reason.
  }
}

async function write(path: string, text: string, mode?: number): Promise<void> {
  try {
    await Deno.writeTextFile(path, text, { createNew: true, ...mode !== undefined && { mode } });
  } catch (error) {
    throw new CertificateError(`cannot write ${path}: ${reasonOf(path, error)}`, { cause: error });
  }
}

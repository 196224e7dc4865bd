/**
 * Whether a password is the one that was hashed. Takes time by design, so this is loaded by the first check only.
 * Knows hashes; not users, nor requests.
 * @module
 */

import { Buffer } from "node:buffer";
import { randomBytes, scrypt, type ScryptOptions, timingSafeEqual } from "node:crypto";
import type { PasswordHash } from "./password_file.ts";

/** Whether `password` is the one that `hash` was made from. By scrypt off this thread, by bcrypt on it, 0.1 s at a time. */
export async function isPassword(password: string, hash: PasswordHash): Promise<boolean> {
  if (hash.kind === "bcrypt") return await (await bcrypt())(password, hash.text);
  const key = Buffer.from(hash.key, "base64");
  return timingSafeEqual(await derive(password, Buffer.from(hash.salt, "base64"), key.length, hash), key);
}

type Compare = (password: string, hash: string) => Promise<boolean>;

let loading: Promise<Compare> | null = null;

function bcrypt(): Promise<Compare> {
  return loading ??= loadBcrypt();
}

/**
 * bcryptjs yields every 0.1 s by the `setImmediate` that it finds when it is loaded. The runtime (2.9.6) reads no socket between two
 * such calls, so that a check would hold up all requests until its end. Therefore it finds a timer there.
 */
async function loadBcrypt(): Promise<Compare> {
  const { setImmediate } = globalThis;
  globalThis.setImmediate = ((call: () => void) => setTimeout(call, 0)) as unknown as typeof setImmediate;
  try {
    const { compare } = await import("bcryptjs");
    return compare;
  } finally {
    globalThis.setImmediate = setImmediate;
  }
}

/** 16 MiB, and 65 ms on a desktop computer. */
const NEW_COST = { ln: 14, r: 8, p: 1 } as const;

/** The hash of a new password, by scrypt. */
export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, 32, NEW_COST);
  return { kind: "scrypt", ...NEW_COST, salt: withoutPadding(salt), key: withoutPadding(key) };
}

/** As it stands behind the name and the colon. */
export function formatHash(hash: PasswordHash): string {
  return hash.kind === "bcrypt" ? hash.text : `$scrypt$ln=${hash.ln},r=${hash.r},p=${hash.p}$${hash.salt}$${hash.key}`;
}

type Cost = Pick<Extract<PasswordHash, { readonly kind: "scrypt" }>, "ln" | "r" | "p">;

function derive(password: string, salt: Uint8Array, length: number, { ln, r, p }: Cost): Promise<Buffer> {
  const memory = 128 * r * (2 ** ln + p + 2);
  const options: ScryptOptions = { N: 2 ** ln, r, p, maxmem: 2 * memory };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => error === null ? resolve(key) : reject(error));
  });
}

function withoutPadding(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}

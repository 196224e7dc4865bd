/**
 * Checks a password against a hash. This is slow by design, so the first check loads this module.
 * Knows hashes; not users, nor requests.
 * @module
 */

import { Buffer } from "node:buffer";
import { randomBytes, scrypt, type ScryptOptions, timingSafeEqual } from "node:crypto";
import type { PasswordHash } from "./password_file.ts";

/** Whether `hash` is a hash of `password`. scrypt runs on another thread, bcrypt on this one for 0.1 s at a time. */
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
 * bcryptjs yields every 0.1 s by `setImmediate`, which it takes from the global object when it is loaded. Between two
 * such calls the runtime (2.9.6) reads no socket, so a check would delay all requests until its end. Therefore it gets
 * a timer instead.
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

/** Takes 16 MiB, and 65 ms on a desktop computer. */
const NEW_COST = { ln: 14, r: 8, p: 1 } as const;

/** Hashes a new password by scrypt. */
export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, 32, NEW_COST);
  return { kind: "scrypt", ...NEW_COST, salt: withoutPadding(salt), key: withoutPadding(key) };
}

/** The hash as written in a password file, after the name and the colon. */
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

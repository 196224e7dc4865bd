/**
 * Password files: users and hashed passwords, one per line, in the format of `htpasswd`: `alice:$2y$05$...` (bcrypt),
 * or `alice:$scrypt$ln=14,r=8,p=1$SALT$KEY`. Pure: parses lines, checks no password, and reveals no hash in messages.
 * @module
 */

/** A hashed password. It is plain data, because workers receive it in a message. */
export type PasswordHash =
  | { readonly kind: "bcrypt"; readonly cost: number; readonly text: string }
  | {
    readonly kind: "scrypt";
    /** The binary logarithm of N; then the block size and the parallelization (RFC 7914, section 2). */
    readonly ln: number;
    readonly r: number;
    readonly p: number;
    /** Base64 without padding. */
    readonly salt: string;
    readonly key: string;
  };

/** A user with a password. */
export interface User {
  /** In Unicode's normal form C, which clients should send (RFC 7617, section 2.1). */
  readonly name: string;
  readonly hash: PasswordHash;
}

/** A problem of a line. `line` and `column` count from 1. */
export interface PasswordProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/**
 * Limit for bcrypt: a check takes 2 to this power. It runs on the thread that answers requests, half a second at 12,
 * and each increment doubles that.
 */
const BCRYPT_COST_MAX = 12;

/** Limit for scrypt: memory in bytes, which also determines the time. `ln=16,r=8,p=1` takes it, and half a second. */
const SCRYPT_BYTES_MAX = 64 * 1024 * 1024;

/** Shorter salts may be equal for two users, and shorter keys match several passwords. */
const SALT_BYTES = { min: 8, max: 64 };
const KEY_BYTES = { min: 16, max: 64 };

/** Parses a password file. The users are in the order of lines. `name` is the name of the file for messages. */
export function parsePasswordFile(text: string, name: string): { users: User[]; problems: PasswordProblem[] } {
  const users = new Map<string, User>();
  const problems: PasswordProblem[] = [];
  const lines = new Map<string, number>();
  for (const [index, raw] of text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/).entries()) {
    if (raw.trim() === "" || raw.startsWith("#")) continue;
    const user = parseLine(raw, name);
    const line = index + 1;
    if ("message" in user) problems.push({ line, ...user });
    else if (users.has(user.name)) {
      problems.push({ line, column: 1, message: `"${user.name}" is already in line ${lines.get(user.name)}` });
    } else users.set(user.name, user), lines.set(user.name, line);
  }
  return { users: [...users.values()], problems };
}

/** Why a name is invalid, as text to follow the name; `null`: it is valid. */
export function invalidUserNameReason(name: string): string | null {
  if (name === "") return "is empty";
  if (name.includes(":")) return "has a colon, which ends a name"; // RFC 7617, section 2.
  if (/[\p{Cc}\uFFFD]/u.test(name)) return "has a control character";
  if (name !== name.trim()) return "has a blank at its beginning or end";
  if (name.startsWith("#")) return "begins with #, which makes the line a comment";
  return new TextEncoder().encode(name).length > NAME_BYTES_MAX ? `is longer than ${NAME_BYTES_MAX} bytes` : null;
}

/** The limit of `htpasswd`. */
const NAME_BYTES_MAX = 255;

type LineProblem = Omit<PasswordProblem, "line">;

function parseLine(raw: string, file: string): User | LineProblem {
  const colon = raw.indexOf(":");
  if (colon < 0) return { column: 1, message: "a line is a name, a colon, and a hashed password" };
  const name = raw.slice(0, colon).normalize("NFC");
  const problem = invalidUserNameReason(name);
  if (problem !== null) return { column: 1, message: `the name of a user ${problem}` };
  const [text = ""] = raw.slice(colon + 1).trimEnd().split(":", 1); // After a second colon there may be a comment.
  const hash = parseHash(text);
  if (typeof hash !== "string") return { name, hash };
  const remedy = `write it again with: sweepd passwd ${quoteWord(file)} ${quoteWord(name)}`;
  return { column: colon + 2, message: `the password of "${name}" ${hash}; ${remedy}` };
}

function quoteWord(word: string): string {
  return /^[\w./@+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Parses a hash. Returns why it is not supported, as text to follow the name of the password. */
function parseHash(text: string): PasswordHash | string {
  const bcrypt = /^\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}$/.exec(text);
  if (bcrypt !== null) return readBcrypt(text, Number(bcrypt[1]));
  if (text.startsWith("$scrypt$")) return readScrypt(text);
  const known = REFUSED.find(([pattern]) => pattern.test(text));
  return known?.[1] ?? "has no known hash format, and may be the password itself";
}

function readBcrypt(text: string, cost: number): PasswordHash | string {
  if (cost < 4) return "is a damaged bcrypt hash"; // The lowest cost of bcrypt is 4.
  return cost <= BCRYPT_COST_MAX
    ? { kind: "bcrypt", cost, text }
    : `is hashed by bcrypt with cost ${cost}, which would delay all other requests; the maximum is ${BCRYPT_COST_MAX}`;
}

function readScrypt(text: string): PasswordHash | string {
  const match = /^\$scrypt\$ln=([0-9]{1,2}),r=([0-9]{1,3}),p=([0-9]{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(
    text,
  );
  if (match === null) return "is a damaged scrypt hash";
  const [, salt = "", key = ""] = match.slice(3);
  const [ln = 0, r = 0, p = 0] = match.slice(1, 4).map(Number);
  const isWhole = ln > 0 && r > 0 && p > 0 && isWithin(salt, SALT_BYTES) && isWithin(key, KEY_BYTES);
  if (!isWhole) return "is a damaged scrypt hash";
  return 128 * r * p * 2 ** ln <= SCRYPT_BYTES_MAX
    ? { kind: "scrypt", ln, r, p, salt, key }
    : "is hashed by scrypt with a cost beyond 64 MiB; the maximum is ln=16,r=8,p=1";
}

function isWithin(base64: string, { min, max }: { readonly min: number; readonly max: number }): boolean {
  const bytes = Math.floor(base64.length * 3 / 4);
  return base64.length % 4 !== 1 && bytes >= min && bytes <= max;
}

/** Formats that other servers support, and why this one does not. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^\$apr1\$/, "is hashed by MD5 (apr1), which can be guessed too fast"],
  [/^\$1\$/, "is hashed by MD5 (crypt), which can be guessed too fast"],
  [/^\{SHA\}/i, "is hashed by SHA-1 without a salt, which can be guessed too fast"],
  [/^\{SSHA\}/i, "is hashed by SHA-1, which can be guessed too fast"],
  [/^\$[56]\$/, "is hashed by SHA-2 (crypt), which sweepd does not support"],
  [/^\$2x\$/, "is hashed by a faulty bcrypt (2x)"],
  [/^\$2[aby]?\$/, "is a damaged bcrypt hash"],
  [/^\$argon2/, "is hashed by Argon2, which the runtime does not have"],
  [/^\$y\$/, "is hashed by yescrypt, which the runtime does not have"],
  [/^[./A-Za-z0-9]{13}$/, "is hashed by crypt, which can be guessed too fast, or is the password itself"],
  [/^$/, "is empty"],
];

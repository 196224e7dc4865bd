/**
 * `sweepd passwd`: asks for a password and writes its hash into a password file, in place of the user's old line.
 * Knows terminals and files; not how servers use them.
 * @module
 */

import { readBuild } from "../config/build.ts";
import { reasonOf } from "../config/read.ts";
import { formatHash, hashPassword } from "../site/password_check.ts";
import { invalidUserNameReason } from "../site/password_file.ts";
import { readSecret, SecretError } from "./secret.ts";

/** The line cannot be written. The message is for a person, in one line. */
export class PasswdError extends Error {
  override name = "PasswdError";
}

/** Every client can send a password of this length. */
const PASSWORD_BYTES_MAX = 1024;

/** Much larger than any password file, so a larger file is a mistake. */
const FILE_BYTES_MAX = 1024 * 1024;

/** Only the owner may read a new file, because passwords can be guessed from hashes. */
const NEW_FILE_MODE = 0o600;

/** Asks for the password of `user` and returns the line. Throws `PasswdError`. */
export async function makeLine(user: string): Promise<string> {
  const name = user.normalize("NFC");
  const problem = invalidUserNameReason(name);
  if (problem !== null) throw new PasswdError(`"${user}": the name of a user ${problem}`);
  return `${name}:${formatHash(await hashPassword(await askPassword(name)))}`;
}

async function askPassword(name: string): Promise<string> {
  try {
    const [password = "", again] = await readSecret([`Password for ${name}: `, "The same again: "]);
    if (password !== again) throw new PasswdError("the two passwords differ; nothing was written");
    return checked(password);
  } catch (error) {
    throw error instanceof SecretError ? new PasswdError(error.message, { cause: error }) : error;
  }
}

function checked(written: string): string {
  const password = written.normalize("NFC"); // The server does the same (RFC 7617, section 2.1).
  if (password === "") throw new PasswdError("an empty password would let everybody in");
  if (/[\p{Cc}\uFFFD]/u.test(password)) throw new PasswdError("a password must be UTF-8 without control characters");
  if (new TextEncoder().encode(password).length <= PASSWORD_BYTES_MAX) return password;
  throw new PasswdError(`a password has at most ${PASSWORD_BYTES_MAX} bytes`);
}

/**
 * Throws `PasswdError` if the runtime does not permit to write `file`, an absolute path. Called before the user types a
 * password. The permissions of the file itself are checked when it is written.
 */
export function requirePermission(file: string, user: string): void {
  const isDenied = (["read", "write"] as const).some((name) => {
    return [file, temporary(file)].some((path) => Deno.permissions.querySync({ name, path }).state !== "granted");
  });
  if (!isDenied) return;
  const command = readBuild() === null ? "use deno task passwd, or print the line" : "print the line";
  throw new PasswdError(`sweepd was not permitted to write ${file}; ${command}: sweepd passwd - '${user}' >> FILE`);
}

/** Writes `line` in place of the same user's old line. Returns whether it replaced one. Throws `PasswdError`. */
export async function writeLine(file: string, line: string): Promise<"added" | "replaced"> {
  try {
    const path = await realPath(file);
    const { text, info } = await readOld(path);
    const { text: changed, replaced } = withLine(text, line);
    await replaceFile(path, changed, info);
    return replaced ? "replaced" : "added";
  } catch (error) {
    if (error instanceof PasswdError) throw error;
    throw new PasswdError(`cannot write ${file}: ${reasonOf(file, error)}`, { cause: error });
  }
}

/** The target of a link, so that the link itself is kept. */
async function realPath(file: string): Promise<string> {
  try {
    return await Deno.realPath(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return file;
    throw error;
  }
}

interface Old {
  readonly text: string;
  /** `null`: there is no file yet. */
  readonly info: Deno.FileInfo | null;
}

async function readOld(path: string): Promise<Old> {
  const info = await Deno.stat(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  });
  if (info === null) return { text: "", info };
  if (!info.isFile) throw new PasswdError(`${path} is not a file`);
  if (info.size > FILE_BYTES_MAX) throw new PasswdError(`${path} is larger than 1 MiB, the limit for a password file`);
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path)), info };
  } catch (error) {
    if (error instanceof TypeError) throw new PasswdError(`${path} is not UTF-8 text`, { cause: error });
    throw error;
  }
}

/** The text with `line` in place of the user's first old line. All other lines stay as they are. Pure. */
export function withLine(text: string, line: string): { readonly text: string; readonly replaced: boolean } {
  const name = line.slice(0, line.indexOf(":") + 1);
  const lines = text.split(/(?<=\n)/);
  const isOld = (old: string) => old.normalize("NFC").startsWith(name);
  const first = lines.findIndex(isOld);
  if (first < 0) return { text: `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${line}\n`, replaced: false };
  const kept = lines.filter((old, index) => index === first || !isOld(old));
  return { text: kept.map((old) => isOld(old) ? `${line}\n` : old).join(""), replaced: true };
}

/** Replaces the file by a rename, so that a server reads either the old or the new content. */
async function replaceFile(path: string, text: string, old: Deno.FileInfo | null): Promise<void> {
  const beside = temporary(path);
  using file = await create(beside);
  try {
    await writeAll(file, new TextEncoder().encode(text));
    if (old !== null) await inherit(beside, old);
    await file.sync();
    await Deno.rename(beside, path);
  } catch (error) {
    await Deno.remove(beside);
    throw error;
  }
}

function temporary(path: string): string {
  return `${path}.new`;
}

/** Creates the temporary file. It must not exist, because two writers at the same time would lose the line of one. */
async function create(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { write: true, createNew: true, mode: NEW_FILE_MODE });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    const message = `${path} is there: another sweepd passwd is writing, or was interrupted; then remove that file`;
    throw new PasswdError(message, { cause: error });
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await file.write(rest));
}

/** Gives the new file the owner and mode of the old one, because the server may run as another user. */
async function inherit(path: string, { mode, uid, gid }: Deno.FileInfo): Promise<void> {
  if (Deno.build.os === "windows") return;
  const own = await Deno.stat(path);
  if (own.uid !== uid || own.gid !== gid) await Deno.chown(path, uid, gid);
  if (mode !== null) await Deno.chmod(path, mode & 0o777);
}

/**
 * Which program has a port. The system tells it only to a process with all permissions, because `/proc` belongs to what
 * the runtime protects. Otherwise sweepd asks the program itself: most web servers say their name.
 * @module
 */

import { connect } from "../net/connect.ts";
import { hostAndPort } from "../net/peer.ts";
import type { Socket } from "../net/socket.ts";
import { isPortTaken, ListenError } from "./address.ts";
import type { Address } from "./scope.ts";

/** The time to connect, and the time for all of it. */
const ANSWER_MS = 1_000;

/** The head of an answer. The name of the server is one of its first lines. */
const HEAD_BYTES_MAX = 4096;

/** A longer name is not a name. */
const NAME_CHARS_MAX = 60;

/** What is known of the program that has `address`, and the command that tells more, for the end of a message. */
export async function describePortUser(address: Address): Promise<string> {
  const owner = ownerOf(address.port);
  if (owner !== null) return `process ${owner.pid}, ${printable(owner.name)}, has it`;
  const name = await askName(address);
  const command = COMMANDS[Deno.build.os] ?? COMMANDS.linux!;
  return `${name === null ? "" : `a web server called "${name}" answers there; `}${
    command(address.port)
  } tells which it is`;
}

/** Adds to an error what is known of the program that has the port. Other errors stay as they are. */
export async function withPortUser(error: unknown): Promise<unknown> {
  if (!isPortTaken(error)) return error;
  const { message, address, cause } = error;
  return new ListenError(`${message} or --any-port; ${await describePortUser(address)}`, address, cause);
}

const COMMANDS: Partial<Record<typeof Deno.build.os, (port: number) => string>> = {
  linux: (port) => `"ss -ltnp sport = :${port}"`,
  darwin: (port) => `"lsof -nP -iTCP:${port} -sTCP:LISTEN"`,
  windows: (port) => `"netstat -ano | findstr :${port}"`,
};

interface Owner {
  readonly pid: number;
  readonly name: string;
}

/** The process that listens on `port`; `null`: the system does not tell it to this process. */
function ownerOf(port: number): Owner | null {
  try {
    if (Deno.build.os !== "linux") return null;
    const sockets = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) => listeningSockets(readText(path), port));
    const pid = sockets.length === 0 ? undefined : processes().find((pid) => holdsOne(pid, sockets));
    return pid === undefined ? null : { pid: Number(pid), name: readText(`/proc/${pid}/comm`).trim() };
  } catch {
    return null; // Not permitted, or the process has ended.
  }
}

function readText(path: string): string {
  return Deno.readTextFileSync(path);
}

/** The inodes of the sockets in a table of Linux that listen on `port`. Pure. */
export function listeningSockets(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table.split("\n").flatMap((line) => {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    return local.endsWith(suffix) && state === LISTENING ? [inode] : [];
  });
}

/** TCP_LISTEN. */
const LISTENING = "0A";

function processes(): string[] {
  return namesIn("/proc").filter((name) => /^\d+$/.test(name));
}

function namesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name);
}

/** Descriptors of other users' processes are not readable. */
function holdsOne(pid: string, sockets: readonly string[]): boolean {
  try {
    const folder = `/proc/${pid}/fd`;
    return namesIn(folder).some((fd) => {
      const [, inode = ""] = /^socket:\[(\d+)\]$/.exec(linkOf(`${folder}/${fd}`)) ?? [];
      return sockets.includes(inode);
    });
  } catch {
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return ""; // It was closed in the meantime.
  }
}

/** What a web server on `address` calls itself; `null`: it does not say. */
async function askName({ hostname, port }: Address): Promise<string | null> {
  let socket: Socket | null = null;
  const late = setTimeout(() => closeAnyway(socket), 2 * ANSWER_MS);
  try {
    socket = await connect({ hostname, port }, { timeoutMs: ANSWER_MS });
    await socket.write(new TextEncoder().encode(`HEAD / HTTP/1.0\r\nHost: ${hostAndPort("localhost", port)}\r\n\r\n`));
    return serverName(await readHead(socket));
  } catch {
    return null; // It cannot be connected to, speaks no HTTP, or is too slow.
  } finally {
    clearTimeout(late);
    closeAnyway(socket);
  }
}

function closeAnyway(socket: Socket | null): void {
  try {
    socket?.close();
  } catch {
    // The timer has closed it.
  }
}

async function readHead(socket: Pick<Socket, "read">): Promise<string> {
  const buffer = new Uint8Array(HEAD_BYTES_MAX);
  let text = "";
  for (let count; text.length < HEAD_BYTES_MAX && (count = await socket.read(buffer)) !== null;) {
    text += String.fromCharCode(...buffer.subarray(0, count));
    if (text.includes("\r\n\r\n")) break;
  }
  return text;
}

/** The value of Server in the head of an answer; `null`: it is no answer of HTTP, or has none. Pure. */
export function serverName(head: string): string | null {
  if (!head.startsWith("HTTP/")) return null;
  const [, name = ""] = /\r\nServer:[ \t]*([^\r\n]*)\r\n/i.exec(head) ?? [];
  return name.trim() === "" ? null : printable(name.trim()).slice(0, NAME_CHARS_MAX);
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]|"/g, "?");
}

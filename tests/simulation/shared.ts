/**
 * What all clients know of the server and its disk, in whichever version of HTTP they ask: the configurations of a time, what
 * they promise, and which files are in trouble.
 */

import type { Answer } from "./answers.ts";
import type { Ending, Promises } from "./deadlines.ts";
import type { MemoryDisk } from "./disk.ts";
import type { Asked, Memory } from "./requests.ts";
import type { Conf } from "./setting.ts";
import { swapped } from "./sites.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import { type Note, Violation } from "./trace.ts";

/** Values that all clients share. */
export interface Shared extends Ending {
  readonly timeline: VirtualClock;
  readonly disk: MemoryDisk;
  /** The configurations that were in effect at that time or later, in order. */
  readonly confsSince: (ms: number) => readonly Conf[];
  readonly memories: Map<string, Memory>;
  readonly note: Note;
}

/** The configuration that an answer is made by, by what it says. It must have been in effect since the request began. */
export function confOf(shared: Shared, firstMs: number, { fields, status }: Answer): Conf {
  const confs = shared.confsSince(firstMs);
  const name = fields.get("server");
  const conf = confs.find(({ serverName }) => serverName === name);
  if (conf !== undefined) return conf;
  const names = confs.map(({ serverName }) => serverName).join(" or ");
  throw new Violation("a request is answered by a configuration of its time", `${status} of ${name}, not ${names}`);
}

/** How long the server may have used cached facts about a file. */
export function staleMsOf(shared: Shared): number {
  return Math.max(...shared.confsSince(-Infinity).map(({ staleMs }) => staleMs));
}

/** The least that any of the configurations promised. */
export function leastOf(shared: Shared): Promises {
  const promises = shared.confsSince(-Infinity).map(({ promises }) => promises);
  return {
    idleMs: Math.min(...promises.map(({ idleMs }) => idleMs)),
    messageMs: Math.min(...promises.map(({ messageMs }) => messageMs)),
  };
}

/** Whether a mishap has befallen the file that a message asks for, since the message or while the server's cache was valid. */
export function isTroubled(shared: Shared, { expected }: Asked, firstMs: number): boolean {
  if (expected.kind !== "file") return false;
  const paths = [expected.place, swapped(expected.place)].map(({ path }) => path);
  return paths.some((path) => path !== null && shared.disk.troubledMs(path) >= firstMs - staleMsOf(shared));
}

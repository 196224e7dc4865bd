/**
 * A thread as the supervisor needs it, and the runtime's workers as such threads. Knows how to start one, and to talk to it;
 * not what is said.
 * @module
 */

import { type Permissions, runtimePermissions } from "../config/permissions.ts";
import type { Order, Report } from "./worker.ts";

/** What becomes of a thread. */
export interface ThreadEvents {
  readonly hear: (report: Report) => void;
  /** It threw what it did not catch, or could not begin. */
  readonly fail: (message: string) => void;
}

/** A thread that has been started. */
export interface Thread {
  post(order: Order): void;
  /** Ends it now. */
  terminate(): void;
}

/** Starts a thread that may do exactly this. Throws where none can be had. */
export type StartThread = (number: number, permissions: Permissions, events: ThreadEvents) => Thread;

/** Workers of the runtime that run `module`; `granted`: given other permissions, for the test that the proof fails then. */
export function threadsOf(module: URL, granted?: Deno.PermissionOptions): StartThread {
  return (number, permissions, { hear, fail }) => {
    leaveLostFolder(permissions);
    const worker = new Worker(module.href, {
      type: "module",
      name: `sweepd worker ${number}`,
      deno: { permissions: granted ?? runtimePermissions(permissions) },
    });
    worker.onmessage = ({ data }: MessageEvent<Report>) => hear(data);
    worker.onerror = (event) => {
      event.preventDefault();
      fail(event.message);
    };
    return { post: (order) => worker.postMessage(order), terminate: () => worker.terminate() };
  };
}

/** The workers that serve. */
export const systemThreads: StartThread = threadsOf(new URL("./worker.ts", import.meta.url));

/**
 * The runtime (2.9.6) loads no module in a thread when the current folder of the process has been removed. A process that may
 * not read the top of the disk could not leave its folder at the start. It changes to a root now, because all paths are absolute.
 */
function leaveLostFolder({ read }: Permissions): void {
  if (!isFolderLost()) return;
  const roots = read === "everything" ? [] : read.map(({ what }) => what);
  roots.some(enter);
}

function isFolderLost(): boolean {
  try {
    Deno.cwd();
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

function enter(folder: string): boolean {
  try {
    Deno.chdir(folder);
    return true;
  } catch {
    return false; // Not there, or not permitted. Where no folder will do, the thread says so.
  }
}

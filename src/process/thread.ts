/**
 * A thread as a value, and the workers of the runtime as threads. Starts threads and passes messages; does not know
 * what the messages mean.
 * @module
 */

import { type Permissions, runtimePermissions } from "../config/permissions.ts";
import type { Order, Report } from "./worker.ts";

/** Events of a thread. */
export interface ThreadEvents {
  readonly onReport: (report: Report) => void;
  /** The thread has thrown an error, or could not be loaded. */
  readonly onError: (message: string) => void;
}

/** A running thread. */
export interface Thread {
  post(order: Order): void;
  /** Ends it now. */
  terminate(): void;
}

/** Starts a thread with exactly these permissions. Throws if that fails. */
export type StartThread = (number: number, permissions: Permissions, events: ThreadEvents) => Thread;

/** Workers that run `module`. `granted`: other permissions than requested, for tests of the sandbox check. */
export function threadsOf(module: URL, granted?: Deno.PermissionOptions): StartThread {
  return (number, permissions, { onReport, onError }) => {
    leaveLostFolder(permissions);
    const worker = new Worker(module.href, {
      type: "module",
      name: `sweepd worker ${number}`,
      deno: { permissions: granted ?? runtimePermissions(permissions) },
    });
    worker.onmessage = ({ data }: MessageEvent<Report>) => onReport(data);
    worker.onerror = (event) => {
      event.preventDefault();
      onError(event.message);
    };
    return { post: (order) => worker.postMessage(order), terminate: () => worker.terminate() };
  };
}

/** The workers that serve. */
export const systemThreads: StartThread = threadsOf(new URL("./worker.ts", import.meta.url));

/**
 * The runtime (2.9.6) loads no module in a thread when the current folder of the process has been removed. A process
 * that may not read the top of the disk could not leave its folder at the start. It changes to a root now, because all
 * paths are absolute.
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
    return false; // The folder does not exist or is not permitted. If no folder works, the thread reports that.
  }
}

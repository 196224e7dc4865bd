/**
 * A thread as a value, and the workers of the runtime as threads. Starts threads and passes messages; does not know
 * what the messages mean.
 * @module
 */

import { type Permissions, runtimePermissions } from "../config/permissions.ts";
import type { AdminOrder, AdminReport } from "./admin_worker.ts";
import type { Order, Report } from "./worker.ts";

/** Events of a thread. `R`: what it reports. */
export interface ThreadEvents<R = Report> {
  readonly onReport: (report: R) => void;
  /** The thread has thrown an error, or could not be loaded. */
  readonly onError: (message: string) => void;
}

/** A running thread. `O`: what it can be told. */
export interface Thread<O = Order> {
  post(order: O, transfer?: Transferable[]): void;
  /** Ends it now. */
  terminate(): void;
}

/** Starts a thread with exactly these permissions. Throws if that fails. */
export type StartThread<O = Order, R = Report> = (
  number: number,
  permissions: Permissions,
  events: ThreadEvents<R>,
) => Thread<O>;

/** Workers that run `module`. `granted`: other permissions than requested, for tests of the sandbox check. */
export function threadsOf<O = Order, R = Report>(module: URL, granted?: Deno.PermissionOptions): StartThread<O, R> {
  return (number, permissions, { onReport, onError }) => {
    leaveLostFolder(permissions);
    const worker = new Worker(module.href, {
      type: "module",
      name: `sweepd worker ${number}`,
      deno: { permissions: granted ?? runtimePermissions(permissions) },
    });
    worker.onmessage = ({ data }: MessageEvent<R>) => onReport(data);
    worker.onerror = (event) => {
      event.preventDefault();
      onError(event.message);
    };
    return { post: (order, transfer = []) => worker.postMessage(order, transfer), terminate: () => worker.terminate() };
  };
}

/** The worker that answers on the admin address. */
export const adminThreads: StartThread<AdminOrder, AdminReport> = threadsOf(
  new URL("./admin_worker.ts", import.meta.url),
);

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

/**
 * The thread of the first worker, started before it is needed: it loads its modules while this thread prepares the rest.
 * Knows threads; not what they do.
 * @module
 */

import { listenersOf } from "../config/listeners.ts";
import type { Loaded } from "../config/load.ts";
import { type Permissions, runtimePermissions } from "../config/permissions.ts";
import { permissionsOfWorkers } from "./process.ts";
import { type StartThread, systemThreads, type Thread, type ThreadEvents } from "./thread.ts";

/** A thread that has no events yet, or what is known of its end. */
interface Waiting {
  readonly thread: Thread;
  events: ThreadEvents | null;
  error: string | null;
}

/**
 * Starts the thread of the first worker that serves the configuration. Returns a function that starts threads, and whose first
 * call gets this one if it asks for the same permissions. If it asks for others, because another port is used, the
 * thread is ended. Before a port is known, no thread can be started, because it could not lose any permission.
 */
export function startEarly(loaded: Pick<Loaded, "config" | "file">, start = systemThreads): StartThread {
  const permissions = permissionsOfWorkers(loaded);
  const isKnown = listenersOf(loaded.config).every(({ port }) => port !== 0);
  let waiting = isKnown ? tryToStart(permissions, start) : null;
  return (number, needed, events) => {
    const early = waiting;
    waiting = null;
    if (early === null || early.error !== null) return start(number, needed, events);
    if (!areSame(permissions, needed)) {
      early.thread.terminate();
      return start(number, needed, events);
    }
    early.events = events;
    return early.thread;
  };
}

/** `null`: it cannot be started, which the first call of the function will report. */
function tryToStart(permissions: Permissions, start: StartThread): Waiting | null {
  try {
    const waiting: Waiting = {
      thread: start(1, permissions, {
        onReport: (report) => waiting.events?.onReport(report),
        onError: (message) => {
          waiting.error = message;
          waiting.events?.onError(message);
        },
      }),
      events: null,
      error: null,
    };
    return waiting;
  } catch {
    return null;
  }
}

/** Whether the runtime grants the same. The lines of web.conf that grant it may differ. */
function areSame(some: Permissions, others: Permissions): boolean {
  return JSON.stringify(runtimePermissions(some)) === JSON.stringify(runtimePermissions(others));
}

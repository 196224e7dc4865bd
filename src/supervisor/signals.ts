/**
 * Signals of the system as calls. What a platform lacks is left out: to listen for it would throw.
 * @module
 */

/** What a signal asks for. */
export interface SignalHandlers {
  /** Ctrl-C, or `kill`. */
  readonly end: () => void;
  /** `kill -HUP`. */
  readonly reload: () => void;
}

/** Listens until the returned function is called. */
export function onSignals({ end, reload }: SignalHandlers): () => void {
  const isWindows = Deno.build.os === "windows";
  const listeners: [Deno.Signal, () => void][] = isWindows
    ? [["SIGINT", end], ["SIGBREAK", end]]
    : [["SIGINT", end], ["SIGTERM", end], ["SIGHUP", reload]];
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  return () => listeners.forEach(([signal, listener]) => Deno.removeSignalListener(signal, listener));
}

/**
 * Runs an example server: listens, prints the address, serves with the library's default limits, ends at Ctrl-C.
 * @module
 */

import {
  explainError,
  hostAndPort,
  listen,
  type ListenAddress,
  ListenError,
  type Protocol,
  serve,
  SERVE_DEFAULTS,
  type ServeSettings,
  systemClock,
  Trace,
} from "../src/mod.ts";

/** How an example serves. */
export interface ServingOptions extends Partial<ServeSettings> {
  /** Name of the server in its messages. */
  readonly name: string;
  /** Where to listen. The hostname `""` means every address. */
  readonly address: ListenAddress;
  /** Limits of time are divided by this number, so that a lesson need not wait for them. */
  readonly hurry: number;
  /** Whether to print what happens on each connection. */
  readonly isDebugging: boolean;
}

/** Serves until Ctrl-C. Open conversations then have ten seconds, or until the next Ctrl-C. Returns an exit code. */
export async function runServer(protocol: Protocol, options: ServingOptions): Promise<number> {
  const { name, address, hurry, isDebugging, ...limits } = options;
  const report = (problem: string, error: unknown) => console.error(`${name}: ${problem}: ${explainError(error)}`);
  const stop = new AbortController();
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM"];
  const end = () => stop.signal.aborted ? Deno.exit(1) : stop.abort();
  try {
    const listener = listen(address);
    for (const signal of signals) Deno.addSignalListener(signal, end);
    console.error(`${name}: listening on ${hostAndPort(listener.addr.hostname, listener.addr.port)}; Ctrl-C ends it`);
    await serve(protocol, {
      ...hurried(hurry),
      ...limits,
      listener,
      report,
      observe: isDebugging ? observer() : undefined,
      signal: stop.signal,
    });
    console.error(`${name}: ended`);
    return 0;
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    console.error(`${name}: ${error.message}`);
    return 1;
  } finally {
    if (stop.signal.aborted) { for (const signal of signals) Deno.removeSignalListener(signal, end); }
  }
}

/** Prints the events of connections, in the columns of `sweepd -d`. */
function observer(): ServeSettings["observe"] {
  const trace = new Trace({ clock: systemClock, isColoured: Deno.stderr.isTerminal() && !Deno.noColor });
  return (connection, event) => console.error(trace.line(connection, event).trimEnd());
}

/** The default limits of time, divided by `hurry`. */
function hurried(hurry: number): Pick<ServeSettings, "sweep" | "sendingRate"> {
  const { sweep, sendingRate } = SERVE_DEFAULTS;
  return {
    sweep: { idleMs: sweep.idleMs / hurry, messageMs: sweep.messageMs / hurry },
    sendingRate: {
      bytesPerMs: sendingRate.bytesPerMs * hurry,
      graceMs: sendingRate.graceMs / hurry,
      aheadMaxMs: sendingRate.aheadMaxMs / hurry,
    },
  };
}

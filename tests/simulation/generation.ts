/**
 * A server with its listener, the configurations that it has had, and its end. A reload gives it another configuration, or
 * starts the next generation beside it. Knows when each was in effect; not which answers are right.
 */

import { slowHelper } from "./codings.ts";
import { Random } from "./random.ts";
import { parseConfig } from "../../src/config/parse.ts";
import type { ConnectionEvent } from "../../src/net/events.ts";
import { SiteServer } from "../../src/server.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import type { MemoryDisk } from "./disk.ts";
import { ACCEPT_DELAY_MAX_MS, type Network } from "./network.ts";
import type { Conf } from "./setting.ts";
import type { Stalls } from "./stalls.ts";
import { type Note, Violation } from "./trace.ts";

/** What a server is started with. */
export interface GenerationOptions {
  readonly clock: VirtualClock;
  readonly stalls: Stalls;
  readonly disk: MemoryDisk;
  readonly network: Network;
  readonly isObserved: boolean;
  readonly note: Note;
  readonly access: (line: string) => void;
  readonly report: (problem: string, error: unknown) => void;
  readonly fail: (violation: Violation) => void;
}

/** The server accepts again a tenth of a second after EMFILE. This is twice that time. */
export const ACCEPT_PAUSE_MS = 200;

/** Repeats a constant of the server: if it were imported, a wrong value there would go unnoticed. */
const GRACE_MS = 250;

/** For so long after EMFILE the server takes descriptors for scarce: for half a second, and the time that its sweep takes. */
const SHORTAGE_MS = 700;

export class Generation {
  readonly network: Network;
  readonly #options: GenerationOptions;
  readonly #server: SiteServer;
  readonly #stop = new AbortController();
  /** The configurations, and since when each is in effect. */
  readonly #confs: { readonly conf: Conf; readonly sinceMs: number }[];
  /** When it was told to end, and when it must have ended; `Infinity` if it was not told yet. */
  toldMs = Infinity;
  endsMs = Infinity;
  /** How long a connection that waits has for one more message then. */
  graceMs = GRACE_MS;
  hasEnded = false;
  /** Number of open connections according to its events. */
  unclosed = 0;

  constructor(conf: Conf, options: GenerationOptions) {
    const { clock, stalls, disk, network, isObserved, note, access, report } = options;
    this.network = network;
    network.onClose = (waitedMs) => this.#checkBacklog(waitedMs);
    this.#options = options;
    this.#confs = [{ conf, sinceMs: clock.now() }];
    note("server", conf.text.trim().replaceAll("\n", "; "));
    this.#server = new SiteServer(configOf(conf), {
      listener: network,
      clock: stalls.clock,
      disk,
      encodeElsewhere: slowHelper((ms) => stalls.clock.sleep(ms, this.#stop.signal), new Random(1)),
      access,
      report,
      observe: isObserved ? (_, event) => this.#count(event) : undefined,
      signal: this.#stop.signal,
    });
  }

  /** Accepts until it is told to end. */
  run(): void {
    const { note, fail } = this.#options;
    this.#server.run().then(() => {
      this.hasEnded = true;
      note("server", "has ended");
      if (this.endsMs === Infinity) fail(new Violation("the server ends when it is told to", "it ended before"));
    }, (error) => fail(new Violation("the server does not fail", String(error))));
  }

  /** The configuration in effect. */
  get conf(): Conf {
    return this.#confs.at(-1)!.conf;
  }

  /** When it came into effect. */
  get configuredMs(): number {
    return this.#confs.at(-1)!.sinceMs;
  }

  /** All configurations that it has had. */
  get confs(): readonly Conf[] {
    return this.confsSince(-Infinity);
  }

  /** The configurations that were in effect at that time or later. */
  confsSince(ms: number): readonly Conf[] {
    const before = this.#confs.findLastIndex(({ sinceMs }) => sinceMs < ms);
    return this.#confs.slice(Math.max(0, before)).map(({ conf }) => conf);
  }

  /** Whether there may be no room for a connection, or was none a moment ago: for the limit, or for want of descriptors. */
  get isCrowded(): boolean {
    const { open, refusedMs, roomMs } = this.network;
    const nowMs = this.#options.clock.now();
    const isFull = this.confs.some(({ connectionsMax }) => open.size >= connectionsMax);
    return isFull || nowMs - roomMs <= ACCEPT_DELAY_MAX_MS || nowMs - refusedMs <= SHORTAGE_MS;
  }

  configure(conf: Conf): void {
    const { clock, note } = this.#options;
    note("server", `is configured: ${conf.text.trim().replaceAll("\n", "; ")}`);
    this.#confs.push({ conf, sinceMs: clock.now() });
    this.#server.configure(configOf(conf));
  }

  /** As a worker that others take the place of. */
  retire(): void {
    this.graceMs = Infinity;
    this.#server.limitLastMessage(Infinity);
    this.#end();
  }

  end(): void {
    this.graceMs = GRACE_MS;
    if (this.toldMs < Infinity) this.toldMs = this.#options.clock.now();
    this.#server.limitLastMessage(GRACE_MS);
    this.#end();
  }

  #end(): void {
    if (this.endsMs < Infinity) return;
    const { clock, stalls, note } = this.#options;
    this.toldMs = clock.now();
    this.endsMs = this.toldMs + this.conf.drainMs;
    note("server", "is told to end");
    stalls.run(() => this.#stop.abort());
  }

  /** What has waited longer than accepting can take, though there was room, is not left in the queue at the end. */
  #checkBacklog(waitedMs: number): void {
    if (waitedMs <= ACCEPT_DELAY_MAX_MS || this.isCrowded) return;
    const problem = `one had waited for ${waitedMs} ms at the end`;
    this.#options.fail(new Violation("the server accepts waiting connections", problem));
  }

  #count(event: ConnectionEvent): void {
    if (event.kind === "accept") this.unclosed++;
    if (event.kind === "close") this.unclosed--;
  }
}

function configOf({ text }: Conf) {
  const { config, diagnostics } = parseConfig(text, "web.conf");
  if (diagnostics.length > 0) throw new Error(`The simulation's configuration is wrong: ${text}`);
  return config;
}

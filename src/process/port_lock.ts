/**
 * Keeps a port for one server. Knows addresses; not the listeners on them.
 *
 * The workers open the TCP port with `reusePort`. On Linux, another process of the same user can then open it as well,
 * and the system divides the connections between both servers. To prevent this, the supervisor opens the UDP port with
 * the same number and address, and holds it while it serves. A UDP port cannot be shared. The system decides which of
 * two servers gets it, even if they start at the same moment or if their addresses only overlap. It frees the port when
 * the process ends for any reason. The permission for the TCP port includes the UDP port.
 *
 * The UDP socket is never read. The system stores received datagrams in its receive buffer (about 200 KiB), discards
 * the others, and sends no reply. A port scanner reports such a port as "open or filtered".
 * @module
 */

import type { Clock } from "../net/clock.ts";
import { listenError } from "./address.ts";
import type { Hold, Ports } from "./ports.ts";
import type { Address } from "./scope.ts";

/** Options of `lockPort`. */
export interface LockOptions {
  readonly ports: Ports;
  readonly clock: Clock;
  /**
   * If another process holds the UDP port, how long to wait until it opens the TCP port. A server that is starting
   * opens it within this time. Another kind of program does not.
   */
  readonly waitMs: number;
  /** Ends the wait. The promise then rejects. */
  readonly signal: AbortSignal;
}

/** Time between two attempts while another process holds the port. */
const RETRY_MS = 50;

/** Number of attempts to find a number that is free for both UDP and TCP. */
const FREE_PORTS_TRIED = 16;

/** Addresses to listen on, and the UDP ports that are held for them. Without a lock there are none. */
interface Held {
  readonly addresses: readonly Address[];
  readonly holds: readonly Hold[];
}

/** A port that this process may use. */
export class PortLock {
  readonly #ports: Ports;
  readonly port: number;
  #hostname: string;
  #held: Held;

  /** See `lockPort`. */
  constructor(ports: Ports, hostname: string, held: Held) {
    this.#ports = ports;
    this.#hostname = hostname;
    this.#held = held;
    this.port = held.addresses[0]!.port;
  }

  /** The requested address. */
  get hostname(): string {
    return this.#hostname;
  }

  /** The addresses to listen on: two if `::` does not include IPv4, else one. */
  get addresses(): readonly Address[] {
    return this.#held.addresses;
  }

  /**
   * Changes the address, not the port. If that fails, keeps the old address and throws `ListenError`. The addresses may
   * overlap, so the old one is released first, for some microseconds.
   */
  move(hostname: string): void {
    const [before, after] = [this.#hostname, hostname].map((name) => ({ hostname: name, port: this.port }));
    const wasHeld = this.#held.holds.length > 0;
    this.release();
    try {
      this.#held = this.#take(after!, wasHeld);
      this.#hostname = hostname;
    } catch (error) {
      this.#held = this.#take(before!, false);
      throw listenError(after!, error);
    }
  }

  #take(wanted: Address, mustBeHeld: boolean): Held {
    if (!this.#ports.areShared) return { addresses: [wanted], holds: [] };
    const held = hold(wanted, this.#ports);
    if (held === null && mustBeHeld) throw new Deno.errors.AddrInUse();
    return held ?? unheld(wanted);
  }

  /** Releases the port. */
  release(): void {
    for (const { release } of this.#held.holds) release();
    this.#held = { ...this.#held, holds: [] };
  }
}

/**
 * Takes a port and chooses the addresses to listen on. If another kind of program holds the UDP port, there is no lock.
 * Throws `ListenError` if another server has the port, or if the address cannot be used.
 */
export async function lockPort(wanted: Address, options: LockOptions): Promise<PortLock> {
  const { ports } = options;
  try {
    const held = !ports.areShared
      ? exclusive(wanted, ports)
      : wanted.port === 0
      ? holdFreePort(wanted, ports)
      : await holdPort(wanted, options);
    return new PortLock(ports, wanted.hostname, held);
  } catch (error) {
    throw listenError(wanted, error);
  }
}

/** On systems without shared ports, a listener keeps its port for itself. */
function exclusive({ hostname, port }: Address, ports: Ports): Held {
  const first = { hostname, port };
  try {
    return { addresses: [{ hostname, port: ports.tryToListen(first) }], holds: [] };
  } catch (error) {
    if (hostname !== "::" || error instanceof Deno.errors.AddrInUse) throw error;
    const ipv4 = { hostname: "0.0.0.0", port }; // A system without IPv6.
    return { addresses: [{ ...ipv4, port: ports.tryToListen(ipv4) }], holds: [] };
  }
}

/** Takes a UDP port that the system chooses. The TCP port may be tested, because no client knows its number yet. */
function holdFreePort(wanted: Address, ports: Ports): Held {
  for (let tried = 1;; tried++) {
    const held = hold(wanted, ports);
    try {
      if (held === null) throw new Deno.errors.AddrInUse("no UDP port is free");
      for (const address of held.addresses) ports.tryToListen(address);
      return held;
    } catch (error) {
      for (const { release } of held?.holds ?? []) release();
      if (tried === FREE_PORTS_TRIED || !(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

async function holdPort(wanted: Address, { ports, clock, waitMs, signal }: LockOptions): Promise<Held> {
  const untilMs = clock.now() + waitMs;
  for (;;) {
    const held = hold(wanted, ports);
    const addresses = held?.addresses ?? unheld(wanted).addresses;
    const answers = await Promise.all(addresses.map((address) => ports.answers(address)));
    if (!answers.includes(true) && held !== null) return held;
    for (const { release } of held?.holds ?? []) release();
    if (answers.includes(true)) throw new Deno.errors.AddrInUse();
    if (clock.now() >= untilMs) {
      ports.tryToListen(wanted);
      return unheld(wanted);
    }
    await clock.sleep(RETRY_MS, signal);
    if (signal.aborted) throw new Deno.errors.Interrupted("the server is ending");
  }
}

/** Holds the addresses of `wanted`; `null` if another process holds one. Throws all other errors of the system. */
function hold(wanted: Address, ports: Ports): Held | null {
  try {
    const first = holdFirst(wanted, ports);
    const port = first.hold.port;
    const second = first.hostname === "::" ? holdApart({ hostname: "0.0.0.0", port }, ports) : null;
    const addresses = [first.hostname, ...second === null ? [] : ["0.0.0.0"]].map((hostname) => ({ hostname, port }));
    return { addresses, holds: second === null ? [first.hold] : [first.hold, second] };
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return null;
    throw error;
  }
}

function holdFirst({ hostname, port }: Address, ports: Ports): { readonly hostname: string; readonly hold: Hold } {
  try {
    return { hostname, hold: ports.hold({ hostname, port }) };
  } catch (error) {
    const isOver = error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.NotCapable;
    if (hostname !== "::" || isOver) throw error;
    return { hostname: "0.0.0.0", hold: ports.hold({ hostname: "0.0.0.0", port }) }; // A system without IPv6.
  }
}

/** Holds IPv4 in addition to `::`. `null` if `::` includes it already, that is, unless `net.ipv6.bindv6only` is set. */
function holdApart(ipv4: Address, ports: Ports): Hold | null {
  try {
    return ports.hold(ipv4);
  } catch {
    return null; // Without IPv4 for another reason, `::` alone is right, too.
  }
}

/** Without a lock it is unknown whether `::` includes IPv4. If it does, a second listener does no harm. */
function unheld({ hostname, port }: Address): Held {
  const hostnames = hostname === "::" ? ["::", "0.0.0.0"] : [hostname];
  return { addresses: hostnames.map((name) => ({ hostname: name, port })), holds: [] };
}

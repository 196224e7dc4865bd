/**
 * A port for one server alone. Knows addresses; not who listens on them.
 *
 * Workers share their port (`reusePort`), and on Linux any other process of the same user may share it with them: the system
 * would hand connections to two servers in turn. So the supervisor takes, for as long as it serves, the UDP port of the same
 * number and address, which nobody can share. The system decides who has it, however close together two servers start, for
 * overlapping addresses as well, and gives it back when the process ends in whatever way. It takes no other permission than
 * the TCP port does.
 *
 * Nobody reads that socket. What others send to it the system keeps up to the size of one receive buffer (some 200 KiB), then
 * throws away; nothing is answered. To a scan of UDP ports it looks "open or filtered".
 * @module
 */

import type { Clock } from "../net/clock.ts";
import { listenError } from "./address.ts";
import type { Hold, Ports } from "./ports.ts";
import type { Address } from "./scope.ts";

/** What a lock is taken with. */
export interface LockOptions {
  readonly ports: Ports;
  readonly clock: Clock;
  /**
   * How long the UDP port may be somebody else's before that is taken for another kind of program, which has no use for the
   * TCP port. A server that is starting listens within this time.
   */
  readonly patienceMs: number;
  /** Gives up waiting: the promise rejects. */
  readonly signal: AbortSignal;
}

/** How often a port that is somebody else's is tried again. */
const RETRY_MS = 50;

/** How many free ports are tried, of which another program may have the TCP port alone. */
const FREE_PORTS_TRIED = 16;

/** Addresses to listen on, and what holds their port; nothing where that cannot be had. */
interface Held {
  readonly addresses: readonly Address[];
  readonly holds: readonly Hold[];
}

/** A port that is ours. */
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

  /** The address that was asked for. */
  get hostname(): string {
    return this.#hostname;
  }

  /** Where to listen: one address; two where `::` does not mean IPv4 as well. */
  get addresses(): readonly Address[] {
    return this.#held.addresses;
  }

  /**
   * Takes another address on the same port. Throws `ListenError`, and has what it had. The old and the new may overlap, so
   * the old one is given up first, for some microseconds.
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

  /** Gives it up. */
  release(): void {
    for (const { release } of this.#held.holds) release();
    this.#held = { ...this.#held, holds: [] };
  }
}

/**
 * Takes a port, and settles where to listen. Where the UDP port is another kind of program's, the port is used without a lock.
 * Throws `ListenError` where another server has the port, or none can listen there.
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

/** Where ports are not shared, the listener itself keeps others away. */
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

/** The UDP port that the system chooses, if the TCP port is free as well. Nobody knows it yet, so it may be tried. */
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

async function holdPort(wanted: Address, { ports, clock, patienceMs, signal }: LockOptions): Promise<Held> {
  const untilMs = clock.now() + patienceMs;
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
    if (signal.aborted) throw new Deno.errors.Interrupted("the server is told to end");
  }
}

/** Holds what `wanted` stands for; `null`: another program does. Throws what else the system says. */
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

/**
 * IPv4 beside `::`, where the system keeps the two apart (`net.ipv6.bindv6only`); `null`: `::` has it already, which is why it
 * cannot be had.
 */
function holdApart(ipv4: Address, ports: Ports): Hold | null {
  try {
    return ports.hold(ipv4);
  } catch {
    return null; // Nor is anything lost where IPv4 cannot be had for another reason.
  }
}

/** Without a lock it is not known whether `::` means IPv4 as well; to listen on both does no harm where it does. */
function unheld({ hostname, port }: Address): Held {
  const hostnames = hostname === "::" ? ["::", "0.0.0.0"] : [hostname];
  return { addresses: hostnames.map((name) => ({ hostname: name, port })), holds: [] };
}

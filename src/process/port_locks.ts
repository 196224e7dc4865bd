/**
 * The ports of a configuration: takes all of them, and on a reload keeps those that stay. Knows listeners; not workers.
 * @module
 */

import type { Config } from "../config/config.ts";
import { listenersOf } from "../config/listeners.ts";
import { isPortTaken } from "./address.ts";
import { type LockOptions, lockPort, type PortLock } from "./port_lock.ts";
import type { Address } from "./scope.ts";

/** For port 0: so many numbers in a row are taken by other programs only if something else is wrong. */
const NUMBERS_TRIED = 16;

/** Uses ports. If it throws, the ports that were taken for it are released. */
type UsePorts = (locks: readonly PortLock[]) => Promise<void>;

/** A lock, and the port that its listener asks for: 0 for any. */
interface Held {
  readonly port: number;
  readonly lock: PortLock;
}

/** The ports of one server. */
export class PortLocks {
  readonly #options: LockOptions;
  /** One for each listener of the configuration, in order. */
  #held: readonly Held[] = [];

  constructor(options: LockOptions) {
    this.#options = options;
  }

  /** Takes the ports of `config`, or those that are `above` them. */
  async begin(config: Config, above: number, use: UsePorts): Promise<void> {
    await this.#take(config, { kept: [], above }, use);
  }

  /**
   * Takes new ports first, and releases the old ones when `use` has resolved. A listener that keeps its port keeps the
   * lock, with another address if it has one.
   */
  async change(config: Config, use: UsePorts): Promise<void> {
    const old = [...this.#held];
    const listeners = listenersOf(config);
    const kept = listeners.map((listener) => keepLock(old, listener));
    const moved: { readonly lock: PortLock; readonly before: string }[] = [];
    try {
      for (const [index, { hostname }] of listeners.entries()) {
        const lock = kept[index];
        if (lock === undefined || lock.hostname === hostname) continue;
        const before = lock.hostname;
        lock.move(hostname);
        moved.push({ lock, before });
      }
      await this.#take(config, { kept, above: 0 }, use);
    } catch (error) {
      for (const { lock, before } of moved.reverse()) lock.move(before);
      throw error;
    }
    for (const { lock } of old) lock.release();
  }

  /** Releases all ports. */
  release(): void {
    for (const { lock } of this.#held) lock.release();
  }

  /**
   * Port 0: if another program has taken the number before the first worker listens, takes another number, because the
   * user asked for any.
   */
  async #take(
    config: Config,
    { kept, above }: { readonly kept: readonly (PortLock | undefined)[]; readonly above: number },
    use: UsePorts,
  ): Promise<void> {
    const listeners = listenersOf(config);
    const hasAny = listeners.some(({ port }, index) => port === 0 && kept[index] === undefined);
    for (let tried = 1;; tried++) {
      const held: Held[] = [];
      const before = this.#held;
      try {
        for (const [index, { hostname, port }] of listeners.entries()) {
          const wanted = { hostname, port: port === 0 ? 0 : port + above };
          held.push({ port, lock: kept[index] ?? await lockPort(wanted, this.#options) });
        }
        this.#held = held; // So that the end of the server releases them.
        return await use(held.map(({ lock }) => lock));
      } catch (error) {
        this.#held = before;
        for (const { lock } of held) if (!kept.includes(lock)) lock.release();
        if (!hasAny || tried === NUMBERS_TRIED || !isPortTaken(error) || this.#options.signal.aborted) throw error;
      }
    }
  }
}

/** Removes from `old` and returns the lock of a listener with this port: the same address first. */
function keepLock(old: Held[], { hostname, port }: Address): PortLock | undefined {
  const hasPort = (held: Held) => held.port === port || held.lock.port === port;
  const same = old.findIndex((held) => hasPort(held) && held.lock.hostname === hostname);
  const index = same >= 0 ? same : old.findIndex(hasPort);
  return index < 0 ? undefined : old.splice(index, 1)[0]!.lock;
}

/**
 * Times in which the server's process stands still: the machine gives it no time, or a call takes long. What arrives meanwhile
 * it is told of afterwards. Its timers, which are due by then, come first: so does the runtime call them.
 */

import type { Clock } from "../../src/net/clock.ts";
import type { VirtualClock } from "../virtual_clock.ts";
import type { Random } from "./random.ts";

/** From when to when, in milliseconds of the timeline. */
interface Stall {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The sweep goes round so often. */
const SWEEP_MS = 500;

/** The longest stall. */
export const STALL_MAX_MS = 100;

/** When the process stands still. */
export class Stalls {
  readonly #timeline: VirtualClock;
  readonly #stalls: readonly Stall[];

  constructor(timeline: VirtualClock, stalls: readonly Stall[]) {
    this.#timeline = timeline;
    this.#stalls = stalls;
  }

  /** Stalls around the sweeps of the first seconds and around the end, when they do the most harm; or none. */
  static around(timeline: VirtualClock, random: Random, endMs: number | null): Stalls {
    if (random.chance(0.6)) return new Stalls(timeline, []);
    const sweepsMs = Array.from({ length: 20 }, (_, at) => (at + 1) * SWEEP_MS).filter(() => random.chance(0.5));
    const stalls = [...sweepsMs, endMs ?? 0].map((atMs): Stall => {
      const fromMs = timeline.now() + atMs - random.integer(0, STALL_MAX_MS - 1);
      return { fromMs, toMs: fromMs + random.integer(1, STALL_MAX_MS) };
    });
    return new Stalls(timeline, stalls);
  }

  /** How long the process stands still from now on; 0 when it runs. */
  get leftMs(): number {
    const nowMs = this.#timeline.now();
    const stall = this.#stalls.find(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs);
    return stall === undefined ? 0 : stall.toMs - nowMs;
  }

  /** Calls when the process runs: at once, or when it does again. */
  run(call: () => void): void {
    const { leftMs } = this;
    if (leftMs === 0) call();
    else this.#timeline.after(leftMs, call);
  }

  /** The clock of the process: its timers do not call while it stands still. */
  get clock(): Clock {
    const timeline = this.#timeline;
    return {
      now: () => timeline.now(),
      wall: () => timeline.wall(),
      every: (periodMs, call) => {
        let isStopped = false;
        const stop = timeline.every(periodMs, () => this.run(() => isStopped || call()));
        return () => {
          isStopped = true;
          stop();
        };
      },
      sleep: async (delayMs, signal) => {
        await timeline.sleep(delayMs, signal);
        if (!signal?.aborted) await new Promise<void>((resolve) => this.run(resolve));
      },
    };
  }
}

/**
 * How many frames of each kind a peer may send: some at once, and then some each second (token buckets). Pure.
 * @module
 */

import { ConnectionError, ErrorCode } from "./errors.ts";
import {
  type BudgetLimits,
  EMPTY_FRAMES,
  PINGS,
  PRIORITIES,
  RESETS,
  SETTINGS,
  SMALL_WINDOWS,
  WINDOWS,
} from "./limits.ts";

/** The kinds of frames that have a budget. */
export type Charged = "empty" | "pings" | "priorities" | "resets" | "settings" | "small windows" | "windows";

/** The account of one kind of frames. */
export class Budget {
  readonly #limits: BudgetLimits;
  #left: number;
  #sinceMs = -Infinity;

  constructor(limits: BudgetLimits) {
    this.#limits = limits;
    this.#left = limits.atOnce;
  }

  /** Charges one frame at `nowMs`; `false`: it is one too many. */
  spend(nowMs: number): boolean {
    const { atOnce, perSecond } = this.#limits;
    if (nowMs > this.#sinceMs) {
      this.#left = Math.min(atOnce, this.#left + (nowMs - this.#sinceMs) / 1000 * perSecond);
      this.#sinceMs = nowMs;
    }
    return --this.#left >= 0;
  }
}

/** The accounts of one connection. */
export class Budgets {
  /** The time of the frame that is being handled, in milliseconds of the connection's clock. */
  nowMs = 0;
  readonly #accounts: Readonly<Record<Charged, Budget>> = {
    "empty": new Budget(EMPTY_FRAMES),
    "pings": new Budget(PINGS),
    "priorities": new Budget(PRIORITIES),
    "resets": new Budget(RESETS),
    "settings": new Budget(SETTINGS),
    "small windows": new Budget(SMALL_WINDOWS),
    "windows": new Budget(WINDOWS),
  };

  /** Charges one frame; an error if it is one too many. */
  charge(kind: Charged): ConnectionError | null {
    if (this.#accounts[kind].spend(this.nowMs)) return null;
    return new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, `too many frames (${kind})`);
  }
}

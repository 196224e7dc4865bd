/**
 * The password checks of a worker: limits how many run, and how much of the thread they take. Every client can cause
 * one, and each takes a tenth of a second by design. Knows hashes; not users.
 * @module
 */

import type { Hmac } from "node:crypto";
import { type Clock, systemClock } from "../net/clock.ts";
import type { PasswordHash } from "./password_file.ts";

/** The functions that a check needs. */
export interface PasswordTools {
  readonly isPassword: (password: string, hash: PasswordHash) => Promise<boolean>;
  /** Starts a keyed digest. No other process has the key, so the digest reveals nothing about its input. */
  readonly hmac: () => Hmac;
}

/** Maximum of running checks in a worker. Each takes as much memory as its hash requires, at most 64 MiB. */
const CHECKS_MAX = 4;

/** Loaded by the first check, so that a server without passwords starts faster. */
async function loadTools(): Promise<PasswordTools> {
  const [{ isPassword }, { createHmac, randomBytes }] = await Promise.all([
    import("./password_check.ts"),
    import("node:crypto"),
  ]);
  const key = randomBytes(32);
  return { isPassword, hmac: () => createHmac("sha256", key) };
}

/** The checks of one worker. */
export class PasswordChecks {
  readonly clock: Clock;
  readonly #load: () => Promise<PasswordTools>;
  #tools: PasswordTools | null = null;
  #loading: Promise<PasswordTools> | null = null;
  #running = 0;
  /** Resolves when the last check on this thread has ended, to the time before which the next one must wait. */
  #onThread: Promise<number> = Promise.resolve(-Infinity);

  /** `load` returns the functions for a check. Tests pass others. */
  constructor(clock: Clock = systemClock, load: () => Promise<PasswordTools> = loadTools) {
    this.clock = clock;
    this.#load = load;
  }

  /** The functions for checks; `null`: they are not loaded. */
  get tools(): PasswordTools | null {
    return this.#tools;
  }

  /** Loads the functions for checks, once. */
  async load(): Promise<PasswordTools> {
    this.#loading ??= this.#load();
    return this.#tools ??= await this.#loading;
  }

  /** Whether no further check may begin. */
  get isFull(): boolean {
    return this.#running >= CHECKS_MAX;
  }

  /** Whether `hash` is a hash of `password`. */
  async check(password: string, hash: PasswordHash): Promise<boolean> {
    this.#running++;
    try {
      const { isPassword } = await this.load();
      if (hash.kind !== "bcrypt") return await isPassword(password, hash);
      return await this.#inTurn(() => isPassword(password, hash));
    } finally {
      this.#running--;
    }
  }

  /**
   * Runs checks on the thread one after the other. After each, the next one waits for as long as it took, so that
   * checks take at most half of the thread, however many there are.
   */
  async #inTurn(check: () => Promise<boolean>): Promise<boolean> {
    const before = this.#onThread;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#onThread = promise;
    const startMs = await this.#wait(await before);
    try {
      return await check();
    } finally {
      const endMs = this.clock.now();
      resolve(endMs + (endMs - startMs));
    }
  }

  /** Resolves at `untilMs` or later, to the current time. */
  async #wait(untilMs: number): Promise<number> {
    const delayMs = untilMs - this.clock.now();
    if (delayMs > 0) await this.clock.sleep(delayMs);
    return this.clock.now();
  }
}

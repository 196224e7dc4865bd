/**
 * Checks of passwords by all hosts of a worker: how many are under way, and how much of the thread they take. Anybody can ask for
 * one, and each takes a tenth of a second by design. Knows hashes; not users.
 * @module
 */

import type { Hmac } from "node:crypto";
import { type Clock, systemClock } from "../net/clock.ts";
import type { PasswordHash } from "./password_file.ts";

/** What a check needs. */
export interface PasswordTools {
  readonly isPassword: (password: string, hash: PasswordHash) => Promise<boolean>;
  /** Begins a digest that tells nothing of what was put into it without a key that no other process has. */
  readonly hmac: () => Hmac;
}

/** Checks under way in a worker. Each takes as much memory as its hash says, at most 64 MiB. */
const CHECKS_MAX = 4;

/** Loaded by the first check, so that a server without passwords starts as fast as ever. */
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
  #underWay = 0;
  /** When the last check of those on this thread has ended: until when the next one waits. */
  #onThread: Promise<number> = Promise.resolve(-Infinity);

  /** `load`: gives what a check needs; the real ones, unless a test says otherwise. */
  constructor(clock: Clock = systemClock, load: () => Promise<PasswordTools> = loadTools) {
    this.clock = clock;
    this.#load = load;
  }

  /** What checks need; `null` until it is loaded. */
  get tools(): PasswordTools | null {
    return this.#tools;
  }

  /** Loads that, once. */
  async load(): Promise<PasswordTools> {
    this.#loading ??= this.#load();
    return this.#tools ??= await this.#loading;
  }

  /** Whether no further check may begin. */
  get isFull(): boolean {
    return this.#underWay >= CHECKS_MAX;
  }

  /** Whether `password` is the one that `hash` was made from. */
  async check(password: string, hash: PasswordHash): Promise<boolean> {
    this.#underWay++;
    try {
      const { isPassword } = await this.load();
      if (hash.kind !== "bcrypt") return await isPassword(password, hash);
      return await this.#inTurn(() => isPassword(password, hash));
    } finally {
      this.#underWay--;
    }
  }

  /**
   * What runs on the thread that answers requests runs alone, and then leaves it to them for as long as it took: checks have half
   * of the thread at most, however many are asked for.
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

  /** Resolves at `untilMs` or later, with what time it is. */
  async #wait(untilMs: number): Promise<number> {
    const delayMs = untilMs - this.clock.now();
    if (delayMs > 0) await this.clock.sleep(delayMs);
    return this.clock.now();
  }
}

/**
 * Random numbers from a seed. A simulation uses no other randomness, so a seed determines everything that happens.
 * xoshiro128** (Blackman and Vigna), its state filled by splitmix32.
 */

/** A sequence of random numbers that the seed determines. */
export class Random {
  readonly #state: Uint32Array;

  constructor(seed: number) {
    this.#state = new Uint32Array(4);
    let mixed = (seed ^ Math.floor(seed / 2 ** 32)) >>> 0;
    for (let at = 0; at < 4; at++) {
      mixed = (mixed + 0x9e3779b9) >>> 0;
      let word = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
      word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
      this.#state[at] = word ^ (word >>> 16);
    }
  }

  /** A separate sequence for one part of the world, so that its use does not change the numbers of other parts. */
  fork(): Random {
    return new Random(this.bits());
  }

  /** A random number of 32 bits. */
  bits(): number {
    const state = this.#state;
    const result = Math.imul(rotate(Math.imul(state[1]!, 5), 7), 9) >>> 0;
    const shifted = state[1]! << 9;
    state[2]! ^= state[0]!;
    state[3]! ^= state[1]!;
    state[1]! ^= state[2]!;
    state[0]! ^= state[3]!;
    state[2]! ^= shifted;
    state[3] = rotate(state[3]!, 11);
    return result;
  }

  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.bits() / 2 ** 32 * (max - min + 1));
  }

  /** `true` with the given probability. */
  chance(probability: number): boolean {
    return this.bits() / 2 ** 32 < probability;
  }

  pick<T>(values: readonly T[]): T {
    if (values.length === 0) throw new RangeError("Nothing to pick from");
    return values[this.integer(0, values.length - 1)]!;
  }

  /** Picks with weights: `[3, "a"], [1, "b"]` gives `a` three times as often. */
  weigh<T>(choices: readonly (readonly [weight: number, value: T])[]): T {
    let at = this.bits() / 2 ** 32 * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of choices) {
      at -= weight;
      if (at < 0) return value;
    }
    return choices.at(-1)![1];
  }

  /** The same values in random order. */
  shuffle<T>(values: readonly T[]): T[] {
    const shuffled = [...values];
    for (let at = shuffled.length - 1; at > 0; at--) {
      const other = this.integer(0, at);
      [shuffled[at], shuffled[other]] = [shuffled[other]!, shuffled[at]!];
    }
    return shuffled;
  }
}

function rotate(word: number, count: number): number {
  return ((word << count) | (word >>> (32 - count))) >>> 0;
}

/** Lets the server draw the boundaries of parts from `random`: in HTTP/2 their length on the wire depends on them. */
export function drawIdentifiers(random: Random): () => void {
  const word = () => random.bits().toString(16).padStart(8, "0");
  const value = () => `${word()}-${word().slice(4)}-${word().slice(4)}-${word().slice(4)}-${word()}${word().slice(4)}`;
  Object.defineProperty(crypto, "randomUUID", { value, configurable: true });
  return () => void Reflect.deleteProperty(crypto, "randomUUID");
}

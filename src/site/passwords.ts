/**
 * Checks credentials against the users of one password file. Correct credentials are cached for a minute.
 * Knows users and credentials; not requests.
 * @module
 */

import type { OctetRange } from "../http/fields.ts";
import { type Credentials, readCredentials } from "./credentials.ts";
import type { PasswordChecks, PasswordTools } from "./password_checks.ts";
import type { User } from "./password_file.ts";

/** The result for credentials. `busy`: too many checks are running. */
export type Verdict =
  | { readonly kind: "user"; readonly name: string }
  | { readonly kind: "rejected" }
  | { readonly kind: "busy" };

/** How long correct credentials are cached. */
const CACHED_MS = 60_000;

/** Maximum of cached credentials. Each entry takes some 200 bytes. */
const CACHED_MAX = 10_000;

const REJECTED: Verdict = { kind: "rejected" };
const BUSY: Verdict = { kind: "busy" };

interface CachedVerdict {
  readonly verdict: Verdict;
  readonly untilMs: number;
}

/** The users of one file. */
export class Passwords {
  readonly #checks: PasswordChecks;
  readonly #users: readonly User[];
  readonly #byName: ReadonlyMap<string, User>;
  /** By a digest of the credentials, the oldest first. */
  readonly #cached = new Map<string, CachedVerdict>();
  /** Running checks by the same digest, because a page requests all its pictures at the same time. */
  readonly #running = new Map<string, Promise<Verdict>>();

  /** All password files of a worker share `checks`. */
  constructor(users: readonly User[], checks: PasswordChecks) {
    this.#checks = checks;
    this.#users = users;
    this.#byName = new Map(users.map((user) => [user.name, user]));
  }

  /** The user with the credentials in Authorization. No promise if the result is cached or the value is invalid. */
  judge(field: OctetRange): Verdict | Promise<Verdict> {
    const { tools } = this.#checks;
    if (tools !== null) {
      const digest = digestOf(field, tools);
      const known = this.#recall(digest) ?? this.#running.get(digest);
      if (known !== undefined) return known;
    }
    const credentials = readCredentials(field);
    if (credentials === null || this.#users.length === 0) return REJECTED;
    if (this.#checks.isFull) return BUSY;
    if (tools !== null) return this.#begin(credentials, digestOf(field, tools), tools);
    return this.#checks.load().then((tools) => this.#join(credentials, digestOf(field, tools), tools));
  }

  /** Joins a running check, because others may have started one while the functions were loaded. */
  #join(credentials: Credentials, digest: string, tools: PasswordTools): Verdict | Promise<Verdict> {
    const known = this.#recall(digest) ?? this.#running.get(digest);
    if (known !== undefined) return known;
    return this.#checks.isFull ? BUSY : this.#begin(credentials, digest, tools);
  }

  #begin(credentials: Credentials, digest: string, tools: PasswordTools): Promise<Verdict> {
    const checking = this.#check(credentials, digest, tools).finally(() => this.#running.delete(digest));
    this.#running.set(digest, checking);
    return checking;
  }

  /** Checks an unknown name against the password of another user, so that the time does not reveal the names. */
  async #check({ user: name, password }: Credentials, digest: string, tools: PasswordTools): Promise<Verdict> {
    const user = this.#byName.get(name);
    const isRight = await this.#checks.check(password, (user ?? this.#substituteFor(name, tools)).hash);
    if (user === undefined || !isRight) return REJECTED;
    return this.#remember(digest, { kind: "user", name: user.name });
  }

  /** Chooses the same user each time for a name, because the hashes of a file may take different times. */
  #substituteFor(name: string, { hmac }: PasswordTools): User {
    const number = hmac().update(name).digest().readUInt32BE();
    return this.#users[number % this.#users.length]!;
  }

  #remember(digest: string, verdict: Verdict): Verdict {
    const nowMs = this.#checks.clock.now();
    for (const [key, { untilMs }] of this.#cached) {
      if (untilMs > nowMs && this.#cached.size < CACHED_MAX) break;
      this.#cached.delete(key);
    }
    this.#cached.set(digest, { verdict, untilMs: nowMs + CACHED_MS });
    return verdict;
  }

  #recall(digest: string): Verdict | undefined {
    const cached = this.#cached.get(digest);
    if (cached === undefined || cached.untilMs > this.#checks.clock.now()) return cached?.verdict;
    this.#cached.delete(digest);
    return undefined;
  }
}

function digestOf({ bytes, first, end }: OctetRange, { hmac }: PasswordTools): string {
  return hmac().update(bytes.subarray(first, end)).digest("base64");
}

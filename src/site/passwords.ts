/**
 * Who may come in by which password: the users of one file. A right password is remembered for a minute.
 * Knows users and what a client says of itself; not requests.
 * @module
 */

import type { OctetRange } from "../http/fields.ts";
import { type Credentials, readCredentials } from "./credentials.ts";
import type { PasswordChecks, PasswordTools } from "./password_checks.ts";
import type { User } from "./password_file.ts";

/** What credentials are worth. `busy`: too many are being checked. */
export type Verdict =
  | { readonly kind: "user"; readonly name: string }
  | { readonly kind: "nobody" }
  | { readonly kind: "busy" };

/** How long a right password is taken for right without another check. */
const REMEMBERED_MS = 60_000;

/** So many are remembered; each takes some 200 bytes. */
const REMEMBERED_MAX = 10_000;

const NOBODY: Verdict = { kind: "nobody" };
const BUSY: Verdict = { kind: "busy" };

interface Remembered {
  readonly verdict: Verdict;
  readonly untilMs: number;
}

/** The users of one file. */
export class Passwords {
  readonly #checks: PasswordChecks;
  readonly #users: readonly User[];
  readonly #byName: ReadonlyMap<string, User>;
  /** By a digest of the credentials, the oldest first. */
  readonly #remembered = new Map<string, Remembered>();
  /** Checks under way by the same: a page asks for its pictures all at once. */
  readonly #underWay = new Map<string, Promise<Verdict>>();

  /** `checks` are shared by all files of a worker. */
  constructor(users: readonly User[], checks: PasswordChecks) {
    this.#checks = checks;
    this.#users = users;
    this.#byName = new Map(users.map((user) => [user.name, user]));
  }

  /** Whom the value of Authorization is from. At once where that is remembered, or where it can be nobody's. */
  judge(field: OctetRange): Verdict | Promise<Verdict> {
    const { tools } = this.#checks;
    if (tools !== null) {
      const digest = digestOf(field, tools);
      const known = this.#recall(digest) ?? this.#underWay.get(digest);
      if (known !== undefined) return known;
    }
    const credentials = readCredentials(field);
    if (credentials === null || this.#users.length === 0) return NOBODY;
    if (this.#checks.isFull) return BUSY;
    if (tools !== null) return this.#begin(credentials, digestOf(field, tools), tools);
    return this.#checks.load().then((tools) => this.#join(credentials, digestOf(field, tools), tools));
  }

  /** Others may have asked the same while the tools were loaded. */
  #join(credentials: Credentials, digest: string, tools: PasswordTools): Verdict | Promise<Verdict> {
    const known = this.#recall(digest) ?? this.#underWay.get(digest);
    if (known !== undefined) return known;
    return this.#checks.isFull ? BUSY : this.#begin(credentials, digest, tools);
  }

  #begin(credentials: Credentials, digest: string, tools: PasswordTools): Promise<Verdict> {
    const checking = this.#check(credentials, digest, tools).finally(() => this.#underWay.delete(digest));
    this.#underWay.set(digest, checking);
    return checking;
  }

  /** A name that nobody has is checked against somebody's password all the same, so that time does not tell who is known. */
  async #check({ user: name, password }: Credentials, digest: string, tools: PasswordTools): Promise<Verdict> {
    const user = this.#byName.get(name);
    const isRight = await this.#checks.check(password, (user ?? this.#standInFor(name, tools)).hash);
    if (user === undefined || !isRight) return NOBODY;
    return this.#remember(digest, { kind: "user", name: user.name });
  }

  /** Always the same for one name, because the hashes of a file may cost differently, and each name has one. */
  #standInFor(name: string, { hmac }: PasswordTools): User {
    const number = hmac().update(name).digest().readUInt32BE();
    return this.#users[number % this.#users.length]!;
  }

  #remember(digest: string, verdict: Verdict): Verdict {
    const nowMs = this.#checks.clock.now();
    for (const [key, { untilMs }] of this.#remembered) {
      if (untilMs > nowMs && this.#remembered.size < REMEMBERED_MAX) break;
      this.#remembered.delete(key);
    }
    this.#remembered.set(digest, { verdict, untilMs: nowMs + REMEMBERED_MS });
    return verdict;
  }

  #recall(digest: string): Verdict | undefined {
    const remembered = this.#remembered.get(digest);
    if (remembered === undefined || remembered.untilMs > this.#checks.clock.now()) return remembered?.verdict;
    this.#remembered.delete(digest);
    return undefined;
  }
}

function digestOf({ bytes, first, end }: OctetRange, { hmac }: PasswordTools): string {
  return hmac().update(bytes.subarray(first, end)).digest("base64");
}

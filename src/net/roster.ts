/**
 * The connections that are open, to go through and to count.
 * @module
 */

/** What can be on a roster; on one at a time. */
export interface Listed {
  /** Where it stands, for the roster alone. */
  place: number;
}

/**
 * A set that leaves nothing behind. The tables of a `Set` that has outgrown them go on pointing to what was in them, and once
 * the collector has moved one to its old space, it takes all of that for alive: with a connection for each request, that is
 * every one of them.
 */
export class Roster<Member extends Listed> {
  readonly #members: Member[] = [];

  /** How many there are. */
  get size(): number {
    return this.#members.length;
  }

  /** Puts it at the end. */
  add(member: Member): void {
    member.place = this.#members.length;
    this.#members.push(member);
  }

  /** Takes it off; the last one takes its place. Throws `RangeError` when it is not on it. */
  delete(member: Member): void {
    if (this.#members[member.place] !== member) throw new RangeError("It is not on the roster");
    const last = this.#members.pop()!;
    if (last === member) return;
    this.#members[member.place] = last;
    last.place = member.place;
  }

  /** In no particular order. Not to be changed meanwhile. */
  [Symbol.iterator](): Iterator<Member> {
    return this.#members[Symbol.iterator]();
  }
}

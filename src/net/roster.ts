/**
 * The list of open connections.
 * @module
 */

/** A member of a roster. It can be in one roster at a time. */
export interface Listed {
  /** The index in the roster, for the roster only. */
  rosterIndex: number;
}

/**
 * A set that leaves no references behind. A `Set` that grows replaces its tables, and the old ones still point to their
 * members. Once the garbage collector has moved such a table to its old space, it keeps the members alive. With one
 * connection per request, that would be all of them.
 */
export class Roster<Member extends Listed> {
  readonly #members: Member[] = [];

  /** The number of members. */
  get size(): number {
    return this.#members.length;
  }

  /** Appends a member. */
  add(member: Member): void {
    member.rosterIndex = this.#members.length;
    this.#members.push(member);
  }

  /** Removes a member and moves the last one to its index. Throws `RangeError` if it is not in the roster. */
  delete(member: Member): void {
    if (this.#members[member.rosterIndex] !== member) throw new RangeError("Not in the roster");
    const last = this.#members.pop()!;
    if (last === member) return;
    this.#members[member.rosterIndex] = last;
    last.rosterIndex = member.rosterIndex;
  }

  /** In no particular order. The roster must not change during the iteration. */
  [Symbol.iterator](): Iterator<Member> {
    return this.#members[Symbol.iterator]();
  }
}

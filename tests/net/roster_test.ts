/** The list of open connections: adding, removing, iterating. */

import { assertEquals, assertThrows } from "@std/assert";
import { type Listed, Roster } from "../../src/net/roster.ts";

interface Named extends Listed {
  readonly name: string;
}

function names(roster: Roster<Named>): string[] {
  return Array.from(roster, ({ name }) => name).toSorted();
}

Deno.test("a roster contains the members that were added and not removed, in any order of removal", () => {
  const members = Array.from("abcde", (name): Named => ({ name, rosterIndex: 0 }));
  const [a, b, c, d, e] = members as [Named, Named, Named, Named, Named];
  for (const order of [[a, b, c, d, e], [e, d, c, b, a], [c, a, e, b, d]]) {
    const roster = new Roster<Named>();
    for (const member of members) roster.add(member);
    const left = new Set("abcde");
    for (const member of order) {
      roster.delete(member);
      left.delete(member.name);
      assertEquals([names(roster), roster.size], [[...left].toSorted(), left.size]);
    }
  }
});

Deno.test("a roster accepts a member again after it was removed", () => {
  const roster = new Roster<Named>();
  const [a, b] = [{ name: "a", rosterIndex: 0 }, { name: "b", rosterIndex: 0 }];
  roster.add(a);
  roster.add(b);
  roster.delete(a);
  roster.add(a);
  roster.delete(b);
  assertEquals(names(roster), ["a"]);
});

Deno.test("a roster throws if a removed member is not in it", () => {
  const roster = new Roster<Named>();
  const [a, b] = [{ name: "a", rosterIndex: 0 }, { name: "b", rosterIndex: 0 }];
  assertThrows(() => roster.delete(a), RangeError);
  roster.add(a);
  assertThrows(() => roster.delete(b), RangeError);
  assertEquals(names(roster), ["a"]);
});

/**
 * A client that makes its table smaller is told of it in the next field block (RFC 9113, section 4.3.1).
 */

import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { talk } from "./talking.ts";
import { get, settings, TYPES } from "./wire.ts";

/** An update of the table's size to 0 (RFC 7541, section 6.3). */
const UPDATE = 0x20;

const TABLE_SIZE = 1;

/** Whether each block of the answers begins with an update. */
async function updates(...steps: readonly Uint8Array[]): Promise<boolean[]> {
  const { frames, goAway, answers } = await talk([concat(steps)]);
  assertEquals([goAway, [...answers.values()].every(({ status }) => status === 200)], [null, true]);
  return frames.filter(({ type }) => type === TYPES.HEADERS).map(({ payload }) => payload[0] === UPDATE);
}

Deno.test("the first block after a smaller SETTINGS_HEADER_TABLE_SIZE begins with an update, and no other", async () => {
  assertEquals(await updates(get(1), settings([TABLE_SIZE, 0]), get(3), get(5)), [false, true, false]);
  assertEquals(await updates(settings([TABLE_SIZE, 4095]), get(1), get(3)), [true, false]);
  assertEquals(await updates(settings([TABLE_SIZE, 100]), settings([TABLE_SIZE, 50_000]), get(1)), [true]);
});

Deno.test("an update is not repeated, because a table of 0 bytes is never too large", async () => {
  const again = [
    get(1),
    settings([TABLE_SIZE, 0]),
    get(3),
    settings([TABLE_SIZE, 4096]),
    settings([TABLE_SIZE, 0]),
    get(5),
  ];
  assertEquals(await updates(...again), [false, true, false]);
});

Deno.test("a table that is not smaller needs no update", async () => {
  assertEquals(await updates(settings([TABLE_SIZE, 4096]), get(1), settings([TABLE_SIZE, 65_536]), get(3)), [
    false,
    false,
  ]);
});

/** Order and form of a listing, and its texts. */

import { assertEquals } from "@std/assert";
import { weightFor } from "../../src/http/semantics/accept.ts";
import { formOf, nameKey, orderAfterClick, orderOf, queryOf, SORT_KEYS } from "../../src/site/listing_order.ts";
import { exactSize, humanSize, isoTime, nameHtml, nameText } from "../../src/site/visible_text.ts";
import { Slices, sortInSlices } from "../../src/files/slices.ts";
import { systemClock } from "../../src/net/clock.ts";
import fc from "../fast_check.ts";

Deno.test("orderOf() and queryOf() are inverse for every order", () => {
  for (const key of SORT_KEYS) {
    for (const isDescending of [false, true]) {
      assertEquals(orderOf(queryOf({ key, isDescending })), { key, isDescending });
    }
  }
});

Deno.test("orderAfterClick() turns the order of the same column, and begins with the largest and the newest", () => {
  assertEquals(orderAfterClick({ key: "name", isDescending: false }, "name"), { key: "name", isDescending: true });
  assertEquals(orderAfterClick({ key: "name", isDescending: true }, "size"), { key: "size", isDescending: true });
  assertEquals(orderAfterClick({ key: "size", isDescending: true }, "size"), { key: "size", isDescending: false });
  assertEquals(orderAfterClick({ key: "size", isDescending: true }, "name"), { key: "name", isDescending: false });
});

Deno.test("nameKey() orders numbers by value, and ignores letter case and accents", () => {
  const ordered = ["1", "2", "010", "99999999999999999999", "a", "B", "caf\u00e9", "cafe2", "cafe10", "d"];
  const shuffled = [...ordered].reverse().sort((a, b) => nameKey(a) < nameKey(b) ? -1 : 1);
  assertEquals(shuffled, ordered);
});

Deno.test("weightFor() takes the most precise range, in any order", () => {
  const cases: readonly (readonly [accept: string, type: string, weight: number, precision: number])[] = [
    ["text/html", "text/html", 1, 2],
    ["TEXT/HTML ; Q=0.5", "text/html", 0.5, 2],
    ["*/*;q=0.8, text/*;q=0.3, text/html;q=0.1", "text/html", 0.1, 2],
    ["text/html;q=0.1, text/*;q=0.3, */*;q=0.8", "text/plain", 0.3, 1],
    ["text/html;q=0.1, text/*;q=0.3, */*;q=0.8", "application/json", 0.8, 0],
    ["text/html;q=2", "text/html", 0, 2],
    ["image/png", "text/html", 0, 0],
    ["", "text/html", 0, 0],
  ];
  for (const [accept, type, weight, precision] of cases) {
    assertEquals(weightFor(accept, type), { weight, precision }, accept);
  }
});

Deno.test("formOf() gives a page without Accept", () => {
  assertEquals([formOf("", null), formOf("?format=json", null), formOf("?format=xml", null)], ["html", "json", "html"]);
});

Deno.test("humanSize() has at most three digits, and exactSize() has all", () => {
  const cases: readonly (readonly [number, string, string])[] = [
    [0, "0 B", "0 bytes"],
    [1, "1 B", "1 byte"],
    [999, "999 B", "999 bytes"],
    [1000, "1.0 kB", "1,000 bytes"],
    [1049, "1.0 kB", "1,049 bytes"],
    [9949, "9.9 kB", "9,949 bytes"],
    [9951, "10 kB", "9,951 bytes"],
    [999_499, "999 kB", "999,499 bytes"],
    [999_500, "1.0 MB", "999,500 bytes"],
    [1_234_567_890, "1.2 GB", "1,234,567,890 bytes"],
    [Number.MAX_SAFE_INTEGER, "9.0 PB", "9,007,199,254,740,991 bytes"],
  ];
  for (const [bytes, human, exact] of cases) assertEquals([humanSize(bytes), exactSize(bytes)], [human, exact]);
});

Deno.test("isoTime() is null for what no date can express", () => {
  assertEquals([isoTime(0), isoTime(NaN), isoTime(8.7e15)], ["1970-01-01T00:00:00.000Z", null, null]);
});

Deno.test("nameHtml() and nameText() leave no character that is invisible or that changes the direction", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (name) => {
    for (const text of [nameHtml(name), nameText(name)]) {
      assertEquals(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\ufeff\u200b\u00ad]/u.test(text), false);
    }
    assertEquals(/[<>&"']/.test(nameHtml(name).replace(/<\/?i>|&#[0-9]+;/g, "")), false);
  }));
});

Deno.test("sortInSlices() sorts as the runtime does, and keeps the order of equals", async () => {
  for (const length of [0, 1, 2047, 2048, 2049, 5000, 10_000]) {
    const items = Array.from({ length }, (_, index) => ({ key: (index * 7919) % 97, index }));
    const compare = (a: { key: number }, b: { key: number }) => a.key - b.key;
    assertEquals(await sortInSlices(items, compare, new Slices(systemClock)), items.toSorted(compare), String(length));
  }
});

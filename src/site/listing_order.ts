/**
 * The order and the form of a listing, as the query of its address says. Pure.
 * @module
 */

import { weightFor } from "../http/semantics/accept.ts";
import type { Entry } from "../files/folder.ts";

/** What entries are sorted by. */
export const SORT_KEYS = ["name", "size", "date"] as const;

export type SortKey = (typeof SORT_KEYS)[number];

/** The order of a listing. Folders come before files in any case. */
export interface Order {
  readonly key: SortKey;
  readonly isDescending: boolean;
}

/** The order without a query. */
export const BY_NAME: Order = { key: "name", isDescending: false };

/** The order that a query such as `?sort=size&order=desc` asks for. Unknown words are ignored. */
export function orderOf(query: string): Order {
  const words = new URLSearchParams(query);
  const key = SORT_KEYS.find((each) => each === words.get("sort")) ?? BY_NAME.key;
  const direction = words.get("order");
  const isDescending = direction === "desc" || direction !== "asc" && isDescendingAtFirst(key);
  return { key, isDescending };
}

/** The largest and the newest first, because they are what people look for. */
function isDescendingAtFirst(key: SortKey): boolean {
  return key !== "name";
}

/** The query for an order; empty for that without a query. */
export function queryOf({ key, isDescending }: Order): string {
  return key === "name" && !isDescending ? "" : `?sort=${key}&order=${isDescending ? "desc" : "asc"}`;
}

/** The order after a click on the heading of a column: the opposite one, if it is sorted by this column already. */
export function orderAfterClick(current: Order, key: SortKey): Order {
  const isDescending = current.key === key ? !current.isDescending : isDescendingAtFirst(key);
  return { key, isDescending };
}

/** The form of a listing: as `format` in the query says, or as Accept prefers. A page, if nothing says otherwise. */
export function formOf(query: string, accept: string | null): "html" | "json" {
  const format = new URLSearchParams(query).get("format");
  if (format === "json" || format === "html") return format;
  if (accept === null) return "html";
  const [json, html] = [weightFor(accept, "application/json"), weightFor(accept, "text/html")];
  if (json.weight !== html.weight) return json.weight > html.weight ? "json" : "html";
  return json.weight > 0 && json.precision > html.precision ? "json" : "html"; // `application/json, */*`.
}

/** What is compared of an entry: folders first, then a number or the name. */
export interface Sortable {
  readonly name: string;
  readonly isFolder: boolean;
  /** The name in a form that sorts like a person would: see `nameKey`. */
  readonly nameKey: string;
  /** The size or the time, or 0 if the order is by name. */
  readonly value: number;
}

/** The number by which an entry is sorted. */
export function valueOf({ size, modifiedMs }: Entry, { key }: Order): number {
  if (key === "size") return size ?? 0;
  return key === "date" && !Number.isNaN(modifiedMs) ? modifiedMs : 0;
}

/** Compares by the order. Equal values are ordered by name. */
export function comparing({ isDescending, key }: Order): (a: Sortable, b: Sortable) => number {
  const sign = isDescending ? -1 : 1;
  return (a, b) => {
    if (a.isFolder !== b.isFolder) return a.isFolder ? -1 : 1;
    const byValue = sign * (a.value - b.value);
    return byValue !== 0 ? byValue : (key === "name" ? sign : 1) * byName(a, b);
  };
}

function byName(a: Sortable, b: Sortable): number {
  if (a.nameKey !== b.nameKey) return a.nameKey < b.nameKey ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/**
 * A text whose order by code units is that of the name without letter case and accents, and by the values of numbers:
 * `file2` comes before `file10`. The comparison of the standard library takes ten times as long.
 */
export function nameKey(name: string): string {
  // deno-lint-ignore no-control-regex
  const plain = /^[\x00-\x7f]*$/.test(name) ? name : name.normalize("NFD").replace(/\p{M}/gu, "");
  return plain.toLowerCase().replace(/[0-9]+/g, (digits) => {
    const number = digits.replace(/^0+(?=.)/, "");
    return `0${String.fromCharCode(Math.min(number.length, 0xff))}${number}`;
  });
}

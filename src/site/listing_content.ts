/**
 * The content of a listing in chunks, in its order, made in slices.
 * @module
 */

import type { FolderEntry } from "../files/disk.ts";
import type { Entry, Folder } from "../files/folder.ts";
import { comparing, nameKey, type Order, type Sortable, valueOf } from "./listing_order.ts";
import {
  entryJson,
  folderQueryHtml,
  JSON_END,
  jsonBegin,
  PAGE_END,
  pageBegin,
  type PageFolder,
  readmeHtml,
  rowHtml,
  tableEnd,
  type Totals,
} from "./listing_page.ts";
import { findReadme, isReadme, renderReadme } from "./readme.ts";
import { type Slices, sortInSlices } from "../files/slices.ts";
import type { Visit } from "./steps.ts";

/** What is listed, and how. */
export interface Listed {
  readonly visit: Visit;
  /** The host, as the client named it. */
  readonly host: string;
  readonly folder: Folder;
  readonly order: Order;
  readonly form: "html" | "json";
  readonly isListed: (entry: Entry) => boolean;
  readonly slices: Slices;
}

/** All entries in their order. */
export interface Examined {
  readonly entries: readonly Entry[];
  readonly totals: Totals;
}

/** Characters of a chunk. Fewer in the first ones would show sooner, but each chunk is a write. */
const CHUNK_CHARS = 32 * 1024;

/** The folder of the page. */
export function folderOf({ visit, host, order }: Listed): PageFolder {
  return { host: host === "" ? visit.host.name : host, segments: visit.target.segments, order };
}

/** Examines all entries, and sorts them. */
export async function examineAll(listed: Listed, names: readonly FolderEntry[]): Promise<Examined> {
  const totals = noTotals();
  const sorted = await sortEntries(listed, names, (entry) => count(totals, entry));
  totals.undecodable = [...listed.folder.undecodable];
  return { entries: sorted.map(({ entry }) => entry), totals };
}

interface SortableEntry extends Sortable {
  readonly entry: Entry;
}

/** Calls `found` with each entry, in no order. */
async function sortEntries(
  listed: Listed,
  names: readonly FolderEntry[],
  found: (entry: Entry) => void = () => {},
): Promise<readonly SortableEntry[]> {
  const { order, slices } = listed;
  const entries: SortableEntry[] = [];
  for (const { name } of names) {
    const entry = examine(listed, name);
    if (entry !== null) {
      found(entry);
      const isFolder = entry.kind === "folder";
      entries.push({ name, isFolder, nameKey: nameKey(name), value: valueOf(entry, order), entry });
    }
    const pause = slices.next();
    if (pause !== null) await pause;
  }
  return await sortInSlices(entries, comparing(order), slices);
}

function examine({ folder, isListed }: Listed, name: string): Entry | null {
  const entry = folder.examine(name);
  return entry !== null && isListed(entry) ? entry : null;
}

function noTotals(): Totals {
  return { files: 0, folders: 0, bytes: 0, undecodable: [] };
}

function count(totals: Totals, { kind, size }: Entry): void {
  if (kind === "folder") totals.folders++;
  else totals.files++;
  totals.bytes += size ?? 0;
}

/** The whole content. `entries`: examined, or names to examine. */
export async function* listingChunks(
  listed: Listed,
  entries: Examined | readonly FolderEntry[],
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const text of listed.form === "json" ? jsonTexts(listed, entries) : htmlTexts(listed, entries)) {
    yield encoder.encode(text);
  }
}

async function* htmlTexts(listed: Listed, entries: Examined | readonly FolderEntry[]): AsyncGenerator<string> {
  const totals = noTotals();
  const readmes: Entry[] = [];
  const query = folderQueryHtml(listed.order);
  yield pageBegin(folderOf(listed));
  yield* joined(inOrder(listed, entries), (entry) => {
    count(totals, entry);
    if (isReadme(entry)) readmes.push(entry);
    return rowHtml(entry, query);
  });
  totals.undecodable = [...listed.folder.undecodable];
  const end = tableEnd(totals);
  const readme = findReadme(listed.visit, readmes);
  if (readme === null) return yield end + PAGE_END;
  yield end; // Before the README, which may take a while.
  yield readmeHtml(readme.name, await renderReadme(readme.resource, listed.slices)) + PAGE_END;
}

async function* jsonTexts(listed: Listed, entries: Examined | readonly FolderEntry[]): AsyncGenerator<string> {
  let separator = "\n";
  yield jsonBegin(listed.visit.target.segments);
  yield* joined(inOrder(listed, entries), (entry) => {
    const text = separator + entryJson(entry);
    separator = ",\n";
    return text;
  });
  yield JSON_END;
}

/** The texts of entries, in chunks. */
async function* joined(
  batches: AsyncIterable<readonly Entry[]>,
  write: (entry: Entry) => string,
): AsyncGenerator<string> {
  let text = "";
  for await (const batch of batches) {
    for (const entry of batch) text += write(entry);
    if (text.length < CHUNK_CHARS) continue;
    yield text;
    text = "";
  }
  if (text !== "") yield text;
}

const BATCH = 128;

/** The entries in their order, in batches. */
async function* inOrder(
  listed: Listed,
  entries: Examined | readonly FolderEntry[],
): AsyncGenerator<readonly Entry[]> {
  if ("totals" in entries) return yield* batches(listed, entries.entries, (entry) => entry);
  if (listed.order.key !== "name") {
    return yield* batches(listed, await sortEntries(listed, entries), ({ entry }) => entry);
  }
  const names = await sortNames(listed, entries);
  yield* batches(listed, names, ({ name }) => examine(listed, name));
}

async function* batches<Item>(
  { slices }: Listed,
  items: readonly Item[],
  entryOf: (item: Item) => Entry | null,
): AsyncGenerator<readonly Entry[]> {
  for (let at = 0; at < items.length; at += BATCH) {
    const batch: Entry[] = [];
    for (const item of items.slice(at, at + BATCH)) {
      const entry = entryOf(item);
      if (entry !== null) batch.push(entry);
      const pause = slices.next();
      if (pause !== null) await pause;
    }
    yield batch;
  }
}

/** Names in their order. Only links are examined for that, because a link may lead to a folder. */
async function sortNames(listed: Listed, entries: readonly FolderEntry[]): Promise<readonly Sortable[]> {
  const { order, slices } = listed;
  const sortables: Sortable[] = [];
  for (const { name, isDirectory, isSymlink } of entries) {
    const isFolder = isSymlink ? examine(listed, name)?.kind === "folder" : isDirectory;
    sortables.push({ name, isFolder, nameKey: nameKey(name), value: 0 });
    const pause = slices.next();
    if (pause !== null) await pause;
  }
  return await sortInSlices(sortables, comparing(order), slices);
}

/**
 * A folder without an index as a list of its entries: a page, or JSON. Small folders are examined before the answer, so
 * that it has a validator. Large ones are examined while they are sent.
 * @module
 */

import { type Entry, Folder } from "../files/folder.ts";
import type { FolderEntry } from "../files/disk.ts";
import { filePathBelow } from "../files/file_path.ts";
import type { NotFound } from "../files/look_up.ts";
import { merge, withAdditions } from "../http/additions.ts";
import type { Request } from "../http/request.ts";
import { type Field, NO_CONTENT, type Response, type StreamedContent } from "../http/response.ts";
import { evaluate } from "../http/semantics/conditional.ts";
import { refuse } from "./answers.ts";
import { BY_ACCEPT } from "./fallback.ts";
import { noteFields } from "./file_notes.ts";
import { examineAll, type Examined, type Listed, listingChunks } from "./listing_content.ts";
import { isListed } from "./listing_filter.ts";
import { formOf, orderOf } from "./listing_order.ts";
import { listingPolicy } from "./listing_style.ts";
import { listingTag } from "./listing_tag.ts";
import { lineOf } from "./notes.ts";
import type { Cause } from "./own_pages.ts";
import { Slices } from "../files/slices.ts";
import type { Visit } from "./steps.ts";

/** Folders with more entries are examined while they are sent, and have no validator. Examining takes 6 us an entry. */
const EXAMINED_FIRST_MAX = 5_000;

/**
 * Maximum of entries in memory, for all answers of a worker together, because a client may read slowly. An entry takes
 * some 200 bytes. One answer may have more, and small folders are always listed.
 */
const ENTRIES_HELD_MAX = 500_000;
const ALWAYS_LISTED_MAX = 1_000;

let entriesHeld = 0;

const BUSY: Cause = { status: 503, fields: [["Retry-After", "1"]] };

const UNREADABLE: Cause = { status: 403, fields: [], words: "The server is not allowed to read this folder." };

/** Lists a folder that exists. */
export async function listFolder(visit: Visit, request: Request): Promise<Response> {
  const { host, target, services } = visit;
  const slices = new Slices(services.clock);
  const folder = services.cache.openFolder(filePathBelow(host, target.segments));
  const held = new HeldEntries();
  try {
    const entries = folder instanceof Folder ? await folder.read(slices, () => held.add()) : folder;
    if (folder instanceof Folder && Array.isArray(entries)) {
      return await answer(visit, request, { folder, entries, slices, held });
    }
    held.release();
    return refuseFolder(visit, request, entries as NotFound);
  } catch (error) {
    held.release();
    throw error;
  }
}

/** The entries that one answer holds. */
class HeldEntries {
  #count = 0;

  /** Counts one more; `false`: there are too many. */
  add(): boolean {
    this.#count++;
    entriesHeld++;
    return this.#count <= ALWAYS_LISTED_MAX || this.#count === entriesHeld || entriesHeld <= ENTRIES_HELD_MAX;
  }

  /** May be called again. */
  release(): void {
    entriesHeld -= this.#count;
    this.#count = 0;
  }
}

function refuseFolder(visit: Visit, request: Request, { why }: NotFound): Response {
  if (why === "busy") return refuse(visit, request, BUSY);
  return refuse(visit, request, why === "forbidden" ? UNREADABLE : 404);
}

/** A folder that was read. */
interface ReadFolder {
  readonly folder: Folder;
  readonly entries: readonly FolderEntry[];
  readonly slices: Slices;
  readonly held: HeldEntries;
}

async function answer(
  visit: Visit,
  request: Request,
  { folder, entries, slices, held }: ReadFolder,
): Promise<Response> {
  const { services: { clock }, target: { query } } = visit;
  const { fields } = request;
  const listed: Listed = {
    visit,
    host: request.host,
    folder,
    order: orderOf(query),
    form: formOf(query, fields.value("accept")),
    isListed: (entry: Entry) => isListed(visit, entry),
    slices,
  };
  const isSmall = entries.length <= EXAMINED_FIRST_MAX;
  let examined = isSmall ? await examineAll(listed, entries) : null;
  if (isSmall && folder.becomesUnsteady()) examined = await examineAll(listed, entries);
  const etag = examined === null ? null : await listingTag(listed, examined);
  noteListing(listed, entries.length);
  // A large folder has no tag, and this one equals none that a client can have.
  const outcome = evaluate(fields, { etag: etag ?? 'W/"-"', modifiedMs: null }, clock.wall());
  if (outcome !== "pass") held.release();
  if (outcome === "failed") return refuse(visit, request, 412);
  const tagField: Field[] = etag === null ? [] : [["ETag", etag]];
  if (outcome === "not modified") {
    return withHostFields(visit, { status: 304, fields: [...tagField, BY_ACCEPT], content: NO_CONTENT });
  }
  const content = contentOf(listed, examined ?? entries, () => held.release());
  const describing: Field[] = listed.form === "json"
    ? [["Content-Type", "application/json"]]
    : [["Content-Type", "text/html; charset=utf-8"], [POLICY, await listingPolicy()]];
  return withHostFields(visit, { status: 200, fields: [...describing, ...tagField, BY_ACCEPT], content });
}

function contentOf(
  listed: Listed,
  entries: Examined | readonly FolderEntry[],
  close: () => void,
): StreamedContent {
  return { kind: "streamed", chunks: listingChunks(listed, entries), close };
}

const POLICY = "Content-Security-Policy";

/**
 * The response with the fields that the host adds for the path of the request. The page keeps its own policy, because a
 * policy for the pages of the site would forbid its style. It can be removed.
 */
function withHostFields(visit: Visit, response: Response): Response {
  noteFields(visit, visit.path);
  const { describing, general, cacheControl } = visit.host.fieldRules.additionsFor(() => visit.path);
  const hasPolicy = response.fields.some(([name]) => name === POLICY);
  const added = general.filter(([name, value]) => !(hasPolicy && value !== "" && name.toLowerCase() === POLICY_KEY));
  const cache: Field[] = cacheControl === null ? [] : [["Cache-Control", cacheControl]];
  const fields = merge([...response.fields, ...cache], response.status === 304 ? [] : describing);
  return withAdditions({ ...response, fields }, { describing, general: added, cacheControl });
}

const POLICY_KEY = POLICY.toLowerCase();

function counted(names: number): string {
  return names === 1 ? "1 name" : `${names} names`;
}

function noteListing({ visit, form, order }: Listed, count: number): void {
  const { services: { note }, host } = visit;
  const text = `there is no index, so the folder is listed: ${
    counted(count)
  }, by ${order.key}, as ${form.toUpperCase()}`;
  note?.("listing", text, lineOf(host, "listing"));
}

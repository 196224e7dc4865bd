/**
 * The entity tag of a listing (RFC 9110, section 8.8.3): a hash of all that its page shows.
 * @module
 */

import { type Examined, folderOf, type Listed } from "./listing_content.ts";
import { pageBegin, rowHtml, tableEnd } from "./listing_page.ts";
import { findReadme } from "./readme.ts";

/** An entry that stands for the form of all, so that the tag changes with a new version of the program. */
const SAMPLE = { name: "a b", kind: "file", size: 1, modifiedMs: 0 } as const;

/** A strong tag, because the same entries make the same page. */
export async function listingTag(listed: Listed, { entries, totals }: Examined): Promise<string> {
  const { form, visit } = listed;
  const shown = entries.map(({ name, kind, size, modifiedMs }) => [name, kind, size, modifiedMs]);
  const page = [pageBegin(folderOf(listed)), rowHtml(SAMPLE, ""), tableEnd(totals)];
  const text = JSON.stringify([form, shown, page, form === "html" ? readmeTag(listed, entries) : null, visit.path]);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return `"${hash.subarray(0, 12).toHex()}"`;
}

function readmeTag({ visit }: Listed, entries: Examined["entries"]): string | null {
  const readme = findReadme(visit, entries);
  readme?.resource.close();
  return readme?.resource.etag ?? null;
}

/**
 * The listing of a folder as HTML: the part before the entries, each entry, and the part after them. Pure.
 * @module
 */

import type { Entry } from "../files/folder.ts";
import { escapeHtml } from "../http/html.ts";
import { type Order, orderAfterClick, queryOf, type SortKey } from "./listing_order.ts";
import { LISTING_SCRIPT, LISTING_STYLE } from "./listing_style.ts";
import { exactSize, grouped, humanSize, isoTime, nameHtml, nameText } from "./visible_text.ts";

/** The folder of a page. */
export interface PageFolder {
  /** The host, as the client named it. */
  readonly host: string;
  readonly segments: readonly string[];
  readonly order: Order;
}

/** The counts for the end of a page. */
export interface Totals {
  files: number;
  folders: number;
  bytes: number;
  /** Names that are not UTF-8, with U+FFFD for octets. */
  undecodable: readonly string[];
}

/** The page up to its first entry. Links are relative, so that they work behind a proxy that changes the path. */
export function pageBegin(folder: PageFolder): string {
  const { host, segments, order } = folder;
  const name = segments.at(-1) ?? host;
  const path = `/${segments.map((segment) => `${segment}/`).join("")}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(nameText(segments.length === 0 ? host : `${name} - ${host}`))}</title>
<style>${LISTING_STYLE}</style>
<script>${LISTING_SCRIPT}</script>
</head>
<body>
<header>
<div>${breadcrumbs(folder)}
<h1><bdi>${nameHtml(name)}</bdi></h1></div>
<div class="f" hidden><label for="q">Filter by name</label><input id="q" type="search" autocomplete="off" spellcheck="false"><output for="q"></output></div>
</header>
<main>
<table>
<caption>Files in ${escapeHtml(nameText(path))}</caption>
<thead><tr>${heading("name", "Name", order)}${heading("size", "Size", order)}${
    heading("date", "Modified", order)
  }</tr></thead>
<tbody>
${
    segments.length === 0
      ? ""
      : `<tr class="u"><td colspan="3"><a href="../${queryHtml(order)}">Parent folder</a></td></tr>\n`
  }`;
}

/** Links to the folders above, the host first. Empty at the root, whose name is the heading. */
function breadcrumbs({ host, segments, order }: PageFolder): string {
  if (segments.length === 0) return "";
  const above = [host, ...segments.slice(0, -1)].map((name, index) => {
    const up = "../".repeat(segments.length - index);
    return `<li><a href="${up}${queryHtml(order)}"><bdi>${nameHtml(name)}</bdi></a></li>`;
  });
  return `<nav aria-label="Folders above"><ol>${above.join("")}</ol></nav>`;
}

const COLUMN_CLASSES: Readonly<Record<SortKey, string>> = { name: "", size: ` class="s"`, date: ` class="m"` };

/** A heading of a column. Its link sorts by the column. */
function heading(key: SortKey, text: string, order: Order): string {
  const sort = order.key === key ? ` aria-sort="${order.isDescending ? "descending" : "ascending"}"` : "";
  const next = orderAfterClick(order, key);
  const query = `?sort=${key}&amp;order=${next.isDescending ? "desc" : "asc"}`;
  const zone = key === "date" ? `<span id="z"> (UTC)</span>` : "";
  return `<th scope="col"${COLUMN_CLASSES[key]}${sort}><a href="${query}">${text}</a>${zone}</th>`;
}

function queryHtml(order: Order): string {
  return escapeHtml(queryOf(order));
}

/** One entry as a row. Folders keep the order. */
export function rowHtml({ name, kind, size, modifiedMs }: Entry, folderQuery: string): string {
  const isFolder = kind === "folder";
  const href = `./${encodeURIComponent(name).replaceAll("'", "%27")}${isFolder ? `/${folderQuery}` : ""}`;
  const shown = `${isolated(name)}${isFolder ? "/" : ""}`;
  const sizeCell = size === null ? "<td></td>" : `<td title="${exactSize(size)}">${humanSize(size)}</td>`;
  return `<tr><td class="${classOf(name, isFolder)}"><a href="${href}">${shown}</a></td>${sizeCell}<td>${
    timeHtml(modifiedMs)
  }</td></tr>\n`;
}

/** A name that does not change the direction of the text around it. Plain ASCII does not need the element. */
function isolated(name: string): string {
  const html = nameHtml(name);
  return html === name ? name : `<bdi>${html}</bdi>`;
}

/** The query that links to folders carry, as HTML. */
export function folderQueryHtml(order: Order): string {
  return queryHtml(order);
}

function timeHtml(ms: number): string {
  const iso = isoTime(ms);
  if (iso === null) return "";
  const at = iso.indexOf("T");
  return `<time datetime="${iso}">${iso.slice(0, at)} ${iso.slice(at + 1, at + 6)}</time>`;
}

/** The class of an entry, for its icon. */
function classOf(name: string, isFolder: boolean): string {
  if (isFolder) return "d";
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "o" : KINDS.get(name.slice(dot + 1).toLowerCase()) ?? "o";
}

const KINDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    i: "apng avif bmp gif heic ico jpeg jpg png svg tif tiff webp",
    a: "aac avi flac m4a m4v mkv mov mp3 mp4 mpeg mpg oga ogg ogv opus wav webm",
    t: "adoc csv doc docx htm html log md odp ods odt ppt pptx rst rtf tex tsv txt xls xlsx",
    c: "bash bat c cc conf cpp cs css go h hpp ini java js json jsx kt lua mjs php pl ps1 py r rb rs sh sql swift toml ts tsx xml yaml yml",
    z: "7z bz2 deb dmg gz iso jar rar rpm tar tgz xz zip zst",
    p: "eps pdf ps",
  }).flatMap(([kind, extensions]) => extensions.split(" ").map((extension) => [extension, kind] as const)),
);

/** The end of the table: the counts. */
export function tableEnd(totals: Totals): string {
  const { files, folders, bytes, undecodable } = totals;
  const empty = files + folders === 0
    ? `<tr class="x"><td class="e" colspan="3">This folder has no files that can be shown.</td></tr>\n`
    : "";
  const left = undecodable.length === 0 ? "" : `<br>${describeUndecodable(undecodable)}`;
  return `${empty}</tbody>
<tfoot><tr><td colspan="3">${describeTotals(files, folders, bytes)}${left}</td></tr></tfoot>
</table>
`;
}

const NAMES_SHOWN_MAX = 10;

function describeUndecodable(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN_MAX).map((name) => `<bdi>${nameHtml(name)}</bdi>`).join(", ");
  const more = names.length > NAMES_SHOWN_MAX ? ", ..." : "";
  return `The server cannot open ${counted(names.length, "name that is", "names that are")} not UTF-8: ${shown}${more}`;
}

function describeTotals(files: number, folders: number, bytes: number): string {
  const counts = `${counted(folders, "folder", "folders")}, ${counted(files, "file", "files")}`;
  return files === 0 ? counts : `${counts}, <span title="${exactSize(bytes)}">${humanSize(bytes)}</span>`;
}

function counted(count: number, one: string, many: string): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** The README of the folder. `html` is safe HTML. */
export function readmeHtml(name: string, html: string): string {
  return `<article aria-label="${escapeHtml(nameText(name))}"><p>${nameHtml(name)}</p>
${html}</article>
`;
}

/** The end of the page. */
export const PAGE_END = `</main>
</body>
</html>
`;

/** The listing as JSON, up to its first entry. */
export function jsonBegin(segments: readonly string[]): string {
  const path = `/${segments.map((segment) => `${segment}/`).join("")}`;
  return `{"path":${JSON.stringify(path)},"entries":[`;
}

/** One entry as JSON. */
export function entryJson({ name, kind, size, modifiedMs }: Entry): string {
  return JSON.stringify({ name, kind, size, modified: isoTime(modifiedMs) });
}

/** The end of the JSON. */
export const JSON_END = "]}\n";

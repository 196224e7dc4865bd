/**
 * Sections of RESULTS.md that other programs than `bench` write: each replaces its own and leaves the rest.
 * Knows Markdown headings; not what was measured.
 * @module
 */

import { fromFileUrl } from "@std/path";

const FILE = fromFileUrl(new URL("RESULTS.md", import.meta.url));

/** Sections that begin with one of these words belong to other programs than `bench`. */
const FOREIGN = ["Mix of ", "Page of "];

/** Writes the page of `bench` to RESULTS.md, and keeps the sections of the others. */
export async function writeResults(page: string): Promise<void> {
  const kept = sectionsOf(await Deno.readTextFile(FILE)).filter(isForeign);
  await Deno.writeTextFile(FILE, [page.trimEnd(), ...kept].join("\n\n") + "\n");
}

/** Writes a section of its own to RESULTS.md, in place of the one with the same heading, or at the end. */
export async function writeSection(heading: string, text: string): Promise<void> {
  await Deno.writeTextFile(FILE, withSection(await Deno.readTextFile(FILE), heading, text));
}

/** `page` with the section. */
export function withSection(page: string, heading: string, text: string): string {
  const section = `## ${heading}\n\n${text.trim()}`;
  const sections = sectionsOf(page);
  const at = sections.findIndex((each) => each.startsWith(`## ${heading}\n`));
  return (at < 0 ? [...sections, section] : sections.with(at, section)).join("\n\n") + "\n";
}

/** The parts of a page, each from its heading of the second level on. What is before the first is the first part. */
export function sectionsOf(page: string): string[] {
  return page.split(/^(?=## )/m).map((part) => part.trim()).filter((part) => part !== "");
}

function isForeign(section: string): boolean {
  return FOREIGN.some((words) => section.startsWith(`## ${words}`));
}

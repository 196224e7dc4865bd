/**
 * `task release`: makes all files of a download. Binaries for any web.conf and all platforms, with sums and manifest;
 * and from the same sources the section of the changelog, a bill of materials, the manual page, completions, and units
 * of service managers.
 * @module
 */

import { join } from "@std/path";
import metadata from "../deno.json" with { type: "json" };
import { VERSION } from "../src/version.ts";
import { sectionOf } from "./changelog.ts";
import { build, makePlan, PROJECT } from "./compile.ts";
import { SHELLS } from "./completions.ts";
import { manPage } from "./man_page.ts";
import { Mistake, runTool } from "./mistake.ts";
import { sbom } from "./sbom.ts";
import { TARGETS } from "./targets.ts";

if (import.meta.main) Deno.exit(await runTool("release", main));

async function main(): Promise<number> {
  const texts = await textFiles();
  // A portable binary has no particular configuration, so it gets the default name.
  const config = { path: join(PROJECT, "web.conf"), name: "web.conf" };
  const plan = await makePlan(config, { flavour: "portable", lan: true });
  const { binaries, failed } = await build({ plan, targets: TARGETS, out: join(PROJECT, "dist") }, texts);
  console.error(`release: ${texts.size} texts; ${binaries.length} of ${TARGETS.length} binaries`);
  return failed === 0 && binaries.length === TARGETS.length ? 0 : 1;
}

/** All files except the binaries, by name. Throws `Mistake` if one is missing. */
export async function textFiles(): Promise<ReadonlyMap<string, string>> {
  const read = (name: string) => Deno.readTextFile(join(PROJECT, name));
  const changes = sectionOf(await read("CHANGELOG.md"), VERSION);
  if (changes === null) throw new Mistake(`CHANGELOG.md has no section for ${VERSION}`);
  const lock = JSON.parse(await read("deno.lock"));
  const texts = new Map([
    [`CHANGELOG-${VERSION}.md`, changes],
    ["sweepd.cdx.json", sbom({ version: VERSION, license: metadata.license, deno: Deno.version.deno, lock })],
    ["sweepd.1", manPage(VERSION)],
    ["LICENSE", await read("LICENSE")],
  ]);
  for (const { file, write } of Object.values(SHELLS)) texts.set(file, write());
  for (const name of await templates()) texts.set(name, await read(`packaging/${name}`));
  return texts;
}

async function templates(): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(join(PROJECT, "packaging")), ({ name }) => name);
  return names.toSorted();
}

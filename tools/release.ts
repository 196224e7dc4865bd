/**
 * `task release`: all that a download needs. Binaries for any web.conf for all platforms, their sums and manifest, and what is made from
 * the same sources: the section of the changelog, a bill of materials, the manual page, completions, units of the service managers.
 * @module
 */

import { join } from "@std/path";
import metadata from "../deno.json" with { type: "json" };
import { VERSION } from "../src/version.ts";
import { sectionOf } from "./changelog.ts";
import { build, makePlan, PROJECT } from "./compile.ts";
import { sha256 } from "./compiler.ts";
import { SHELLS } from "./completions.ts";
import { manPage } from "./man_page.ts";
import { sums } from "./manifest.ts";
import { sbom } from "./sbom.ts";
import { TARGETS } from "./targets.ts";

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  const out = join(PROJECT, "dist");
  const plan = await makePlan(join(PROJECT, "web.conf"), { flavour: "portable", lan: true });
  if (typeof plan === "string") return fail(plan);
  // A portable binary is made for no configuration in particular: its name is that of each.
  const { binaries, failed } = await build({ plan: { ...plan, configFile: "web.conf" }, targets: TARGETS, out });
  const texts = await textFiles();
  if (typeof texts === "string") return fail(texts);
  for (const [name, text] of texts) await Deno.writeTextFile(join(out, name), text);
  const others = [...texts.keys(), "manifest.json"];
  const hashes = await Promise.all(
    others.map(async (file) => ({ file, sha256: await sha256(await Deno.readFile(join(out, file))) })),
  );
  await Deno.writeTextFile(join(out, "SHA256SUMS"), sums([...binaries, ...hashes]));
  console.error(`release: ${texts.size} texts; ${binaries.length} of ${TARGETS.length} binaries in dist/`);
  return failed === 0 && binaries.length === TARGETS.length ? 0 : 1;
}

/** Everything but the binaries, by names; or what is missing. */
export async function textFiles(): Promise<ReadonlyMap<string, string> | string> {
  const read = (name: string) => Deno.readTextFile(join(PROJECT, name));
  const changes = sectionOf(await read("CHANGELOG.md"), VERSION);
  if (changes === null) return `CHANGELOG.md has no section for ${VERSION}`;
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

function fail(message: string): number {
  console.error(`release: ${message}`);
  return 1;
}

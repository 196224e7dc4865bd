/**
 * Builds for every platform and in every flavour, reads each back and verifies it. Downloads a base for each platform once, and so
 * is no part of `task test`: `task test:targets`, and a step of its own in .ci/run. What has no base is ignored, with the reason.
 */

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { parseConfig } from "../../src/config/parse.ts";
import { compile } from "../../tools/compiler.ts";
import { withStage } from "../../tools/stage.ts";
import { TARGETS } from "../../tools/targets.ts";
import { PROJECT } from "../process.ts";
import { planOf, withFiles } from "../tools/staged.ts";
import { fetchBase } from "./bases.ts";

/** A site like any other: one root beside web.conf, one elsewhere, one with blanks in its name. */
const CONF = (folder: string) => `host default www\nhost a.org "${folder}/a"\nhost b.org "${folder}/my photos"\n`;
const FILES = { "a/index.html": "a", "a/.secret": "x", "my photos/b c.txt": "b" };

for (const target of TARGETS) {
  const base = await fetchBase(target);
  const reason = "missing" in base ? `: no base, ${base.missing}` : `, on ${target.npmPackage} ${base.version}`;
  for (const flavour of ["scoped", "portable", "embedded"] as const) {
    Deno.test({
      name: `${target.triple}, ${flavour}${reason}`,
      ignore: "missing" in base,
      fn: async () => {
        if ("missing" in base) return;
        await withFiles(FILES, async (folder) => {
          const text = flavour === "embedded" ? CONF(folder).replace(" www", ` "${PROJECT}/www"`) : CONF(folder);
          assertEquals(parseConfig(text, "web.conf").diagnostics, []);
          await withStage(planOf(text, flavour), async (stage) => {
            const output = join(folder, `sweepd${target.extension}`);
            const options = { target, output, base: base.path, runtime: base.version };
            const outcome = await compile(stage, options);
            assertEquals(outcome.kind === "failed" ? outcome.problems : outcome.kind, "built");
          });
        });
      },
    });
  }
}

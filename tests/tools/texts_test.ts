/** What a release holds besides its binaries: each text says what its source says. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { PARAMETER_NAMES } from "../../src/config/parameters.ts";
import { FLAGS, SYNOPSIS, usage, VERBS } from "../../src/cli/flags.ts";
import { VERSION } from "../../src/version.ts";
import { sectionOf } from "../../tools/changelog.ts";
import { SHELLS } from "../../tools/completions.ts";
import { manPage } from "../../tools/man_page.ts";
import { manifest, sums } from "../../tools/manifest.ts";
import { textFiles } from "../../tools/release.ts";
import { sbom } from "../../tools/sbom.ts";
import { PROJECT } from "../process.ts";
import { embedded } from "./crafted.ts";

for (const [shell, { write }] of Object.entries(SHELLS)) {
  Deno.test(`the completion for ${shell} knows every flag and every verb`, () => {
    const text = write();
    for (const { long, short } of FLAGS) {
      assertMatch(text, new RegExp(`(?:--|-l )${long}\\b`), long);
      if (short !== null && shell !== "bash") assertMatch(text, new RegExp(`-s ${short}\\b|-${short}\\b`), short);
    }
    for (const { name } of VERBS) assertMatch(text, new RegExp(`\\b${name}\\b`));
  });
}

async function bashCompletes(...words: readonly string[]): Promise<string[]> {
  const script = `${SHELLS.bash.write()}
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sweepd; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = await new Deno.Command("bash", { args: ["-c", script, "bash", ...words], cwd: PROJECT })
    .output();
  assertEquals(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout).split("\n").filter((word) => word !== "").toSorted();
}

Deno.test({
  name: "bash completes flags, verbs, files and folders",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    assertEquals(await bashCompletes("sweepd", "--p"), ["--permissions", "--port"]);
    assertEquals(await bashCompletes("sweepd", "che"), ["check"]);
    assertEquals(await bashCompletes("sweepd", "-w", ""), ["auto"]);
    assertEquals(await bashCompletes("sweepd", "-c", "web"), ["web.conf"]);
    assertEquals(await bashCompletes("sweepd", "ww"), ["www"]);
    assertEquals(await bashCompletes("sweepd", "check", "ww"), ["www"]);
    assertEquals(await bashCompletes("sweepd", "replay", "READ"), ["README.md"]);
    assertEquals(await bashCompletes("sweepd", "-p", ""), []);
  },
});

Deno.test("the manual page holds every flag, verb, form and parameter", () => {
  const page = manPage("1.2.3");
  const plain = page.replaceAll("\\-", "-").replace(/\\f[BIR]/g, "");
  for (const { long, short, value } of FLAGS) {
    const forms = `${short === null ? "" : `-${short}, `}--${long}${value === null ? "" : ` ${value.name}`}\n`;
    assertStringIncludes(plain, `\n.TP\n${forms}`);
  }
  for (const { name } of VERBS) assertStringIncludes(plain, `\n.BR ${name} `);
  for (const form of SYNOPSIS) assertStringIncludes(plain, `\n${form}\n`);
  for (const name of PARAMETER_NAMES) assertStringIncludes(plain, `\n.B ${name}\n`);
  assertMatch(page, /^\.TH SWEEPD 1 "" "sweepd 1\.2\.3"$/m);
});

Deno.test("the manual page has no line that begins by accident as a request", () => {
  const requests = /^\.(?:TH|SH|TP|BR?|nf|fi|RS|RE)(?: |$)/;
  const lines = manPage("1").split("\n").filter((line) => /^[.']/.test(line));
  assertEquals(lines.filter((line) => !requests.test(line)), []);
});

Deno.test("--help is made from the same data", () => {
  for (const { long, summary } of FLAGS) assertMatch(usage(), new RegExp(`--${long}\\b.*${RegExp.escape(summary)}\n`));
});

const CHANGELOG =
  "# Changelog\n\n## [Unreleased]\n\n- c\n\n## [1.1.0] - 2026-01-02\n\n- b\n\n## [1.0.0]\n\n- a\n\n[1.0.0]: x\n";

Deno.test("sectionOf() a version is its section, without the next one or link targets", () => {
  assertEquals(sectionOf(CHANGELOG, "1.1.0"), "## [1.1.0] - 2026-01-02\n\n- b\n");
  assertEquals(sectionOf(CHANGELOG, "1.0.0"), "## [1.0.0]\n\n- a\n");
});

Deno.test("sectionOf() a version without one is what is not released yet, or nothing", () => {
  assertEquals(sectionOf(CHANGELOG, "2.0.0"), "## [Unreleased]\n\n- c\n");
  assertEquals(sectionOf("# Changelog\n", "2.0.0"), null);
});

const LOCK = {
  npm: {
    "deno-std@1.4.0": { integrity: "sha512-AAEC/w==" },
    "fast-check@4.0.0_peer@1.0.0": { integrity: "sha512-/w==", dependencies: ["pure-rand", "@scope/x"] },
    "pure-rand@8.0.0": {},
    "@scope/x@2.0.0": {},
  },
};

Deno.test("sbom() lists the runtime and every package, and tells which are in no binary", () => {
  const value = JSON.parse(sbom({ version: "1.0.0", license: "MIT", deno: "2.0.0", lock: LOCK }));
  assertEquals([value.bomFormat, value.specVersion, value.metadata.component.version], ["CycloneDX", "1.6", "1.0.0"]);
  assertEquals(value.components.map(({ purl, scope }: Record<string, string>) => `${purl} ${scope}`), [
    "pkg:github/denoland/deno@v2.0.0 required",
    "pkg:npm/deno-std@1.4.0 required",
    "pkg:npm/fast-check@4.0.0 excluded",
    "pkg:npm/pure-rand@8.0.0 excluded",
    "pkg:npm/%40scope/x@2.0.0 excluded",
  ]);
  assertEquals(value.components[1].hashes, [{ alg: "SHA-512", content: "000102ff" }]);
});

Deno.test("sbom() tells who depends on whom, by references that exist", () => {
  const value = JSON.parse(sbom({ version: "1.0.0", license: "MIT", deno: "2.0.0", lock: LOCK }));
  const known = new Set([value.metadata.component, ...value.components].map((component) => component["bom-ref"]));
  for (const { ref, dependsOn } of value.dependencies) {
    assert([ref, ...dependsOn].every((name) => known.has(name)), ref);
  }
  assertEquals(value.dependencies[0].dependsOn, ["pkg:github/denoland/deno@v2.0.0", "pkg:npm/deno-std@1.4.0"]);
  assertEquals(value.dependencies[2].dependsOn, ["pkg:npm/pure-rand@8.0.0", "pkg:npm/%40scope/x@2.0.0"]);
});

Deno.test("manifest() and sums() name each binary with its sum, permissions and files", () => {
  const binary = {
    file: "sweepd",
    target: "t",
    flavour: "scoped",
    size: 5,
    sha256: "ab",
    embedded: embedded(),
    smoke: "passed",
  } as const;
  const value = JSON.parse(manifest([binary], { version: "1.0.0", deno: "2.0.0", commit: null }));
  assertEquals([value.version, value.deno, value.commit, value.binaries.length], ["1.0.0", "2.0.0", null, 1]);
  const [{ file, sha256, permissions, features, entryPoint, files, prompt }] = value.binaries;
  assertEquals([file, sha256, permissions.allow_read, prompt], ["sweepd", "ab", ["web.conf", "www"], false]);
  assertEquals([features, entryPoint, files.includes("src/process/worker.ts")], [
    ["net", "worker-options"],
    "main.ts",
    true,
  ]);
  assertEquals(sums([binary]), "ab  sweepd\n");
});

Deno.test("textFiles() is all that a download needs, and none names the machine that made it", async () => {
  const texts = await textFiles();
  assertEquals([...texts.keys()].toSorted(), [
    `CHANGELOG-${VERSION}.md`,
    "LICENSE",
    "_sweepd",
    "haproxy.cfg",
    "org.sweepd.plist",
    "sweepd.1",
    "sweepd.bash",
    "sweepd.cdx.json",
    "sweepd.fish",
    "sweepd.logrotate",
    "sweepd.ps1",
    "sweepd.service",
    "windows-service.md",
  ]);
  for (const [name, text] of texts) assert(text.length > 100 && !text.includes(PROJECT), name);
});

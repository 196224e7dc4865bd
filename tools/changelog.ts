/**
 * One version's section of CHANGELOG.md. Pure.
 * @module
 */

/** What changed in `version`: its own section, else that of what is not released yet; `null`: neither is there. */
export function sectionOf(changelog: string, version: string): string | null {
  return find(changelog, version) ?? find(changelog, "Unreleased");
}

function find(changelog: string, name: string): string | null {
  const lines = changelog.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`## [${name}]`));
  if (start < 0) return null;
  const length = lines.slice(start + 1).findIndex((line) => /^## |^\[[^\]]+\]: /.test(line)); // The next, or link targets.
  const section = lines.slice(start, length < 0 ? undefined : start + 1 + length);
  return section.join("\n").trimEnd() + "\n";
}

/**
 * Finds the section of one version in CHANGELOG.md. Pure.
 * @module
 */

/** The section of `version`, or else the section of unreleased changes; `null`: there is neither. */
export function sectionOf(changelog: string, version: string): string | null {
  return find(changelog, version) ?? find(changelog, "Unreleased");
}

function find(changelog: string, name: string): string | null {
  const lines = changelog.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`## [${name}]`));
  if (start < 0) return null;
  const length = lines.slice(start + 1).findIndex((line) => /^## |^\[[^\]]+\]: /.test(line)); // The next section, or links.
  const section = lines.slice(start, length < 0 ? undefined : start + 1 + length);
  return section.join("\n").trimEnd() + "\n";
}

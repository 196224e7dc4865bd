/**
 * A bill of materials in CycloneDX 1.6: the runtime, and the packages of deno.lock with their sums. Pure and
 * reproducible.
 * @module
 */

import { RUNTIME_PACKAGES } from "./packages.ts";

/** The used parts of deno.lock. */
export interface Lock {
  readonly npm?: Readonly<Record<string, { readonly integrity?: string; readonly dependencies?: readonly string[] }>>;
}

export interface SbomOptions {
  readonly version: string;
  readonly license: string;
  /** The version of the runtime. */
  readonly deno: string;
  readonly lock: Lock;
}

/** Packages that are in no binary have the scope `excluded`. */
export function sbom({ version, license, deno, lock }: SbomOptions): string {
  const packages = Object.entries(lock.npm ?? {});
  const references = new Map(packages.map(([key]) => [nameOf(key), referenceOf(key)]));
  const runtime = `pkg:github/denoland/deno@v${deno}`;
  const self = `pkg:generic/sweepd@${version}`;
  const isNeeded = (key: string) => RUNTIME_PACKAGES.includes(nameOf(key));
  const value = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        "type": "application",
        "bom-ref": self,
        name: "sweepd",
        version,
        licenses: [{ license: { id: license } }],
        purl: self,
      },
    },
    components: [
      { "type": "platform", "bom-ref": runtime, name: "deno", version: deno, scope: "required", purl: runtime },
      ...packages.map(([key, { integrity }]) => ({
        "type": "library",
        "bom-ref": referenceOf(key),
        name: nameOf(key),
        version: versionOf(key),
        scope: isNeeded(key) ? "required" : "excluded",
        hashes: hashesOf(integrity),
        purl: referenceOf(key),
      })),
    ],
    dependencies: [
      { ref: self, dependsOn: [runtime, ...packages.map(([key]) => key).filter(isNeeded).map(referenceOf)] },
      ...packages.map(([key, { dependencies = [] }]) => ({
        ref: referenceOf(key),
        dependsOn: dependencies.flatMap((name) => references.get(nameOf(name)) ?? []),
      })),
    ],
  };
  return JSON.stringify(value, null, 2) + "\n";
}

/** `@scope/name` for `@scope/name@1.2.3`; a name without a version is not changed. */
function nameOf(key: string): string {
  const at = key.indexOf("@", 1);
  return at < 0 ? key : key.slice(0, at);
}

/** The text after `_` lists peer dependencies and is not part of the version. */
function versionOf(key: string): string {
  return key.slice(nameOf(key).length + 1).split("_")[0] ?? "";
}

function referenceOf(key: string): string {
  return `pkg:npm/${nameOf(key).replace("@", "%40")}@${versionOf(key)}`;
}

/** Converts `sha512-` and Base64 to hexadecimal digits. */
function hashesOf(integrity: string | undefined) {
  const [, digest] = /^sha512-(.+)$/.exec(integrity ?? "") ?? [];
  return digest === undefined ? [] : [{ alg: "SHA-512", content: Uint8Array.fromBase64(digest).toHex() }];
}

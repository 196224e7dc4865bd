/**
 * The platforms of the binaries, and the first bytes of their executables. Pure.
 * @module
 */

import { Buffer } from "node:buffer";

export interface Target {
  /** The value for `deno compile --target`. */
  readonly triple: string;
  readonly format: Format;
  /** The npm package with a whole `deno` for it, which is a base for testing builds. */
  readonly npmPackage: string;
  readonly extension: "" | ".exe";
}

/** The format of an executable, and its processor. */
export type Format = `${"ELF" | "Mach-O" | "PE"} ${"x86_64" | "aarch64"}`;

export const TARGETS: readonly Target[] = [
  target("x86_64-unknown-linux-gnu", "ELF x86_64", "linux-x64-glibc"),
  target("aarch64-unknown-linux-gnu", "ELF aarch64", "linux-arm64-glibc"),
  target("x86_64-apple-darwin", "Mach-O x86_64", "darwin-x64"),
  target("aarch64-apple-darwin", "Mach-O aarch64", "darwin-arm64"),
  target("x86_64-pc-windows-msvc", "PE x86_64", "win32-x64"),
  target("aarch64-pc-windows-msvc", "PE aarch64", "win32-arm64"),
];

function target(triple: string, format: Format, npmPackage: string): Target {
  const extension = format.startsWith("PE") ? ".exe" : "";
  return { triple, format, npmPackage: `@deno/${npmPackage}`, extension };
}

/** `sweepd-0.2.0-x86_64-unknown-linux-gnu` */
export function binaryName(version: string, { triple, extension }: Target): string {
  return `sweepd-${version}-${triple}${extension}`;
}

const ELF_MACHINES = new Map([[0x3e, "x86_64"], [0xb7, "aarch64"]]);
const MACH_O_PROCESSORS = new Map([[0x0100_0007, "x86_64"], [0x0100_000c, "aarch64"]]);
const PE_MACHINES = new Map([[0x8664, "x86_64"], [0xaa64, "aarch64"]]);

/** The format of an executable, by its first bytes; `null`: it is that of no target. */
export function formatOf(bytes: Uint8Array<ArrayBuffer>): Format | null {
  if (bytes.length < 0x40) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) === 0x7f45_4c46) return named("ELF", ELF_MACHINES.get(view.getUint16(18, true)));
  if (view.getUint32(0, true) === 0xfeed_facf) return named("Mach-O", MACH_O_PROCESSORS.get(view.getUint32(4, true)));
  if (view.getUint16(0) !== 0x4d5a) return null;
  const header = view.getUint32(0x3c, true);
  const isPe = header + 6 <= bytes.length && view.getUint32(header) === 0x5045_0000;
  return isPe ? named("PE", PE_MACHINES.get(view.getUint16(header + 4, true))) : null;
}

/** The versions in a runtime, in the form `Deno/2.9.6`: its own, and maybe one in an example. */
export function runtimesOf(executable: Uint8Array<ArrayBuffer>): string[] {
  const bytes = Buffer.from(executable.buffer, executable.byteOffset, executable.byteLength);
  const versions = new Set<string>();
  for (let at = bytes.indexOf("Deno/"); at >= 0; at = bytes.indexOf("Deno/", at + 1)) {
    const [, version] = /^Deno\/(\d+\.\d+\.\d+)/.exec(bytes.toString("latin1", at, at + 24)) ?? [];
    if (version !== undefined) versions.add(version);
  }
  return [...versions];
}

function named(kind: "ELF" | "Mach-O" | "PE", processor: string | undefined): Format | null {
  return processor === undefined ? null : `${kind} ${processor}` as Format;
}

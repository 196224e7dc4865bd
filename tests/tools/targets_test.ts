/** Executables are told apart by their first bytes. */

import { assertEquals } from "@std/assert";
import { binaryName, formatOf, TARGETS } from "../../tools/targets.ts";
import { HOST_TARGET } from "./staged.ts";

/** 256 bytes, with numbers at positions. */
function bytes(...numbers: readonly (readonly [at: number, ...octets: number[]])[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(256);
  for (const [at, ...octets] of numbers) all.set(octets, at);
  return all;
}

const PE = [[0, 0x4d, 0x5a], [0x3c, 0x80], [0x80, 0x50, 0x45, 0, 0]] as const;

for (
  const [format, header] of [
    ["ELF x86_64", bytes([0, 0x7f, 0x45, 0x4c, 0x46], [18, 0x3e])],
    ["ELF aarch64", bytes([0, 0x7f, 0x45, 0x4c, 0x46], [18, 0xb7])],
    ["Mach-O x86_64", bytes([0, 0xcf, 0xfa, 0xed, 0xfe, 7, 0, 0, 1])],
    ["Mach-O aarch64", bytes([0, 0xcf, 0xfa, 0xed, 0xfe, 12, 0, 0, 1])],
    ["PE x86_64", bytes(...PE, [0x84, 0x64, 0x86])],
    ["PE aarch64", bytes(...PE, [0x84, 0x64, 0xaa])],
    [null, bytes()],
    [null, bytes([0, 0x7f, 0x45, 0x4c, 0x46], [18, 0x28])],
    [null, bytes([0, 0x4d, 0x5a], [0x3c, 0xff, 0xff])],
    [null, new Uint8Array(10)],
  ] as const
) {
  Deno.test(`formatOf() tells ${format}`, () => assertEquals(formatOf(header), format));
}

Deno.test("formatOf() tells the runtime's own executable", async () => {
  using file = await Deno.open(Deno.execPath());
  const header = new Uint8Array(4096);
  await file.read(header);
  assertEquals(formatOf(header), HOST_TARGET.format);
});

Deno.test("every target has a format and a file name of its own", () => {
  assertEquals(new Set(TARGETS.map(({ format }) => format)).size, TARGETS.length);
  assertEquals(new Set(TARGETS.map((target) => binaryName("1.0.0", target))).size, TARGETS.length);
});

Deno.test("binaryName() ends in .exe for Windows, and for nothing else", () => {
  for (const target of TARGETS) {
    assertEquals(binaryName("1.0.0", target).endsWith(".exe"), target.triple.includes("windows"), target.triple);
  }
});

/**
 * PNG files: a picture as chunks of compressed lines.
 * @module
 */

import { concat } from "@std/bytes/concat";
import { crc32, deflateSync } from "node:zlib";
import { big32, utf8 } from "./bytes.ts";
import type { Picture } from "./picture.ts";

export function pngFile(picture: Picture): Uint8Array {
  const { width, height, palette } = picture;
  const colourType = palette === null ? 6 : 3;
  const header = concat([big32(width), big32(height), new Uint8Array([8, colourType, 0, 0, 0])]);
  const colours = palette?.flatMap(({ red, green, blue }) => [red, green, blue]) ?? [];
  return concat([
    new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk("IHDR", header),
    palette === null ? new Uint8Array(0) : pngChunk("PLTE", new Uint8Array(colours)),
    pngChunk("IDAT", deflateSync(scanLines(picture), { level: 9 })),
    pngChunk("IEND", new Uint8Array(0)),
  ]);
}

function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const checked = concat([utf8(type), data]);
  return concat([big32(data.length), checked, big32(crc32(checked))]);
}

/** Each line is preceded by its filter type: 0, none. */
function scanLines({ width, height, palette, pixels }: Picture): Uint8Array {
  const lineBytes = width * (palette === null ? 4 : 1);
  const lines = new Uint8Array(height * (lineBytes + 1));
  for (let y = 0; y < height; y++) {
    lines.set(pixels.subarray(y * lineBytes, (y + 1) * lineBytes), y * (lineBytes + 1) + 1);
  }
  return lines;
}

/**
 * Icons for Windows: several sizes of a picture in one file.
 * @module
 */

import { concat } from "@std/bytes/concat";
import { little16, little32 } from "./bytes.ts";
import type { Picture } from "./picture.ts";
import { pngFile } from "./png.ts";

/** A directory with 16 bytes per picture, then the pictures as PNG. */
export function icoFile(pictures: readonly Picture[]): Uint8Array {
  const files = pictures.map(pngFile);
  let offset = 6 + 16 * files.length;
  const entries = pictures.map((picture, index) => {
    const length = files[index]?.length ?? 0;
    const size = new Uint8Array([picture.width, picture.height, 0, 0]);
    const entry = concat([size, little16(1), little16(32), little32(length), little32(offset)]);
    offset += length;
    return entry;
  });
  return concat([little16(0), little16(1), little16(files.length), ...entries, ...files]);
}

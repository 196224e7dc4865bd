/**
 * Draws favicon.svg as pixels.
 * @module
 */

import { blend, type Picture } from "./picture.ts";

/** Each pixel is the mean of 64 points, which makes smooth edges. */
export function favicon(size: number): Picture {
  const grid = 8;
  const pixels = new Uint8Array(size * size * 4);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const left = pixel % size;
    const top = Math.floor(pixel / size);
    let tile = 0;
    let mark = 0;
    for (let point = 0; point < grid * grid; point++) {
      const x = (left + (point % grid + 0.5) / grid) / size;
      const y = (top + (Math.floor(point / grid) + 0.5) / grid) / size;
      if (isInTile(x, y)) tile++;
      if (isInMark(x, y)) mark++;
    }
    const colour = blend(
      { red: 11, green: 110, blue: 105 },
      { red: 255, green: 255, blue: 255 },
      tile ? mark / tile : 0,
    );
    pixels.set([colour.red, colour.green, colour.blue, Math.round((255 * tile) / grid ** 2)], pixel * 4);
  }
  return { width: size, height: size, palette: null, pixels };
}

/** A square of side 1 with rounded corners. */
function isInTile(x: number, y: number): boolean {
  const radius = 0.22;
  const outsideX = Math.max(0, Math.abs(x - 0.5) - (0.5 - radius));
  const outsideY = Math.max(0, Math.abs(y - 0.5) - (0.5 - radius));
  return Math.hypot(outsideX, outsideY) <= radius;
}

/** A ring, and in it the quarter that a hand has swept. */
function isInMark(x: number, y: number): boolean {
  const distance = Math.hypot(x - 0.5, y - 0.5);
  const ring = distance >= 0.27 && distance <= 0.36;
  const quarter = distance <= 0.2 && x >= 0.5 && y <= 0.5;
  return ring || quarter;
}

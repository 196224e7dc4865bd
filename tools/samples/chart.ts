/**
 * The drawing of chart.png: a map with contour lines, in a frame.
 * @module
 */

import { blend, type Picture, type Rgb } from "./picture.ts";

const WIDTH = 480;
const HEIGHT = 300;
const BANDS = 12;
const FRAME = 6;

/** The outermost part of the frame has no gaps, so that the frame is closed. */
const EDGE = 2;

/** The closed frame shows that the picture arrived in full. */
export function chart(): Picture {
  const pixels = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) pixels[y * WIDTH + x] = chartColour(x, y);
  }
  return { width: WIDTH, height: HEIGHT, palette: chartPalette(), pixels };
}

/** An index into `chartPalette()`: the bands from low to high, then contour line, dark frame, light frame. */
function chartColour(x: number, y: number): number {
  const margin = Math.min(x, y, WIDTH - 1 - x, HEIGHT - 1 - y);
  if (margin < EDGE) return BANDS + 1;
  if (margin < FRAME) return BANDS + 1 + (Math.floor(x / 20) + Math.floor(y / 20)) % 2;
  const level = band(x, y);
  return level === band(x + 1, y) && level === band(x, y + 1) ? level : BANDS;
}

function band(x: number, y: number): number {
  const height = 1.1 * hill(x - 150, y - 120, 95) + 0.85 * hill(x - 345, y - 190, 80) +
    0.5 * hill(x - 390, y - 60, 55) +
    0.06 * Math.sin(x / 31 + y / 47) + 0.05 * Math.sin(y / 19 - x / 53);
  return Math.max(0, Math.min(BANDS - 1, Math.floor((height + 0.1) * 10)));
}

function hill(x: number, y: number, width: number): number {
  return Math.exp(-(x * x + y * y) / (width * width));
}

function chartPalette(): readonly Rgb[] {
  const low: Rgb = { red: 12, green: 84, blue: 96 };
  const middle: Rgb = { red: 150, green: 200, blue: 160 };
  const high: Rgb = { red: 246, green: 190, blue: 96 };
  const bands = Array.from({ length: BANDS }, (_, index) => {
    const part = index / (BANDS - 1);
    return part < 0.5 ? blend(low, middle, part * 2) : blend(middle, high, part * 2 - 1);
  });
  const line: Rgb = { red: 20, green: 50, blue: 56 };
  const darkFrame: Rgb = { red: 29, green: 35, blue: 39 };
  const lightFrame: Rgb = { red: 236, green: 234, blue: 228 };
  return [...bands, line, darkFrame, lightFrame];
}

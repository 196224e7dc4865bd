/**
 * Pictures as pixels and colours. Knows no format of files.
 * @module
 */

export interface Rgb {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

/** One byte per pixel with a palette, four (red, green, blue, alpha) without. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly palette: readonly Rgb[] | null;
  readonly pixels: Uint8Array;
}

export function blend(from: Rgb, to: Rgb, part: number): Rgb {
  const between = (first: number, last: number) => Math.round(first + (last - first) * part);
  return {
    red: between(from.red, to.red),
    green: between(from.green, to.green),
    blue: between(from.blue, to.blue),
  };
}

/**
 * Numbers for people. Pure.
 * @module
 */

const UNITS = ["kB", "MB", "GB", "TB", "PB"];

/** A number of bytes with three digits at most, and its unit: `0 B`, `1.2 kB`, `123 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 999.5) return `${Math.round(bytes)} B`;
  let value = bytes;
  let unit = -1;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

/** A number of things per second: `0`, `0.5`, `12`, `3,400`. */
export function formatRate(rate: number): string {
  if (rate === 0) return "0";
  return rate < 9.95 ? rate.toFixed(1).replace(/\.0$/, "") : Math.round(rate).toLocaleString("en-US");
}

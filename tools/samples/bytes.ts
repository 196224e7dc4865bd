/**
 * Bytes of the sample files: numbers in both byte orders, and text as UTF-8.
 * @module
 */

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function little16(value: number): Uint8Array {
  return new Uint8Array([value & 0xff, value >>> 8]);
}

export function little32(value: number): Uint8Array {
  return new Uint8Array([value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]);
}

export function big32(value: number): Uint8Array {
  return little32(value).reverse();
}

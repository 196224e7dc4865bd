/**
 * Bytes of the sample files: parts behind one another, numbers in either order, text as UTF-8.
 * @module
 */

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
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

/**
 * PROXY headers of version 2, written by hand.
 */

/** Numbers of version 2. */
export const V2 = { local: 0x20, proxy: 0x21, tcp4: 0x11, tcp6: 0x21 } as const;

/** The bytes of a header. `declared`: another length than the true one. */
export function proxyHeaderV2({ command = V2.proxy, family, source, port = 0, extensions = [], declared }: {
  readonly command?: number;
  readonly family: number;
  readonly source?: readonly number[];
  readonly port?: number;
  readonly extensions?: readonly number[];
  readonly declared?: number;
}): Uint8Array<ArrayBuffer> {
  const size = family === V2.tcp4 ? 4 : family === V2.tcp6 ? 16 : 0;
  const zeros = new Array(size).fill(0);
  const ports = size === 0 ? [] : [port >> 8, port & 255, 0, 80];
  const rest = [...source ?? zeros, ...zeros, ...ports, ...extensions];
  const length = declared ?? rest.length;
  const signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
  return Uint8Array.of(...signature, command, family, length >> 8, length & 255, ...rest);
}

/**
 * The error codes of HTTP/2 (RFC 9113, section 7), and errors as values. Pure.
 * @module
 */

/** Error codes by their names. */
export const ErrorCode = {
  NO_ERROR: 0x0,
  PROTOCOL_ERROR: 0x1,
  INTERNAL_ERROR: 0x2,
  FLOW_CONTROL_ERROR: 0x3,
  SETTINGS_TIMEOUT: 0x4,
  STREAM_CLOSED: 0x5,
  FRAME_SIZE_ERROR: 0x6,
  REFUSED_STREAM: 0x7,
  CANCEL: 0x8,
  COMPRESSION_ERROR: 0x9,
  CONNECT_ERROR: 0xa,
  ENHANCE_YOUR_CALM: 0xb,
  INADEQUATE_SECURITY: 0xc,
  HTTP_1_1_REQUIRED: 0xd,
} as const;

/** A peer's mistake that ends the connection (5.4.1). */
export class ConnectionError {
  readonly kind = "connection error";

  /** `reason` goes into the GOAWAY frame, for the person who looks for the mistake. */
  constructor(readonly code: number, readonly reason: string) {}
}

/** A peer's mistake that ends one stream (5.4.2). */
export class StreamError {
  readonly kind = "stream error";

  constructor(readonly stream: number, readonly code: number, readonly reason: string) {}
}

/** The name of an error code, for logs. */
export function nameOfCode(code: number): string {
  const found = Object.entries(ErrorCode).find(([, value]) => value === code);
  return found?.[0] ?? `code ${code}`;
}

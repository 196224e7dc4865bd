/**
 * Limits on requests. Each has its unit in its name, its reason, and what happens beyond it.
 * @module
 */

/** RFC 9112, section 3, recommends at least 8000 octets. Longer targets are accidents or attacks. Beyond it: 414. */
export const REQUEST_LINE_BYTES_MAX = 8192;

/** A cookie may have 4096 octets. A static server needs no longer fields than request lines. Beyond it: 431. */
export const FIELD_LINE_BYTES_MAX = 8192;

/** Browsers send 10 to 25 field lines, and proxies add a few. Bounds the parser's offsets. Beyond it: 431. */
export const FIELD_LINES_MAX = 100;

/** A whole head. Bounds the memory that a client can use before it has sent a valid request. Beyond it: 431. */
export const HEAD_BYTES_MAX = 32 * 1024;

/** RFC 9112, section 2.2, says to ignore "at least one" empty line before a request line. Beyond it: 400. */
export const EMPTY_LINES_MAX = 4;

/** No method here uses content. The server only skips it, to keep the connection. Beyond it: 413, and close. */
export const CONTENT_BYTES_MAX = 64 * 1024;

/** One line of chunked content with its extensions, which clients seldom send. Beyond it: 400, and close. */
export const CHUNK_LINE_BYTES_MAX = 4096;

/** All lines around the chunks of one request (see RFC 9112, section 7.1.1). Beyond it: 413, and close. */
export const CHUNK_FRAMING_BYTES_MAX = 64 * 1024;

/** All trailer fields of one request. They are not used. Beyond it: 431, and close. */
export const TRAILER_BYTES_MAX = 8192;

/** Ranges in one request. PDF readers request a few dozen at once. Beyond it, the field is ignored: 200. */
export const RANGES_MAX = 64;

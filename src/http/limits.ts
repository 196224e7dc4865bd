/**
 * What one client may ask of us. Each limit with its unit in the name and its reason.
 * @module
 */

/** RFC 9112, section 3, asks for 8000 octets at least; longer targets are accidents or attacks. Past it: 414. */
export const REQUEST_LINE_BYTES_MAX = 8192;

/** Cookies may reach 4096 octets each; what is longer than a request line is no use to a static server. Past it: 431. */
export const FIELD_LINE_BYTES_MAX = 8192;

/** Browsers send 10 to 25 field lines, proxies add a few. Bounds the parser's offsets. Past it: 431. */
export const FIELD_LINES_MAX = 100;

/** All of a head. Bounds the memory that a client who has shown no valid request can claim. Past it: 431. */
export const HEAD_BYTES_MAX = 32 * 1024;

/** RFC 9112, section 2.2, asks to ignore "at least one" empty line before a request line. Past it: 400. */
export const EMPTY_LINES_MAX = 4;

/** No method here takes content, so content is only read past, to keep the connection. Past it: 413, and close. */
export const CONTENT_BYTES_MAX = 64 * 1024;

/** One line of chunked content, its extensions included. Nobody sends any. Past it: 400, and close. */
export const CHUNK_LINE_BYTES_MAX = 4096;

/** All lines around the chunks of one request: RFC 9112, section 7.1.1, asks to limit their total. Past it: 413, and close. */
export const CHUNK_FRAMING_BYTES_MAX = 64 * 1024;

/** All trailer fields of one request; they are not used. Past it: 431, and close. */
export const TRAILER_BYTES_MAX = 8192;

/** Ranges in one request. PDF readers ask for a few dozen at once. Past it the field is ignored: 200. */
export const RANGES_MAX = 64;

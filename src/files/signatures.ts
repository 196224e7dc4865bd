/**
 * Media types by the first bytes of a file. HTML and SVG are not recognised and stay text, because they can contain
 * scripts, and neither a name nor a setting says that the file should run them.
 * @module
 */

/** The number of first bytes that are needed. */
export const SNIFFED_BYTES = 512;

/** A text at a position, one character per octet. `?` matches any octet. */
type Mark = readonly [at: number, text: string];

interface Signature {
  readonly type: string;
  readonly marks: readonly Mark[];
}

function signature(type: string, ...marks: readonly Mark[]): Signature {
  return { type, marks };
}

/** Formats whose first bytes are never all text, so that a text with the same beginning remains text. */
const BINARY: readonly Signature[] = [
  signature("image/png", [0, "\x89PNG\r\n\x1a\n"]),
  signature("image/jpeg", [0, "\xff\xd8\xff"]),
  signature("image/gif", [0, "GIF87a"]),
  signature("image/gif", [0, "GIF89a"]),
  signature("image/webp", [0, "RIFF"], [8, "WEBP"]),
  signature("image/avif", [4, "ftypavif"]),
  signature("image/heic", [4, "ftypheic"]),
  signature("image/jxl", [0, "\0\0\0\x0cJXL \r\n\x87\n"]),
  signature("image/vnd.microsoft.icon", [0, "\0\0\x01\0"]),
  signature("image/tiff", [0, "II*\0"]),
  signature("image/tiff", [0, "MM\0*"]),
  signature("audio/wav", [0, "RIFF"], [8, "WAVE"]),
  signature("audio/mpeg", [0, "ID3"]),
  signature("audio/flac", [0, "fLaC"]),
  signature("audio/midi", [0, "MThd\0\0\0\x06"]),
  signature("application/ogg", [0, "OggS\0"]),
  signature("audio/mp4", [4, "ftypM4A "]),
  signature("video/quicktime", [4, "ftypqt  "]),
  signature("video/mp4", [4, "ftyp"]),
  signature("video/webm", [0, "\x1aE\xdf\xa3"]),
  signature("font/woff", [0, "wOFF"]),
  signature("font/woff2", [0, "wOF2"]),
  signature("application/wasm", [0, "\0asm"]),
  signature("application/vnd.sqlite3", [0, "SQLite format 3\0"]),
  signature("application/zip", [0, "PK\x03\x04"]),
  signature("application/gzip", [0, "\x1f\x8b\x08"]),
  signature("application/x-bzip2", [0, "BZh?1AY&SY"]),
  signature("application/x-xz", [0, "\xfd7zXZ\0"]),
  signature("application/zstd", [0, "(\xb5/\xfd"]),
  signature("application/x-7z-compressed", [0, "7z\xbc\xaf\x27\x1c"]),
  signature("application/vnd.rar", [0, "Rar!\x1a\x07"]),
  signature("application/x-tar", [257, "ustar"]),
];

const PDF = signature("application/pdf", [0, "%PDF-"]);

/** Text with a byte order mark. It may contain octets that other text does not. */
const UTF16: readonly Signature[] = [
  signature("text/plain; charset=utf-16", [0, "\xfe\xff"]),
  signature("text/plain; charset=utf-16", [0, "\xff\xfe"]),
];

/** The media type of a file that begins with `bytes`. `application/octet-stream`: a program or an unknown format. */
export function typeByContent(bytes: Uint8Array): string {
  const always = [PDF, ...UTF16].find((each) => fits(bytes, each));
  if (always !== undefined) return always.type;
  if (!looksBinary(bytes)) return "text/plain";
  return BINARY.find((each) => fits(bytes, each))?.type ?? "application/octet-stream";
}

/** Whether `bytes` contain control characters that text does not: all but tab, line ends, form feed and escape. */
export function looksBinary(bytes: Uint8Array): boolean {
  if (UTF16.some((each) => fits(bytes, each))) return false;
  return bytes.some((octet) => octet < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d, 0x1b].includes(octet));
}

/** Whether `bytes` begin like a gzip file (RFC 1952). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function fits(bytes: Uint8Array, { marks }: Signature): boolean {
  return marks.every(([at, text]) => {
    for (let index = 0; index < text.length; index++) {
      if (text[index] !== "?" && bytes[at + index] !== text.charCodeAt(index)) return false;
    }
    return true;
  });
}

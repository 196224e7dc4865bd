/**
 * Makes the generated files of the sample website: everything in `www/files/`, and `www/favicon.ico`.
 * Owns their content, byte for byte: two runs give the same files. Knows nothing of the server that sends them.
 *
 * Run from the top level: `deno run --allow-write=www --allow-read=www tools/make_samples.ts`
 * @module
 */

import { crc32, deflateSync } from "node:zlib";

const LINE_COUNT = 65_536;
const LINE_BYTES = 64;

const SAMPLE_RATE_HZ = 11_025;
const NOTE_SECONDS = 0.3125; // Eight to a bar, eight bars: 20 s.
const NOTES_PER_BAR = 8;
const FADE_IN_SECONDS = 0.02;
const FADE_OUT_SECONDS = 1.5;

const CHART_WIDTH = 480;
const CHART_HEIGHT = 300;
const CHART_BANDS = 12;
const CHART_FRAME = 6;

interface Rgb {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

/** One byte a pixel where there is a palette, four (red, green, blue, alpha) where there is none. */
interface Picture {
  readonly width: number;
  readonly height: number;
  readonly palette: readonly Rgb[] | null;
  readonly pixels: Uint8Array;
}

interface Note {
  readonly startSeconds: number;
  readonly ringSeconds: number;
  readonly hertz: number;
  readonly level: number;
}

function main(): void {
  Deno.mkdirSync("www/files", { recursive: true });
  put("www/files/hello.txt", utf8(helloText()));
  put("www/files/name with blanks.txt", utf8("The name of this file has two blanks. In a URL each is written %20.\n"));
  put(
    "www/files/naïve café.txt",
    utf8("In a URL this file is called na%C3%AFve%20caf%C3%A9.txt: UTF-8, then percent-encoded.\n"),
  );
  put("www/files/empty.txt", new Uint8Array(0));
  put("www/files/lines.txt", numberedLines());
  put("www/files/tone.wav", wavFile(melody()));
  put("www/files/chart.png", pngFile(chart()));
  put("www/files/page.pdf", pdfFile(pageContent()));
  put("www/favicon.ico", icoFile([favicon(16), favicon(32)]));
}

/** A file that already holds these bytes is left alone: its modification time, a validator in HTTP, stays true. */
function put(path: string, bytes: Uint8Array): void {
  const unchanged = holds(path, bytes);
  if (!unchanged) Deno.writeFileSync(path, bytes);
  console.log(`${String(bytes.length).padStart(9)} ${path}${unchanged ? " (unchanged)" : ""}`);
}

function holds(path: string, bytes: Uint8Array): boolean {
  try {
    const present = Deno.readFileSync(path);
    return present.length === bytes.length && present.every((byte, index) => byte === bytes[index]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

// Text

function helloText(): string {
  return [
    "Hello. Grüße. Здравствуйте. Γειά σου. こんにちは.",
    "This text is UTF-8: it has more bytes than characters, and Content-Length counts bytes.",
    "",
  ].join("\n");
}

/** Lines of 64 bytes, each with its number and offset, so that the bytes of a range name their own place. */
function numberedLines(): Uint8Array {
  const lines: string[] = [];
  for (let line = 0; line < LINE_COUNT; line++) {
    const place = `${String(line).padStart(5, "0")} ${String(line * LINE_BYTES).padStart(7, "0")} `;
    lines.push(place + ruler(place.length, LINE_BYTES - 1));
  }
  return utf8(lines.join("\n") + "\n");
}

/** A digit at each tenth byte of the line, a plus sign half way between. */
function ruler(first: number, end: number): string {
  let marks = "";
  for (let column = first; column < end; column++) {
    if (column % 10 === 0) marks += String(column / 10);
    else marks += column % 5 === 0 ? "+" : ".";
  }
  return marks;
}

// Sound

/** Broken chords over a walking bass. The last bar climbs once and rings out. */
function melody(): readonly Note[] {
  const up = [0, 1, 2, 3, 4, 3, 2, 1];
  const bars = [
    { bass: 48, chord: [60, 64, 67, 72, 76], order: up },
    { bass: 45, chord: [57, 64, 69, 72, 76], order: up },
    { bass: 41, chord: [57, 60, 65, 69, 72], order: up },
    { bass: 43, chord: [55, 62, 67, 71, 74], order: up },
    { bass: 40, chord: [59, 64, 67, 71, 79], order: up },
    { bass: 45, chord: [60, 64, 69, 72, 76], order: up },
    { bass: 43, chord: [57, 62, 65, 69, 74], order: up },
    { bass: 48, chord: [60, 64, 67, 72, 76], order: [0, 1, 2, 3, 4] },
  ];
  return bars.flatMap(({ bass, chord, order }, bar) => {
    const startSeconds = bar * NOTES_PER_BAR * NOTE_SECONDS;
    const low: Note = { startSeconds, ringSeconds: 2.6, hertz: hertzOfKey(bass), level: 0.8 };
    const high = order.map((step, index): Note => ({
      startSeconds: startSeconds + index * NOTE_SECONDS,
      ringSeconds: 1.5,
      hertz: hertzOfKey(chord[step] ?? bass),
      level: index % 4 === 0 ? 0.6 : 0.5,
    }));
    return [low, ...high];
  });
}

/** Keys are numbered as in MIDI: 69 is the A of 440 Hz, 12 keys are an octave. */
function hertzOfKey(key: number): number {
  return 440 * 2 ** ((key - 69) / 12);
}

/** RIFF WAVE, PCM, one channel, eight unsigned bits: one byte a sample, so that seconds turn into offsets by one product. */
function wavFile(notes: readonly Note[]): Uint8Array {
  const samples = toEightBits(mix(notes));
  const padding = new Uint8Array(samples.length % 2); // RIFF chunks have even lengths.
  return concat([
    utf8("RIFF"),
    little32(36 + samples.length + padding.length),
    utf8("WAVEfmt "),
    little32(16),
    little16(1), // PCM
    little16(1), // Channels
    little32(SAMPLE_RATE_HZ),
    little32(SAMPLE_RATE_HZ), // Bytes a second
    little16(1), // Bytes a sample
    little16(8), // Bits a sample
    utf8("data"),
    little32(samples.length),
    samples,
    padding,
  ]);
}

function mix(notes: readonly Note[]): Float64Array {
  const seconds = 8 * NOTES_PER_BAR * NOTE_SECONDS;
  const wave = new Float64Array(Math.round(seconds * SAMPLE_RATE_HZ));
  for (const note of notes) {
    const first = Math.round(note.startSeconds * SAMPLE_RATE_HZ);
    const end = Math.min(wave.length, first + Math.round(note.ringSeconds * SAMPLE_RATE_HZ));
    for (let index = first; index < end; index++) {
      wave[index] = (wave[index] ?? 0) + pluck(note, (index - first) / SAMPLE_RATE_HZ);
    }
  }
  return wave.map((value, index) => value * fade(index / SAMPLE_RATE_HZ, seconds));
}

/** A plucked string, roughly: a short attack, a decay that reaches zero where the note ends, so that nothing clicks. */
function pluck(note: Note, seconds: number): number {
  const phase = 2 * Math.PI * note.hertz * seconds;
  const tone = Math.sin(phase) + 0.3 * Math.sin(2 * phase) + 0.1 * Math.sin(3 * phase);
  const attack = Math.min(1, seconds / 0.01);
  const decay = Math.exp(-2 * seconds) * (1 - seconds / note.ringSeconds);
  return note.level * attack * decay * tone;
}

function fade(seconds: number, end: number): number {
  return Math.min(1, seconds / FADE_IN_SECONDS, (end - seconds) / FADE_OUT_SECONDS);
}

function toEightBits(wave: Float64Array): Uint8Array {
  const peak = wave.reduce((highest, value) => Math.max(highest, Math.abs(value)), 0);
  return Uint8Array.from(wave, (value) => Math.round(128 + (value / peak) * 120));
}

// Pictures

/** A map with contour lines. The frame shows whether the picture arrived whole: it is closed only then. */
function chart(): Picture {
  const pixels = new Uint8Array(CHART_WIDTH * CHART_HEIGHT);
  for (let y = 0; y < CHART_HEIGHT; y++) {
    for (let x = 0; x < CHART_WIDTH; x++) pixels[y * CHART_WIDTH + x] = chartColour(x, y);
  }
  return { width: CHART_WIDTH, height: CHART_HEIGHT, palette: chartPalette(), pixels };
}

/** An index into `chartPalette()`: the bands from low to high, then contour line, dark frame, light frame. */
function chartColour(x: number, y: number): number {
  const margin = Math.min(x, y, CHART_WIDTH - 1 - x, CHART_HEIGHT - 1 - y);
  if (margin < CHART_FRAME) return CHART_BANDS + 1 + (Math.floor(x / 20) + Math.floor(y / 20)) % 2;
  const level = band(x, y);
  return level === band(x + 1, y) && level === band(x, y + 1) ? level : CHART_BANDS;
}

function band(x: number, y: number): number {
  const height = 1.1 * hill(x - 150, y - 120, 95) + 0.85 * hill(x - 345, y - 190, 80) +
    0.5 * hill(x - 390, y - 60, 55) +
    0.06 * Math.sin(x / 31 + y / 47) + 0.05 * Math.sin(y / 19 - x / 53);
  return Math.max(0, Math.min(CHART_BANDS - 1, Math.floor((height + 0.1) * 10)));
}

function hill(x: number, y: number, width: number): number {
  return Math.exp(-(x * x + y * y) / (width * width));
}

function chartPalette(): readonly Rgb[] {
  const low: Rgb = { red: 12, green: 84, blue: 96 };
  const middle: Rgb = { red: 150, green: 200, blue: 160 };
  const high: Rgb = { red: 246, green: 190, blue: 96 };
  const bands = Array.from({ length: CHART_BANDS }, (_, index) => {
    const part = index / (CHART_BANDS - 1);
    return part < 0.5 ? blend(low, middle, part * 2) : blend(middle, high, part * 2 - 1);
  });
  const line: Rgb = { red: 20, green: 50, blue: 56 };
  const darkFrame: Rgb = { red: 29, green: 35, blue: 39 };
  const lightFrame: Rgb = { red: 236, green: 234, blue: 228 };
  return [...bands, line, darkFrame, lightFrame];
}

function blend(from: Rgb, to: Rgb, part: number): Rgb {
  const between = (first: number, last: number) => Math.round(first + (last - first) * part);
  return {
    red: between(from.red, to.red),
    green: between(from.green, to.green),
    blue: between(from.blue, to.blue),
  };
}

/** The drawing of favicon.svg in pixels: each is the mean of 64 points, which makes smooth edges. */
function favicon(size: number): Picture {
  const grid = 8;
  const pixels = new Uint8Array(size * size * 4);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const left = pixel % size;
    const top = Math.floor(pixel / size);
    let tile = 0;
    let mark = 0;
    for (let point = 0; point < grid * grid; point++) {
      const x = (left + (point % grid + 0.5) / grid) / size;
      const y = (top + (Math.floor(point / grid) + 0.5) / grid) / size;
      if (isInTile(x, y)) tile++;
      if (isInMark(x, y)) mark++;
    }
    const colour = blend(
      { red: 11, green: 110, blue: 105 },
      { red: 255, green: 255, blue: 255 },
      tile ? mark / tile : 0,
    );
    pixels.set([colour.red, colour.green, colour.blue, Math.round((255 * tile) / grid ** 2)], pixel * 4);
  }
  return { width: size, height: size, palette: null, pixels };
}

/** A square of side 1 with rounded corners. */
function isInTile(x: number, y: number): boolean {
  const radius = 0.22;
  const outsideX = Math.max(0, Math.abs(x - 0.5) - (0.5 - radius));
  const outsideY = Math.max(0, Math.abs(y - 0.5) - (0.5 - radius));
  return Math.hypot(outsideX, outsideY) <= radius;
}

/** A ring, and in it the quarter that a hand has swept. */
function isInMark(x: number, y: number): boolean {
  const distance = Math.hypot(x - 0.5, y - 0.5);
  const ring = distance >= 0.27 && distance <= 0.36;
  const quarter = distance <= 0.2 && x >= 0.5 && y <= 0.5;
  return ring || quarter;
}

/** Windows icon: a directory of 16 bytes a picture, then the pictures, here as PNG. */
function icoFile(pictures: readonly Picture[]): Uint8Array {
  const files = pictures.map(pngFile);
  let offset = 6 + 16 * files.length;
  const entries = pictures.map((picture, index) => {
    const length = files[index]?.length ?? 0;
    const size = new Uint8Array([picture.width, picture.height, 0, 0]);
    const entry = concat([size, little16(1), little16(32), little32(length), little32(offset)]);
    offset += length;
    return entry;
  });
  return concat([little16(0), little16(1), little16(files.length), ...entries, ...files]);
}

function pngFile(picture: Picture): Uint8Array {
  const { width, height, palette } = picture;
  const colourType = palette === null ? 6 : 3;
  const header = concat([big32(width), big32(height), new Uint8Array([8, colourType, 0, 0, 0])]);
  const colours = palette?.flatMap(({ red, green, blue }) => [red, green, blue]) ?? [];
  return concat([
    new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk("IHDR", header),
    palette === null ? new Uint8Array(0) : pngChunk("PLTE", new Uint8Array(colours)),
    pngChunk("IDAT", deflateSync(scanLines(picture), { level: 9 })),
    pngChunk("IEND", new Uint8Array(0)),
  ]);
}

function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const checked = concat([utf8(type), data]);
  return concat([big32(data.length), checked, big32(crc32(checked))]);
}

/** Each line is preceded by its filter type: 0, none. */
function scanLines({ width, height, palette, pixels }: Picture): Uint8Array {
  const lineBytes = width * (palette === null ? 4 : 1);
  const lines = new Uint8Array(height * (lineBytes + 1));
  for (let y = 0; y < height; y++) {
    lines.set(pixels.subarray(y * lineBytes, (y + 1) * lineBytes), y * (lineBytes + 1) + 1);
  }
  return lines;
}

// Paper

/** PDF drawing operators for one A4 page (595 by 842 points, origin at the lower left). */
function pageContent(): string {
  const lines = [
    "This page was made by tools/make_samples.ts.",
    "A reader finds the table at the end of the file first, and through it every object.",
    "So a PDF shows at once whether the last byte arrived.",
  ];
  const squares = Array.from({ length: 12 }, (_, index) => {
    const part = index / 11;
    const shade = [0.05 + 0.9 * part, 0.43 + 0.3 * part, 0.41 - 0.03 * part].map((value) => value.toFixed(2));
    return `${shade.join(" ")} rg ${72 + index * 38} 560 33 33 re f`;
  });
  return [
    "0.05 0.43 0.41 RG 2 w 36 36 523 770 re S",
    "BT /F1 28 Tf 72 720 Td (A test page) Tj ET",
    `BT /F1 12 Tf 18 TL 72 680 Td ${lines.map((line) => `(${line}) Tj T*`).join(" ")} ET`,
    ...squares,
  ].join("\n");
}

function pdfFile(content: string): Uint8Array {
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R >>",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    "<< /Title (A test page) >>",
  ];
  let text = "%PDF-1.4\n";
  let entries = "0000000000 65535 f \n"; // Each entry has 20 bytes: hence the blank before the line end.
  objects.forEach((object, index) => {
    entries += `${String(text.length).padStart(10, "0")} 00000 n \n`;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
  });
  const count = objects.length + 1;
  const trailer = `trailer\n<< /Size ${count} /Root 1 0 R /Info 6 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
  return utf8(`${text}xref\n0 ${count}\n${entries}${trailer}`); // All ASCII, so lengths in characters are lengths in bytes.
}

// Bytes

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function little16(value: number): Uint8Array {
  return new Uint8Array([value & 0xff, value >>> 8]);
}

function little32(value: number): Uint8Array {
  return new Uint8Array([value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]);
}

function big32(value: number): Uint8Array {
  return little32(value).reverse();
}

if (import.meta.main) main();

/**
 * RIFF WAVE files: mixes notes to samples, and writes the header before them.
 * @module
 */

import { concat } from "@std/bytes/concat";
import { little16, little32, utf8 } from "./bytes.ts";
import type { Note } from "./melody.ts";

const SAMPLE_RATE_HZ = 11_025;
const FADE_IN_SECONDS = 0.02;
const FADE_OUT_SECONDS = 1.5;

/** PCM, one channel, eight unsigned bits: one byte per sample, so that offsets are proportional to seconds. */
export function wavFile(notes: readonly Note[], seconds: number): Uint8Array {
  const samples = toEightBits(mix(notes, seconds));
  const padding = new Uint8Array(samples.length % 2); // RIFF chunks have even lengths.
  return concat([
    utf8("RIFF"),
    little32(36 + samples.length + padding.length),
    utf8("WAVEfmt "),
    little32(16),
    little16(1), // PCM
    little16(1), // Channels
    little32(SAMPLE_RATE_HZ),
    little32(SAMPLE_RATE_HZ), // Bytes per second
    little16(1), // Bytes per sample
    little16(8), // Bits per sample
    utf8("data"),
    little32(samples.length),
    samples,
    padding,
  ]);
}

function mix(notes: readonly Note[], seconds: number): Float64Array {
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

/** A simple plucked string: a short attack, and a decay to zero at the end of the note, so that nothing clicks. */
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

/**
 * A melody as notes. Knows music; not how it is stored.
 * @module
 */

/** A sound, and the time at which it begins. */
export interface Note {
  readonly startSeconds: number;
  readonly ringSeconds: number;
  readonly hertz: number;
  readonly level: number;
}

/** Eight notes to a bar, eight bars: 20 s. */
const NOTE_SECONDS = 0.3125;
const NOTES_PER_BAR = 8;

export const MELODY_SECONDS = 8 * NOTES_PER_BAR * NOTE_SECONDS;

/** Broken chords over a walking bass. The last bar climbs and fades. */
export function melody(): readonly Note[] {
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

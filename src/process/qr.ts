/**
 * A QR code for a terminal. Its library is loaded only when a code is shown.
 * @module
 */

/** A rendered code. */
export interface QrCode {
  /** Lines without LF at the end. */
  readonly text: string;
  readonly rows: number;
  readonly columns: number;
}

/** Modules around the code. The standard asks for four; scanners need two, and a low terminal has no more room. */
const BORDER = 2;

/** White on black in a terminal of any colours, because scanners want a light border. */
const COLOURS = { on: "\x1b[97;40m", off: "\x1b[0m" };

/** Renders `text`, two modules of a column in one character. Without `colour`, it is right on a dark terminal. */
export async function qrCode(text: string, { colour }: { readonly colour: boolean }): Promise<QrCode> {
  const { renderUnicodeCompact } = await import("uqr");
  const lines = renderUnicodeCompact(text, { border: BORDER }).split("\n");
  const shown = lines.map((line) => colour ? `    ${COLOURS.on}${line}${COLOURS.off}` : `    ${line}`);
  return { text: shown.join("\n"), rows: lines.length, columns: 4 + (lines[0]?.length ?? 0) };
}

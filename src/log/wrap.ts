/**
 * Text in lines that fit a terminal. Pure.
 * @module
 */

/** The lines of `text`, broken at blanks. A word that is longer than `columns` has a line of its own. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length > columns && line !== "") lines.push(line);
    line = longer.length > columns ? word : longer;
  }
  return [...lines, line];
}

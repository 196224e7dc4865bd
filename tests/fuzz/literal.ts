/**
 * Converts bytes to a JavaScript expression for a command line, and back: `"GET /" + "a".repeat(9000)`.
 */

/** Repetitions that save fewer characters than this are written out. */
const REPEATED_CHARS_MIN = 100;

const PERIOD_MAX = 80;

/** `text` in ASCII and without apostrophes, so that a shell accepts it between apostrophes. */
export function literal(text: string): string {
  const parts: string[] = [];
  let plainFrom = 0;
  for (let at = 0; at < text.length;) {
    const [period, times] = repetition(text, at);
    if (period * times < REPEATED_CHARS_MIN || times < 3) {
      at++;
      continue;
    }
    if (at > plainFrom) parts.push(quote(text.slice(plainFrom, at)));
    parts.push(`${quote(text.slice(at, at + period))}.repeat(${times})`);
    at += period * times;
    plainFrom = at;
  }
  if (plainFrom < text.length || parts.length === 0) parts.push(quote(text.slice(plainFrom)));
  return parts.join(" + ");
}

/** The inverse of `literal`. Accepts no other JavaScript. */
export function parseLiteral(expression: string): string {
  const PART = /\s*("(?:[^"\\]|\\.)*")(?:\.repeat\(([0-9]+)\))?\s*(\+|$)/y;
  let text = "";
  while (PART.lastIndex < expression.length) {
    const [, quoted, times = "1"] = PART.exec(expression) ?? [];
    if (quoted === undefined) throw new SyntaxError(`Not an input: ${expression.slice(0, 60)}`);
    text += JSON.parse(quoted).repeat(Number(times));
  }
  return text;
}

function quote(text: string): string {
  return JSON.stringify(text).replace(/['\x7f-\uffff]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** The longest repetition at `at`: the length of the repeated text, and how often it occurs. */
function repetition(text: string, at: number): [period: number, times: number] {
  let best: [number, number] = [1, 1];
  for (let period = 1; period <= PERIOD_MAX; period++) {
    let end = at + period;
    while (end < text.length && text[end] === text[end - period]) end++;
    const times = Math.floor((end - at) / period);
    if (times * period > best[0] * best[1]) best = [period, times];
  }
  return best;
}

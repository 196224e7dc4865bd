/**
 * The reference for content codings: slow, obvious, and made from the text of RFC 9110, section 12.5.3, alone. And values
 * of Accept-Encoding to compare it with.
 */

/** The coding to send of those in `forms`, or `identity`, or `406`. */
export function preferred(value: string, forms: readonly string[]): string {
  const candidates = ["br", "zstd", "gzip"].filter((coding) => forms.includes(coding));
  const weights = new Map([...candidates, "identity"].map((coding) => [coding, weight(value, coding)]));
  // From the greatest weight to the smallest, each coding is tried before identity.
  for (let thousandths = 1000; thousandths > 0; thousandths--) {
    for (const coding of candidates) {
      if (weights.get(coding) === thousandths) return coding;
    }
    if (weights.get("identity") === thousandths) return "identity";
  }
  return weights.get("identity") === null ? "identity" : "406";
}

/** The weight of a coding in thousandths; `null`: the field does not mention it. */
function weight(value: string, coding: string): number | null {
  let own: number | null = null;
  let others: number | null = null;
  for (const part of value.split(",")) {
    const [name = "", ...parameters] = part.split(";").map((text) =>
      text.replace(/^[ \t]+|[ \t]+$/g, "").toLowerCase()
    );
    const thousandths = parameters.length === 0
      ? 1000
      : parameters.length === 1
      ? WEIGHT_TEXTS.get(parameters[0]!) ?? null
      : null;
    if (thousandths === null) continue;
    const isSame = name === coding || name === "x-gzip" && coding === "gzip";
    if (isSame) own = Math.max(own ?? 0, thousandths);
    if (name === "*") others = Math.max(others ?? 0, thousandths);
  }
  return own ?? others;
}

/** `q=0`, `q=0.` to `q=0.999`, `q=1` to `q=1.000`, each with its thousandths. */
const WEIGHT_TEXTS: ReadonlyMap<string, number> = makeWeightTexts();

function makeWeightTexts(): Map<string, number> {
  const texts = new Map<string, number>();
  for (let thousandths = 0; thousandths <= 1000; thousandths++) {
    const full = (thousandths / 1000).toFixed(3);
    for (let length = 1; length <= full.length; length++) {
      if (/^[.0]*$/.test(full.slice(length))) texts.set(`q=${full.slice(0, length)}`, thousandths);
    }
  }
  return texts;
}

const NAMES = ["br", "zstd", "gzip", "identity", "*", "x-gzip", "deflate", "BR"];
const WEIGHTS = ["", ";q=1", ";q=0", ";q=0.5", "; q=0.001", ";q=0.", ";q=1.000", " ; q=0.9", ";q=1.5", ";q=-1", ";q"];

/** Values of one to four members. The same at each run. */
export const VALUES: readonly string[] = makeValues(240);

function makeValues(count: number): string[] {
  let state = 1;
  const next = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  const member = () => NAMES[next(NAMES.length)]! + WEIGHTS[next(WEIGHTS.length)]!;
  const common = [
    "",
    "gzip, deflate, br",
    "gzip, deflate, br, zstd",
    "*;q=0",
    "identity;q=0, *",
    "gzip;q=1.0, *;q=0.5",
  ];
  const values = new Set(common);
  while (values.size < count) values.add(Array.from({ length: 1 + next(4) }, member).join(next(2) === 0 ? ", " : ","));
  return [...values];
}

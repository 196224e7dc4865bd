/**
 * What the doctor finds, as values, as text for people and as JSON for programs. Pure.
 * @module
 */

/** `fine`; `note`: a fact; `warning`: it works, with a disadvantage; `failed`: something does not work. */
export type Verdict = "fine" | "note" | "warning" | "failed";

/** One finding. */
export interface Finding {
  readonly topic: string;
  readonly verdict: Verdict;
  /** One sentence. */
  readonly text: string;
  /** What to do; absent if there is nothing to do. */
  readonly advice?: string;
}

/** Whether something does not work. */
export function hasFailed(findings: readonly Finding[]): boolean {
  return findings.some(({ verdict }) => verdict === "failed");
}

/** Findings for people, one per line, with the advice below, and a summary at the end. */
export function describeFindings(findings: readonly Finding[], seconds: number): string {
  const width = Math.max(...findings.map(({ topic }) => topic.length));
  const lines = findings.flatMap(({ topic, verdict, text, advice }, index) => {
    const shown = findings[index - 1]?.topic === topic ? "" : topic;
    const line = `${MARKS[verdict]}  ${shown.padEnd(width)}  ${harmless(text)}`;
    return advice === undefined ? [line] : [line, `${" ".repeat(width + 11)}-> ${harmless(advice)}`];
  });
  const count = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).length;
  const [failed, warnings] = [count("failed"), count("warning")];
  const result = failed > 0
    ? `${failed} ${plural(failed, "problem")} to solve`
    : warnings > 0
    ? `it works, with ${warnings} ${plural(warnings, "warning")}`
    : "all is well";
  return [...lines, `${result} (${seconds.toFixed(1)} s)`, ""].join("\n");
}

/** Findings for programs. */
export function findingsJson(findings: readonly Finding[], seconds: number): Readonly<Record<string, unknown>> {
  return { ok: !hasFailed(findings), seconds: Number(seconds.toFixed(3)), findings };
}

const MARKS: Record<Verdict, string> = { fine: "ok     ", note: "       ", warning: "warning", failed: "FAILED " };

function plural(count: number, word: string): string {
  return count === 1 ? word : `${word}s`;
}

/** Replaces control characters of paths and names, so that they cannot control the terminal. */
function harmless(text: string): string {
  return text.replace(/\p{Cc}/gu, "\uFFFD");
}

/**
 * Checks of the other two servers of the lab: the question protocol, and echo.
 * @module
 */

import type { Bench, Check, Group } from "./check.ts";
import { Wire } from "./wire.ts";

const LARGE_BYTES = 2_000_000;

/** Sends each of `parts` with a pause after it, and expects exactly `answer`. */
function answers(name: string, points: number, parts: readonly string[], answer: string): Check {
  return {
    name,
    points,
    isPossible: ({ question }) => question !== null,
    run: async ({ question }) => {
      using wire = await Wire.open(question!);
      for (const part of parts) {
        await wire.send(part);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const text = await wire.take(answer.length);
      if (text !== answer) return `${JSON.stringify(text)} came, not "${answer}"`;
      const surplus = await wire.surplus();
      return surplus === 0 ? null : `${surplus} bytes follow`;
    },
  };
}

function echoes(name: string, points: number, run: (wire: Wire) => Promise<string | null>): Check {
  return {
    name,
    points,
    isPossible: ({ echo }) => echo !== null,
    run: async ({ echo }: Bench) => {
      using wire = await Wire.open(echo!);
      return await run(wire);
    },
  };
}

/** Questions and echo. */
export const PROTOCOLS: readonly Group[] = [
  {
    title: "the question protocol",
    checks: [
      answers("a known question", 1, ["Beautiful is better than?"], "Ugly."),
      answers("an unknown question", 1, ["What?"], "Error: unknown aphorism."),
      answers("three questions one after the other", 1, [
        "Beautiful is better than?",
        "Explicit is better than?",
        "Simple is better than?",
      ], "Ugly.Implicit.Complex."),
      answers("a question in two parts", 1, ["Simple is bet", "ter than?"], "Complex."),
      answers(
        "two questions in one segment",
        2,
        ["Simple is better than?Explicit is better than?"],
        "Complex.Implicit.",
      ),
      answers("a question and a half, then the rest", 2, [
        "Simple is better than?Expl",
        "icit is better than?",
      ], "Complex.Implicit."),
      {
        name: "half a question of one client delays no other client",
        points: 2,
        isPossible: ({ question }) => question !== null,
        run: async ({ question }) => {
          using first = await Wire.open(question!);
          using second = await Wire.open(question!);
          await first.send("Simple is bet");
          await second.send("Explicit is better than?");
          const text = await second.take("Implicit.".length);
          return text === "Implicit." ? null : `${JSON.stringify(text)} came`;
        },
      },
    ],
  },
  {
    title: "echo",
    checks: [
      echoes("bytes come back", 1, async (wire) => {
        await wire.send("event loop\n");
        const text = await wire.take(11);
        return text === "event loop\n" ? null : `${JSON.stringify(text)} came`;
      }),
      echoes("two megabytes come back in full, although the client reads late", 2, async (wire) => {
        const sending = wire.send("x".repeat(LARGE_BYTES));
        await new Promise((resolve) => setTimeout(resolve, 500));
        const text = await wire.take(LARGE_BYTES);
        await sending;
        return text === "x".repeat(LARGE_BYTES) ? null : "other bytes came";
      }),
    ],
  },
];

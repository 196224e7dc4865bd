/**
 * HTTP/2: content of unknown length, and answers that are made later, arrive whole and unmixed at a client that is sparing
 * with windows and changes its mind. The simulation has neither: it covers files.
 */

import fc from "../../fast_check.ts";
import { concat } from "@std/bytes/concat";
import type { Handler } from "../../../src/http/handler.ts";
import type { Content } from "../../../src/http/response.ts";
import { talk } from "../../http2/talking.ts";
import { get, reset, settings, windowUpdate } from "../../http2/wire.ts";
import { agree } from "../agree.ts";
import { property } from "../property.ts";

/** What a client asks for: how much, and in which way it is made. */
interface Asked {
  readonly length: number;
  readonly kind: "stream" | "later stream" | "later";
  /** Whether the client stops the answer before it has opened the windows. */
  readonly isReset: boolean;
}

const asked: fc.Arbitrary<Asked> = fc.record({
  length: fc.oneof(fc.constantFrom(0, 1, 16_384, 16_385, 65_535), fc.nat(40_000)),
  kind: fc.constantFrom("stream", "later stream", "later"),
  isReset: fc.nat(4).map((one) => one === 0),
});

/** The octet at `at` of an answer of this length. */
const octetAt = (length: number, at: number) => (length + at * 7) & 0x7f;

function contentOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => octetAt(length, at));
}

/** Answers `/KIND/LENGTH`. `open` counts contents that are not closed. */
function site(open: { count: number }): Handler {
  return ({ target }) => {
    const [kind = "", digits = ""] = target.kind === "path" ? target.segments : [];
    const bytes = contentOf(Number(digits));
    open.count++;
    const close = () => void open.count--;
    const chunks = async function* () {
      for (let at = 0; at < bytes.length; at += 9000) yield await Promise.resolve(bytes.subarray(at, at + 9000));
    };
    const content: Content = kind === "later"
      ? { kind: "known", length: bytes.length, pieces: [bytes], close }
      : { kind: "streamed", chunks: chunks(), close };
    const response = { status: 200, fields: [], content } as const;
    return kind === "stream" ? response : Promise.resolve(response);
  };
}

const values = fc.record({
  all: fc.array(asked, { minLength: 1, maxLength: 12 }),
  window: fc.constantFrom(0, 1, 1000, 65_535, 2 ** 31 - 1),
  updates: fc.array(fc.tuple(fc.nat(12), fc.constantFrom(600, 5000, 40_000)), { maxLength: 20 }),
  writeMax: fc.constantFrom(1000, 20_000, Infinity),
});

export const http2Exchanges = property({
  name: "http2-exchanges",
  runsInTests: 100,
  share: 2,
  values,
  check: async ({ all, window, updates, writeMax }) => {
    const idOf = (index: number) => 2 * index + 1;
    const requests = all.map(({ kind, length }, index) => get(idOf(index), `/${kind.replace(" ", "-")}/${length}`));
    const open = { count: 0 };
    const steps = [
      concat([settings([4, window]), ...requests]),
      ...updates.map(([stream, by]) =>
        windowUpdate(
          stream === 0 || stream > all.length ? 0 : idOf(stream - 1),
          window === 2 ** 31 - 1 && stream !== 0 ? 0 : by,
        )
      ),
      concat(
        all.flatMap(({ isReset }, index) => isReset ? [reset(idOf(index))] : []),
      ),
      concat([
        windowUpdate(0, 10_000_000),
        ...all.flatMap((_, index) => window > 100_000 ? [] : [windowUpdate(idOf(index), 1_000_000)]),
      ]),
    ];
    const usable = steps.filter((step) => !isEmptyUpdate(step));
    const { answers, goAway, thrown } = await talk(usable, { handler: site(open), peer: { writeMax } });
    agree([goAway, thrown, open.count], [null, null, 0], "the end");
    for (const [index, { length, isReset }] of all.entries()) {
      const answer = answers.get(idOf(index));
      if (isReset && answer?.isEnded !== true) continue;
      agree([answer?.status, answer?.isEnded, answer?.content.length], [200, true, length], `stream ${idOf(index)}`);
      const wrong = [...answer!.content].findIndex((char, at) => char.charCodeAt(0) !== octetAt(length, at));
      agree(wrong, -1, `a wrong octet in stream ${idOf(index)}`);
    }
    return `${all.filter(({ isReset }) => isReset).length > 0 ? "with" : "without"} resets`;
  },
});

/** An increment of 0 would be a mistake of the client. */
function isEmptyUpdate(step: Uint8Array): boolean {
  return step.length === 13 && step[3] === 8 && step.subarray(9).every((octet) => octet === 0);
}

/**
 * A case of the suite: what a client sends, and what it must see, by section of an RFC.
 */

import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import type { Step } from "../memory_socket.ts";
import { type Received, talk, talkRaw } from "./talking.ts";
import type { Code } from "./wire.ts";

export interface Case {
  readonly section: string;
  readonly rule: string;
  /** Sent after the preface and SETTINGS, in one read. */
  readonly send?: readonly Uint8Array[];
  /** Sent in one read each, after `send`. */
  readonly steps?: readonly Step[];
  /** Sent instead of preface and SETTINGS. */
  readonly raw?: readonly Uint8Array[];
  readonly expect: Expectation;
}

/** What the client must see: statuses by stream, an error, or a check. */
export type Expectation =
  | { readonly answers: Readonly<Record<number, number>> }
  | { readonly connectionError: Code }
  | { readonly streamError: readonly [stream: number, code: Code] }
  | { readonly check: (received: Received) => void };

/** Runs a case, once with all bytes together and once byte by byte. The outcome must be the same. */
export async function run({ send = [], steps = [], raw, expect }: Case): Promise<void> {
  const together = [concat([...send]), ...steps].filter((step) => !(step instanceof Uint8Array) || step.length > 0);
  check(raw === undefined ? await talk(together) : await talkRaw([concat([...raw]), ...together]), expect);
  const single = (bytes: Uint8Array) => [...bytes].map((octet) => Uint8Array.of(octet));
  const apart = together.flatMap((step) => step instanceof Uint8Array && step.length < 4000 ? single(step) : [step]);
  check(raw === undefined ? await talk(apart) : await talkRaw([...single(concat([...raw])), ...apart]), expect);
}

function check(received: Received, expect: Expectation): void {
  const { answers, goAway, resets } = received;
  if ("check" in expect) return expect.check(received);
  if ("connectionError" in expect) {
    assertEquals(goAway?.code, expect.connectionError, "the code of GOAWAY");
    return;
  }
  if ("streamError" in expect) {
    const [stream, code] = expect.streamError;
    assertEquals(resets.get(stream), code, "the code of RST_STREAM");
    assertEquals(goAway, null, "the connection goes on");
    return;
  }
  assertEquals(goAway, null, `the connection goes on: ${goAway?.reason}`);
  for (const [stream, status] of Object.entries(expect.answers)) {
    assertEquals(answers.get(Number(stream))?.status, status, `the status of stream ${stream}`);
    assert(answers.get(Number(stream))?.isEnded, `the answer of stream ${stream} is complete`);
  }
}

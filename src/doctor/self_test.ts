/**
 * The self-test: runs all checks against an instance of the server.
 * @module
 */

import { type Check, get, type Ground } from "./check.ts";
import { CONNECTION_CHECKS } from "./checks_of_connections.ts";
import { FILE_CHECKS } from "./checks_of_files.ts";
import type { Finding } from "./findings.ts";
import { findPlace, type Instance, type Place } from "./instance.ts";
import { parseAnswers } from "./wire.ts";

/** All checks. */
export const CHECKS: readonly Check[] = [...FILE_CHECKS, ...CONNECTION_CHECKS];

/** Runs at the same time. Most of the time of a check is waiting. */
const CHECKS_AT_ONCE = 16;

/** Runs all checks. The last one looks at what the others have caused. */
export async function selfTest(place: Place = findPlace()): Promise<Finding[]> {
  const instance = place.start();
  try {
    const results = await runAll({ instance, start: () => place.start(), validators: await readValidators(instance) });
    return summary(results, place.description);
  } finally {
    await instance.stop();
    place.remove();
  }
}

/** The checks that failed, with the reasons. */
async function runAll(ground: Ground): Promise<{ readonly check: Check; readonly problem: string }[]> {
  const failed: { check: Check; problem: string }[] = [];
  const waiting = CHECKS.slice(0, -1);
  const work = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) await judge(check);
  };
  const judge = async (check: Check) => {
    const problem = await check.run(ground).catch((error) => error instanceof Error ? error.message : String(error));
    if (problem !== null) failed.push({ check, problem });
  };
  await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, work));
  await judge(CHECKS.at(-1)!);
  return failed;
}

function summary(failed: readonly { readonly check: Check; readonly problem: string }[], place: string): Finding[] {
  const topic = "self-test";
  const passed = CHECKS.length - failed.length;
  const total: Finding = {
    topic,
    verdict: failed.length === 0 ? "fine" : "failed",
    text: `${passed} of ${CHECKS.length} checks passed (${place})`,
  };
  const details = failed.map(({ check, problem }): Finding => ({
    topic,
    verdict: "failed",
    text: `this is not so: the server ${check.name} (${problem})`,
    advice: `what this means: ${check.meaning}`,
  }));
  return [total, ...details];
}

async function readValidators(instance: Instance): Promise<Ground["validators"]> {
  const wire = await instance.connect();
  try {
    await wire.send(get());
    const { text } = await wire.receive();
    const [answer] = parseAnswers(text, ["GET"]).answers;
    return {
      etag: answer?.fields.get("etag") ?? '"none"',
      modified: answer?.fields.get("last-modified") ?? "Sat, 01 Jan 2000 00:00:00 GMT",
    };
  } finally {
    wire.close();
  }
}

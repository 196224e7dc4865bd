/**
 * The doctor: looks at the configuration, the machine and the server itself, in this order.
 * @module
 */

import { formatDiagnostic } from "../config/diagnostic.ts";
import type { Config } from "../config/config.ts";
import { listenersOf } from "../config/listeners.ts";
import { jsonLine } from "../log/message.ts";
import { isPortTaken, ListenError, tryAddress } from "../process/address.ts";
import { describePortUser } from "../process/port_user.ts";
import { type CheckedStart, sharedMemory } from "../process/start_checks.ts";
import { describeFindings, type Finding, findingsJson, hasFailed } from "./findings.ts";
import { checkLogs } from "./logs.ts";
import { checkClock, checkDescriptors, checkLibrary, checkMemory, checkStacks, describeInterfaces } from "./machine.ts";
import { checkRoots } from "./roots.ts";
import { selfTest } from "./self_test.ts";
import { findTraps } from "./traps.ts";

/** A report of all findings. */
export interface Report {
  /** For people, or one object of JSON. */
  readonly text: string;
  readonly hasFailed: boolean;
}

/** Examines everything, and reports how long that took. */
export async function reportOn(start: CheckedStart, { json }: { readonly json: boolean }): Promise<Report> {
  const beganMs = performance.now();
  const findings = await examine(start);
  const seconds = (performance.now() - beganMs) / 1000;
  const text = json ? jsonLine(findingsJson(findings, seconds)) : describeFindings(findings, seconds);
  return { text, hasFailed: hasFailed(findings) };
}

/** All findings. `start`: the configuration, as a start would read it. */
async function examine(start: CheckedStart): Promise<Finding[]> {
  const { loaded } = start;
  const findings = describeConfiguration(start);
  if (loaded !== null) findings.push(...await examineSite(loaded.config));
  findings.push(...describeInterfaces(), ...checkLibrary());
  findings.push(...await selfTest());
  return findings;
}

async function examineSite(config: Config): Promise<Finding[]> {
  const roots = checkRoots(config);
  return [
    await checkPort(config),
    ...checkStacks(config),
    ...roots.findings,
    ...checkLogs(config),
    checkClock(Date.now(), roots.newestMs),
    checkDescriptors(roots.file, config),
    checkMemory(config, await sharedMemory(config)),
  ];
}

function describeConfiguration({ loaded, problems }: CheckedStart): Finding[] {
  const topic = "configuration";
  const failed = problems.map((text): Finding => ({ topic, verdict: "failed", text }));
  if (loaded === null) return failed;
  const { config, source, diagnostics, remarks, withoutIndex } = loaded;
  const found: Finding[] = [
    ...failed,
    ...diagnostics.map((each): Finding => {
      return { topic, verdict: each.severity === "error" ? "failed" : "warning", text: formatDiagnostic(each) };
    }),
    ...remarks.map((text): Finding => ({ topic, verdict: "warning", text })),
    ...withoutIndex.map((name): Finding => {
      const text = `the folder of host ${name} has no index, so its address shows no page`;
      return { topic, verdict: "warning", text, advice: "put an index.html there, or write: listing on" };
    }),
    ...findTraps(config, navigator.hardwareConcurrency),
  ];
  const hosts = config.hosts.length;
  const total: Finding = { topic, verdict: "fine", text: `${source}: ${hosts} ${hosts === 1 ? "host" : "hosts"}` };
  return failed.length > 0 ? found : [total, ...found];
}

function listenProblem(config: Config): ListenError | null {
  try {
    tryAddress(config);
    return null;
  } catch (error) {
    if (error instanceof ListenError) return error;
    throw error;
  }
}

/** Whether the addresses can be listened on, and if not, which program has them. */
async function checkPort(config: Config): Promise<Finding> {
  const topic = "port";
  const error = listenProblem(config);
  const shown = listenersOf(config).map(({ port }) => port).join(", ");
  if (error === null) return { topic, verdict: "fine", text: `nothing else uses port ${shown}` };
  const user = isPortTaken(error) ? await describePortUser(error.address) : null;
  return {
    topic,
    verdict: "failed",
    text: error.message,
    advice: user === null
      ? "choose another address or port"
      : `${user}; if it is this server, all is well: the doctor comes while it runs`,
  };
}

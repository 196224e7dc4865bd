/**
 * The CPUs that a benchmark runs on: one for the server, one for the load.
 * Knows which CPUs this process may use, from /proc on Linux; not what runs on them.
 * @module
 */

import { UsageError } from "../examples/arguments.ts";

/** Numbers of CPUs, as the system counts them. They are the same where there is only one. */
export interface Cpus {
  readonly server: number;
  readonly load: number;
}

/** The CPUs that this process may use, in ascending order. */
export function allowedCpus(): number[] {
  const [, list = "0"] = /^Cpus_allowed_list:\s+(\S+)$/m.exec(Deno.readTextFileSync("/proc/self/status")) ?? [];
  return parseCpuList(list);
}

/** The numbers of a list like `0-3,8`. */
export function parseCpuList(list: string): number[] {
  return list.split(",").flatMap((range) => {
    const [first = NaN, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** `written` is `SERVER,LOAD`, or `null` for the first two of `allowed`. Throws `UsageError`. */
export function cpusOf(written: string | null, allowed: readonly number[]): Cpus {
  if (written === null) return { server: allowed[0]!, load: allowed[1] ?? allowed[0]! };
  if (!/^[0-9]+,[0-9]+$/.test(written)) throw new UsageError(`${JSON.stringify(written)} is not two CPUs, like 0,1`);
  const [server = NaN, load = NaN] = written.split(",").map(Number);
  for (const cpu of [server, load]) {
    if (!allowed.includes(cpu)) throw new UsageError(`this process may not use CPU ${cpu}, only ${allowed.join(", ")}`);
  }
  return { server, load };
}

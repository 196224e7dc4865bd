/**
 * What processes have used, as Linux tells it in /proc: CPU time and memory of one and its children.
 * @module
 */

/** CPU seconds of the process and its children since they began, in all their threads, in user and kernel mode. */
export function cpuSeconds(pid: number): number {
  return sum(familyOf(pid), (member) => sum(threadsOf(member), (thread) => nanoseconds(member, thread))) / 1e9;
}

/** Memory of the process and its children that is in RAM, in KiB. What they share counts for each. */
export function residentKiB(pid: number): number {
  return sum(familyOf(pid), (member) => {
    const [, resident] = /^VmRSS:\s+([0-9]+) kB$/m.exec(Deno.readTextFileSync(`/proc/${member}/status`)) ?? [];
    return Number(resident);
  });
}

function familyOf(pid: number): number[] {
  const children = threadsOf(pid).flatMap((thread) => {
    const text = Deno.readTextFileSync(`/proc/${pid}/task/${thread}/children`).trim();
    return text === "" ? [] : text.split(" ").map(Number);
  });
  return [pid, ...children.flatMap(familyOf)];
}

function threadsOf(pid: number): number[] {
  return Array.from(Deno.readDirSync(`/proc/${pid}/task`), ({ name }) => Number(name));
}

function nanoseconds(pid: number, thread: number): number {
  const [onCpu = ""] = Deno.readTextFileSync(`/proc/${pid}/task/${thread}/schedstat`).split(" ");
  return Number(onCpu);
}

function sum(numbers: readonly number[], value: (number: number) => number): number {
  return numbers.reduce((total, number) => total + value(number), 0);
}

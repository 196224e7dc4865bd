/**
 * CPU time and memory of a process and its children, from /proc on Linux.
 * @module
 */

/** CPU seconds of the process and its children since their start: all threads, user and kernel mode. */
export function cpuSeconds(pid: number): number {
  return sum(familyOf(pid), (member) => sum(threadsOf(member), (thread) => nanoseconds(member, thread))) / 1e9;
}

/** Resident memory of the process and its children, in KiB. Shared memory is counted once for each process. */
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

/**
 * Compares the access log with the answers that clients received: every answer has a line, in the order of its connection.
 */

import type { Answered } from "./exchanges.ts";

/** The answers that a client received. `hasTakenAll`: it has read all bytes, so the log must not count more. */
export interface Got {
  readonly port: number;
  readonly answered: readonly Answered[];
  readonly hasTakenAll: boolean;
}

interface Line {
  readonly port: number;
  readonly status: number;
  readonly bytes: number;
}

/** Describes a difference, or returns `null`. `lines` are in JSON. Answers that no client has read may have lines, too. */
export function checkLog(lines: readonly string[], clients: readonly Got[]): string | null {
  const logged: Line[] = [];
  for (const line of lines) {
    if (!/^[^\n]*\n$/.test(line)) return `not one line: ${JSON.stringify(line)}`;
    logged.push(JSON.parse(line));
  }
  for (const { port, answered, hasTakenAll } of clients) {
    const own = logged.filter((line) => line.port === port);
    for (const [index, { status, bytes, isComplete }] of answered.entries()) {
      const line = own[index];
      const isRight = line?.status === status &&
        (isComplete || hasTakenAll ? line.bytes === bytes : line.bytes >= bytes);
      if (!isRight) {
        return `port ${port}: ${line?.status} of ${line?.bytes} bytes logged, but ${status} of ${bytes} bytes received`;
      }
    }
  }
  return null;
}

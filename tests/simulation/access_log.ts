/**
 * The access log against what clients got: every answer has its line, in the order of its connection.
 */

import type { Answered } from "./exchanges.ts";

/** What a client got on its connection. `hasTakenAll`: the log can say no more. */
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

/** What is wrong with `lines` in JSON, or `null`. There may be more than clients have read. */
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
      if (!isRight) return `port ${port}: ${line?.status} of ${line?.bytes} bytes, but sent ${status} of ${bytes}`;
    }
  }
  return null;
}

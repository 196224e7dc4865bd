/**
 * Compares the access log with the answers that clients received: every answer has a line, in the order of its connection.
 */

import type { Answered } from "./exchanges.ts";

/** The answers that a client received. `hasTakenAll`: it has read all bytes, so the log must not count more. */
export interface Got {
  readonly port: number;
  readonly answered: readonly Answered[];
  readonly hasTakenAll: boolean;
  /** The number of requests, if they were sent in HTTP/2: then answers that nobody has received may lie between others. */
  readonly requests?: number;
}

interface Line {
  readonly port: number;
  readonly status: number;
  readonly bytes: number;
  /** `null` if the server could not read the request. */
  readonly target: string | null;
}

/** Describes a difference, or returns `null`. `lines` are in JSON. Answers that no client has read may have lines, too. */
export function checkLog(lines: readonly string[], clients: readonly Got[]): string | null {
  const logged: Line[] = [];
  for (const line of lines) {
    if (!/^[^\n]*\n$/.test(line)) return `not one line: ${JSON.stringify(line)}`;
    logged.push(JSON.parse(line));
  }
  for (const { port, answered, hasTakenAll, requests } of clients) {
    const own = logged.filter((line) => line.port === port);
    if (requests !== undefined) {
      const problem = missingOf(own, answered, requests);
      if (problem !== null) return `port ${port}: ${problem}`;
      continue;
    }
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

/** Each answer has a line, in order, and no request has two. */
function missingOf(lines: readonly Line[], answered: readonly Answered[], requests: number): string | null {
  if (lines.length > requests) return `${lines.length} lines for ${requests} requests`;
  let next = 0;
  for (const answer of answered) {
    while (next < lines.length && !isAbout(lines[next]!, answer)) next++;
    if (next++ >= lines.length) return `no line for ${answer.status} of ${answer.bytes} bytes for ${answer.target}`;
  }
  return null;
}

function isAbout(line: Line, { status, bytes, target }: Answered): boolean {
  return line.status === status && line.bytes === bytes && (line.target === null || line.target === target);
}

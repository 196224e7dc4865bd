/**
 * The supervisor's answers to the questions of the admin listener.
 * @module
 */

import type { AdminAnswer } from "../admin/routes.ts";
import { formatMetrics, METRICS_TYPE } from "../admin/metrics.ts";
import { jsonLine } from "../log/message.ts";
import type { ConnectionSight, Snapshot } from "../snapshot.ts";
import { VERSION } from "../version.ts";
import type { AdminAnswers } from "./admin.ts";

/** The outcome of a reload. */
export interface Reloaded {
  /** Whether the configuration is in use. */
  readonly isDone: boolean;
  /** What has changed, or why nothing has. */
  readonly message: string;
}

/** What the answers need of the supervisor. */
export interface Answering {
  reload(): Promise<Reloaded>;
  readonly workers: readonly unknown[];
  /** After how many milliseconds the sweep closes an idle connection; `null`: never. */
  readonly idleMs: number | null;
  /** Opens the log files again. Returns the problems, one line each. */
  reopen(): Promise<readonly string[]>;
}

/** What the answers need of the workers. */
export interface Counted {
  counts(): Promise<Snapshot>;
  connections(): Promise<readonly ConnectionSight[]>;
}

/** The answers, one for each question. */
export function adminAnswers(server: Answering, workers: Counted): AdminAnswers {
  return {
    metrics: async () => {
      const facts = { version: VERSION, workers: server.workers.length };
      return { status: 200, type: METRICS_TYPE, content: formatMetrics(await workers.counts(), facts) };
    },
    connections: async () => {
      const connections = await workers.connections();
      const content = jsonLine({ time: new Date().toISOString(), idleMs: server.idleMs, connections });
      return { status: 200, type: "application/json", content };
    },
    reload: async () => {
      const { isDone, message } = await server.reload();
      return text(`${message}\n`, isDone ? 200 : 500);
    },
    reopen: async () => {
      const problems = await server.reopen();
      return problems.length === 0 ? text("the log files are open again\n") : text(`${problems.join("\n")}\n`, 500);
    },
  };
}

/** An answer of plain text. */
function text(content: string, status: AdminAnswer["status"] = 200): AdminAnswer {
  return { status, type: "text/plain; charset=utf-8", content };
}

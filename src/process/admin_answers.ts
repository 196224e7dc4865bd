/**
 * The supervisor's answers to the questions of the admin listener.
 * @module
 */

import type { AdminAnswer } from "../admin/routes.ts";
import type { AdminAnswers } from "./admin.ts";

/** What the answers need of the supervisor. */
export interface Answering {
  reload(): Promise<void>;
  /** Opens the log files again. Returns the problems, one line each. */
  reopen(): Promise<readonly string[]>;
}

/** The answers, one for each question. */
export function adminAnswers(server: Answering): AdminAnswers {
  return {
    reload: async () => {
      await server.reload();
      return text("the messages of the server say what has changed\n");
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

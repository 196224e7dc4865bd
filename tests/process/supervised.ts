/**
 * A supervisor with a site, for tests: its outputs are kept, and its workers are as narrow as in production.
 */

import { LogFiles } from "../../src/process/log_files.ts";
import { parseConfig } from "../../src/config/parse.ts";
import type { Loaded } from "../../src/config/load.ts";
import type { Outputs } from "../../src/process/outputs.ts";
import { type SuperviseOptions, Supervisor } from "../../src/process/supervisor.ts";

/** A running supervisor, and what it said. */
export interface Supervised {
  readonly supervisor: Supervisor;
  readonly root: string;
  readonly messages: string[];
  port(): number;
  /** What the next reload reads. `ROOT` stands for the root. */
  setConf(text: string): void;
  /** Lets a worker die, see mortal_worker.ts. */
  decide(fate: string, worker: number): Promise<void>;
}

const HEADING = "host default ROOT\nparameter address 127.0.0.1\nparameter port 0\nparameter log off\n";

/** The text of a configuration that listens on a port of its own. */
export function conf(more = ""): string {
  return HEADING + more;
}

/** Runs `test` with a supervisor that has started, and ends it. `fate`: see mortal_worker.ts, decided from the beginning. */
export async function withSupervisor(
  options: Partial<SuperviseOptions> & { readonly conf?: string; readonly fate?: string },
  test: (supervised: Supervised) => Promise<void>,
): Promise<void> {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "sweepd_supervised_" }));
  await Deno.writeTextFile(`${root}/a.txt`, "content");
  if (options.fate !== undefined) await Deno.writeTextFile(`${root}/.fate`, options.fate);
  let text = options.conf ?? conf("parameter workers 2\n");
  let port = 0;
  const messages: string[] = [];
  const read = (): Loaded | null => {
    const { config, diagnostics } = parseConfig(text.replaceAll("ROOT", root), "web.conf");
    if (diagnostics.some(({ severity }) => severity === "error")) return null;
    return {
      config,
      source: "./web.conf",
      file: "./web.conf",
      stamp: null,
      folder: Deno.cwd(),
      diagnostics: [],
      remarks: [],
      withoutIndex: [],
    };
  };
  const supervisor = new Supervisor({
    loaded: read()!,
    reload: () => Promise.resolve(read()),
    outputs: keep(messages),
    debug: "off",
    capture: false,
    onListening: (running) => port = running.address.port,
    ...options,
  });
  try {
    await supervisor.start();
    await test({
      supervisor,
      root,
      messages,
      port: () => port,
      setConf: (changed) => text = changed,
      decide: (fate, worker) => Deno.writeTextFile(`${root}/.fate`, `${fate} sweepd worker ${worker}`),
    });
    await supervisor.end();
  } finally {
    supervisor.terminate();
    await Deno.remove(root, { recursive: true });
  }
}

function keep(messages: string[]): Outputs {
  const outputs: Pick<Outputs, "write" | "writeAccess" | "tell" | "json" | "logFiles"> = {
    json: false,
    writeAccess: (_destination, { lines }) => void messages.push(new TextDecoder().decode(lines)),
    logFiles: new LogFiles((problem) => void messages.push(problem)),
    write: (_kind, lines) => void messages.push(typeof lines === "string" ? lines : new TextDecoder().decode(lines)),
    tell: (message) => void messages.push(message),
  };
  return outputs as Outputs;
}

/**
 * Several servers that are started on the same port, one shortly after the other. Run by itself, tries all combinations:
 * `deno run -A tests/process/rivals.ts`
 */

import { exchange, get } from "../client.ts";
import { ServerProcess } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";

/** What happened. Exactly one should serve. */
export interface Race {
  /** The numbers of the servers that listened, from 0. */
  readonly serving: readonly number[];
  /** What the others said when they ended. */
  readonly refused: readonly { readonly code: number; readonly stderr: string }[];
  /** The numbers of the servers that answered 20 requests. */
  readonly answered: readonly string[];
}

/** What a server that is refused says, and nothing else. */
export const REFUSAL =
  /^sweepd: cannot listen on \S+: another program has this port; choose another with --port or --any-port; .*\n$/;

/** Starts a server for each address, `gapMs` apart, and waits until each serves or has ended. */
export async function race(addresses: readonly string[], gapMs: number): Promise<Race> {
  using folder = new TempFolder();
  const port = freePort();
  const servers: ServerProcess[] = [];
  try {
    for (const [number, address] of addresses.entries()) {
      folder.write(`${number}/index.html`, `${number}`);
      servers.push(ServerProcess.spawn([`${folder.path}/${number}`, "-a", address, "-p", `${port}`, "-w", "1"]));
      if (gapMs > 0) await new Promise((resolve) => setTimeout(resolve, gapMs));
    }
    const outcomes = await Promise.all(servers.map((server) => server.settled()));
    const serving = outcomes.flatMap((outcome, number) => outcome === "listening" ? [number] : []);
    const answered = new Set<string>();
    for (let count = 0; count < 20; count++) answered.add((await exchange(port, get("/"))).text);
    return {
      serving,
      refused: outcomes.filter((outcome) => outcome !== "listening"),
      answered: [...answered],
    };
  } finally {
    for (const server of servers) await server[Symbol.asyncDispose]();
  }
}

/** What is wrong with a race, or `null`. */
export function problemOf({ serving, refused, answered }: Race): string | null {
  if (serving.length !== 1) return `${serving.length} servers serve`;
  if (answered.length !== 1 || answered[0] !== `${serving[0]}`) return `servers ${answered} answer, ${serving} serves`;
  const odd = refused.find(({ code, stderr }) => code !== 1 || !REFUSAL.test(stderr));
  return odd === undefined ? null : `exit code ${odd.code}: ${odd.stderr}`;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

const ADDRESSES = [["::"], ["0.0.0.0"], ["127.0.0.1"], ["::", "0.0.0.0", "127.0.0.1"]];
const GAPS_MS = [0, 1, 5, 20, 50, 100, 200, 300, 500];

async function raceAll(): Promise<number> {
  let failed = 0;
  let races = 0;
  for (const addresses of ADDRESSES) {
    for (const servers of [2, 3, 10]) {
      for (const gapMs of GAPS_MS) {
        const each = Array.from({ length: servers }, (_, at) => addresses[at % addresses.length]!);
        const problem = problemOf(await race(each, gapMs));
        races++;
        if (problem !== null) failed++;
        if (problem !== null) console.log(`${each.join(" ")}, ${gapMs} ms apart: ${problem}`);
      }
      console.log(`${races} races, ${failed} not won by one server alone`);
    }
  }
  return failed;
}

if (import.meta.main) Deno.exit(await raceAll() > 0 ? 1 : 0);

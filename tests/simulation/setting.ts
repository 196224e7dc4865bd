/**
 * The setting of a simulation, chosen before it starts: the configurations and when each comes, the number of clients, and
 * when the server ends.
 */

import type { Promises } from "./deadlines.ts";
import type { Random } from "./random.ts";
import { HOSTS, OTHER_ROOTS } from "./sites.ts";

/** A configuration, and what follows from it. */
export interface Conf {
  readonly text: string;
  /** Value of the Server field: every configuration has another one, so that each answer says by which it was made. */
  readonly serverName: string;
  /** Whether each host has the root that the other one had at first. */
  readonly isSwapped: boolean;
  readonly promises: Promises;
  readonly connectionsMax: number;
  readonly staleMs: number;
  /** How long the server may take to end. */
  readonly drainMs: number;
}

/** A reload: sent to the server that runs, or with a new server beside it. */
export interface Reload {
  readonly atMs: number;
  readonly kind: "configure" | "replace";
  readonly conf: Conf;
}

export interface Setting {
  readonly conf: Conf;
  readonly reloads: readonly Reload[];
  readonly isLogged: boolean;
  readonly isObserved: boolean;
  readonly clients: number;
  /** When the server is told to end while clients are active; `null`: when all clients are done. */
  readonly endMs: number | null;
}

/** `isHttp2`: the server also speaks HTTP/2 without TLS. */
export function makeSetting(random: Random, isHttp2: boolean): Setting {
  const log = random.pick(["json", "json", "combined", "off"]);
  const conf = makeConf(random, log, "sweepd", false, isHttp2);
  const reloads = Array.from({ length: random.weigh([[1, 0], [1, random.integer(1, 3)]]) }, (_, at): Reload => ({
    atMs: random.integer(0, 6000),
    kind: random.pick(["configure", "configure", "replace"]),
    conf: makeConf(random, log, `sweepd/${at + 1}`, random.chance(0.5), isHttp2),
  }));
  return {
    conf,
    reloads,
    isLogged: log === "json",
    isObserved: random.chance(0.5),
    clients: random.weigh([[3, random.integer(1, 3)], [2, random.integer(4, 8)]]),
    endMs: random.weigh([[80, null], [19, random.integer(1, 6000)], [1, 0]]),
  };
}

function makeConf(random: Random, log: string, serverName: string, isSwapped: boolean, isHttp2: boolean): Conf {
  const timeout = random.pick([0, 0.5, 0.7, 1, 2, 5, 5, 30]);
  const headTimeout = random.pick([0, 1, 2, 5, 10, 10]);
  const connectionsMax = random.pick([1, 2, 3, 100, 100]);
  const revalidate = random.pick([0, 0, 0.1, 1]);
  const drainTimeout = random.pick([30, 30, 3, 0]);
  const lines = [
    ...HOSTS.map(({ name, root }) => `host ${name} ${isSwapped ? OTHER_ROOTS[root] : root}`),
    "media bin application/x-bin",
    `parameter server-name ${serverName}`,
    `parameter timeout ${timeout}`,
    `parameter head-timeout ${headTimeout}`,
    `parameter connections ${connectionsMax}`,
    `parameter log ${log}`,
    `parameter drain-timeout ${drainTimeout}`,
    `parameter revalidate ${revalidate}`,
    `parameter cache ${random.pick([0, 1, 1, 1, 64])}`,
    ...isHttp2 ? ["parameter h2c on"] : [],
  ];
  return {
    text: lines.join("\n") + "\n",
    serverName,
    isSwapped,
    promises: {
      idleMs: timeout === 0 ? Infinity : timeout * 1000,
      messageMs: headTimeout === 0 ? Infinity : headTimeout * 1000,
    },
    connectionsMax,
    staleMs: revalidate * 1000,
    drainMs: drainTimeout * 1000,
  };
}

/**
 * The setting of a simulation, chosen before it starts: the configuration, the number of clients, and when it ends.
 */

import type { Promises } from "./deadlines.ts";
import type { Random } from "./random.ts";
import { HOSTS } from "./sites.ts";

export interface Setting {
  readonly conf: string;
  readonly promises: Promises;
  readonly connectionsMax: number;
  readonly isLogged: boolean;
  readonly staleMs: number;
  readonly isObserved: boolean;
  readonly clients: number;
  /** When the server is told to end while clients are active; `null`: when all clients are done. */
  readonly endMs: number | null;
  /** How long the server may take to end. */
  readonly drainMs: number;
}

export function makeSetting(random: Random): Setting {
  const timeout = random.pick([0, 0.5, 0.7, 1, 2, 5, 5, 30]);
  const headTimeout = random.pick([0, 1, 2, 5, 10, 10]);
  const connectionsMax = random.pick([1, 2, 3, 100, 100]);
  const revalidate = random.pick([0, 0, 0.1, 1]);
  const drainTimeout = random.pick([30, 30, 3, 0]);
  const log = random.pick(["json", "json", "combined", "off"]);
  const lines = [
    ...HOSTS.map(({ name, root }) => `host ${name} ${root}`),
    "media bin application/x-bin",
    `parameter timeout ${timeout}`,
    `parameter head-timeout ${headTimeout}`,
    `parameter connections ${connectionsMax}`,
    `parameter log ${log}`,
    `parameter drain-timeout ${drainTimeout}`,
    `parameter revalidate ${revalidate}`,
    `parameter cache ${random.pick([0, 1, 1, 1, 64])}`,
  ];
  return {
    conf: lines.join("\n") + "\n",
    promises: {
      idleMs: timeout === 0 ? Infinity : timeout * 1000,
      messageMs: headTimeout === 0 ? Infinity : headTimeout * 1000,
    },
    connectionsMax,
    staleMs: revalidate * 1000,
    isLogged: log === "json",
    isObserved: random.chance(0.5),
    clients: random.weigh([[3, random.integer(1, 3)], [2, random.integer(4, 8)]]),
    endMs: random.weigh([[80, null], [19, random.integer(1, 6000)], [1, 0]]),
    drainMs: drainTimeout * 1000,
  };
}

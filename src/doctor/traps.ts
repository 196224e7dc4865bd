/**
 * Settings that are valid and yet seldom meant. Pure.
 * @module
 */

import { type Config, formatOrigin, settingsFor } from "../config/config.ts";
import { listenersOf } from "../config/listeners.ts";
import { trustedRanges } from "../config/parameters.ts";
import type { Finding } from "./findings.ts";

/** What a service manager waits before it kills a program: systemd's default, in seconds. */
const STOP_SECONDS = 90;

/** The traps in a configuration. `cores`: of this machine. */
export function findTraps(config: Config, cores: number): Finding[] {
  return [
    ...listenTraps(config),
    ...timeTraps(config),
    ...proxyTraps(config),
    ...hostTraps(config),
    ...workerTraps(config, cores),
  ]
    .map((trap) => ({ topic: "configuration", verdict: "warning", ...trap }));
}

type Trap = Pick<Finding, "text" | "advice">;

function listenTraps(config: Config): Trap[] {
  const all = listenersOf(config);
  const hasBalancer = config.parameters.trust.value !== "none"; // It may be on this machine.
  const isLocal = !hasBalancer && all.every(({ hostname }) => hostname.startsWith("127.") || hostname === "::1");
  const { admin } = config.parameters;
  return [
    ...isLocal
      ? [{ text: "only this machine can reach the server", advice: 'for others, listen on "::" (parameter address)' }]
      : [],
    ...admin.value !== "off" && !/^(?:127\.|\[::1\])/.test(admin.value)
      ? [{
        text: `other machines can reach the admin listener on ${admin.value} (${formatOrigin(admin.origin)})`,
        advice: "it has no password; use 127.0.0.1, or keep strangers out by a firewall",
      }]
      : [],
  ];
}

function timeTraps({ parameters }: Config): Trap[] {
  const { timeout, "head-timeout": head, "drain-delay": delay, "drain-timeout": drain } = parameters;
  const never = [timeout, head].filter(({ value }) => value === 0);
  const stop = delay.value + drain.value;
  return [
    ...never.map(({ origin }) => ({
      text: `a client can keep a connection for ever (${formatOrigin(origin)}: 0)`,
      advice: "write a number of seconds",
    })),
    ...stop >= STOP_SECONDS
      ? [{
        text:
          `drain-delay and drain-timeout are ${stop} s together, and systemd kills a program after ${STOP_SECONDS} s`,
        advice: "shorten them, or set TimeoutStopSec in the unit to more",
      }]
      : [],
  ];
}

function proxyTraps({ parameters, listen }: Config): Trap[] {
  const everyone = trustedRanges(parameters).filter((range) => /^(?:0\.0\.0\.0|::)\/0$/.test(range));
  const isUnused = parameters.health.value === "off" && listen.some(({ value }) => value.proxy);
  return [
    ...everyone.map((range) => ({
      text: `trust ${range} believes every client what it says of its own address`,
      advice: "name the addresses of your balancers",
    })),
    ...isUnused
      ? [{
        text: "there is a listener for a balancer, but no health check",
        advice: "write: parameter health /healthz",
      }]
      : [],
  ];
}

function hostTraps(config: Config): Trap[] {
  const hasDefault = config.hosts.some(({ name }) => name === "default");
  const immutable = config.hosts.flatMap((host) =>
    settingsFor(config, host).cache.lines.filter(({ value: { pattern, policy } }) => {
      return /^(?:\*|\*\*|\/\*\*|.*\.html)$/.test(pattern) && (policy === "immutable" || Number(policy) > 3600);
    })
  );
  return [
    ...config.hosts.length > 0 && !hasDefault
      ? [{
        text: "there is no host default, so requests for other names, such as localhost or an address, get 400",
        advice: "write: host default FOLDER",
      }]
      : [],
    ...[...new Set(immutable.map(({ origin }) => formatOrigin(origin)))].map((origin) => ({
      text: `browsers keep pages for long without asking (${origin}), so they show edits late or never`,
      advice: "let only files with a hash in their name be kept for long",
    })),
  ];
}

function workerTraps({ parameters: { workers } }: Config, cores: number): Trap[] {
  if (workers.value === "auto" || workers.value <= 2 * cores) return [];
  return [{
    text: `${workers.value} workers on ${cores} cores take memory (15 MB each) and make nothing faster`,
    advice: "write: parameter workers auto, unless the files are on a slow disk",
  }];
}

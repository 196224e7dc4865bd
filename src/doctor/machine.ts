/**
 * Facts about the machine: IPv6 and IPv4, interfaces, clock, descriptors, C library. Asks the system; changes nothing.
 * @module
 */

import { closeSync, openSync } from "node:fs";
import { cacheMiB, describeCache, type Shared } from "../config/cache_share.ts";
import type { Config } from "../config/config.ts";
import { listenersOf } from "../config/listeners.ts";
import { isOwn, reasonOf } from "../process/invitation.ts";
import { interfaceAddresses } from "../process/process.ts";
import type { Finding } from "./findings.ts";

/** Whether the machine has IPv4 and IPv6, as a listener finds them. */
export function checkStacks(config: Config): Finding[] {
  const [ipv4, ipv6] = ["127.0.0.1", "::1"].map(tryLoopback);
  const wantsEvery = listenersOf(config).some(({ hostname }) => hostname === "::");
  const finding = (verdict: Finding["verdict"], text: string, advice?: string): Finding[] => {
    return [{ topic: "addresses", verdict, text, ...advice === undefined ? {} : { advice } }];
  };
  if (ipv4 === "denied" || ipv6 === "denied") {
    return finding("note", "IPv4 and IPv6 were not tried: this process may not listen on other ports");
  }
  if (ipv4 === "no" && ipv6 === "no") {
    return finding(
      "failed",
      "neither 127.0.0.1 nor ::1 can be listened on",
      "bring up the loopback interface: ip link set lo up",
    );
  }
  if (ipv4 === "no") return finding("warning", "this machine has no IPv4, so old clients cannot reach it");
  if (ipv6 === "no") {
    const text = `this machine has no IPv6${wantsEvery ? ", so sweepd listens on 0.0.0.0 and not on ::" : ""}`;
    return finding(
      "warning",
      text,
      'a browser that tries "localhost" by IPv6 first may be slow; enable IPv6 (sysctl net.ipv6.conf.all.disable_ipv6=0)',
    );
  }
  return finding("fine", "IPv4 and IPv6 both work");
}

function tryLoopback(hostname: string): "yes" | "no" | "denied" {
  try {
    Deno.listen({ hostname, port: 0 }).close();
    return "yes";
  } catch (error) {
    return error instanceof Deno.errors.NotCapable ? "denied" : "no";
  }
}

/** The addresses of this machine, and who can reach them. */
export function describeInterfaces(): Finding[] {
  const topic = "network";
  const all = interfaceAddresses();
  if (all === null) {
    return [{ topic, verdict: "note", text: "interfaces are not known: this process may not ask for them" }];
  }
  const found = all.filter(({ address }) => !isOwn(address));
  if (found.length === 0) {
    return [{ topic, verdict: "note", text: "this machine is on no network, so only it can reach the server" }];
  }
  return found.map((each) => ({ topic, verdict: "note", text: `${each.address}: ${reasonOf(each)}` }));
}

/** When this version was written. A clock before that is wrong. */
const RELEASED_MS = Date.UTC(2026, 10, 1);

/** Whether the clock can be right. `newestMs`: when the newest of the site's files was changed. */
export function checkClock(nowMs: number, newestMs: number | null): Finding {
  const topic = "clock";
  const shown = new Date(nowMs).toISOString().slice(0, 19).replace("T", " ");
  const advice = "set the clock, for example: timedatectl set-ntp true";
  if (nowMs < RELEASED_MS) {
    return { topic, verdict: "failed", text: `it is ${shown} UTC, which is before this program was written`, advice };
  }
  if (newestMs !== null && newestMs > nowMs + 60_000) {
    const text = `it is ${shown} UTC, but a file of the site is newer; browsers may show old files`;
    return { topic, verdict: "warning", text, advice };
  }
  return { topic, verdict: "fine", text: `it is ${shown} UTC` };
}

/** Enough to know that there are enough. */
const DESCRIPTORS_TRIED = 20_000;

/** Below this, a few browsers, each with six connections, use up all descriptors. */
const DESCRIPTORS_LEAST = 1_000;

/** How many files and connections may be open, found by opening `path` so often. */
export function checkDescriptors(path: string | null, { parameters }: Config): Finding {
  const topic = "descriptors";
  if (path === null) return { topic, verdict: "note", text: "the limit is not known: there is no file to try it with" };
  const count = countOpens(path);
  if (count === null) return { topic, verdict: "note", text: `the limit is not known: ${path} cannot be opened` };
  const wanted = Math.min(parameters.connections.value, DESCRIPTORS_TRIED / 2);
  if (count >= wanted) {
    return {
      topic,
      verdict: "fine",
      text: `${count >= DESCRIPTORS_TRIED ? "at least " : ""}${count} files and connections can be open`,
    };
  }
  return {
    topic,
    verdict: count < DESCRIPTORS_LEAST ? "failed" : "warning",
    text:
      `only ${count} files and connections can be open; parameter connections says ${parameters.connections.value} per worker`,
    advice: "raise the limit (ulimit -n 65536; LimitNOFILE=65536 in a unit), or lower parameter connections",
  };
}

/** Opens a file until the system refuses; `null`: it cannot be opened once. */
function countOpens(path: string): number | null {
  const open: number[] = [];
  try {
    while (open.length < DESCRIPTORS_TRIED) open.push(openSync(path, "r"));
  } catch {
    if (open.length === 0) return null; // Also if this process may not read it.
  } finally {
    for (const descriptor of open) closeSync(descriptor);
  }
  return open.length;
}

/** Whether the caches fit into the memory that is free. */
export function checkMemory({ parameters: { cache } }: Config, shared: Shared): Finding {
  const topic = "memory";
  const { workers, freeBytes } = shared;
  const bytes = cacheMiB(cache.value, shared) * workers * 1024 * 1024;
  const text = `the cache uses ${describeCache(cache.value, shared)}`;
  if (freeBytes === null) return { topic, verdict: "note", text };
  if (cache.value === "auto" || bytes <= freeBytes) return { topic, verdict: "fine", text };
  return {
    topic,
    verdict: "warning",
    text: `${text}, which is more than is free`,
    advice: "write: parameter cache auto",
  };
}

const LIBRARIES = [
  `/lib/${Deno.build.arch}-linux-gnu/libc.so.6`,
  "/lib64/libc.so.6",
  "/usr/lib/libc.so.6",
  "/lib/libc.so.6",
];

/** What the runtime needs. */
const GLIBC_LEAST = [2, 27] as const;

/** The version of the C library, on Linux. */
export function checkLibrary(): Finding[] {
  if (Deno.build.os !== "linux") return [];
  const topic = "glibc";
  const version = LIBRARIES.map(versionIn).find((found) => found !== null) ?? null;
  if (version === null) {
    return [{
      topic,
      verdict: "note",
      text: "its version is not known, but this program has started, so it is new enough",
    }];
  }
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isEnough = major > GLIBC_LEAST[0] || major === GLIBC_LEAST[0] && minor >= GLIBC_LEAST[1];
  const text = `version ${version}; ${GLIBC_LEAST.join(".")} or newer is needed`;
  return [{ topic, verdict: isEnough ? "fine" : "failed", text }];
}

function versionIn(path: string): string | null {
  try {
    const text = new TextDecoder("latin1").decode(Deno.readFileSync(path));
    return /GNU C Library [^\0]*?version (\d+\.\d+)/.exec(text)?.[1] ?? null;
  } catch {
    return null; // It is elsewhere, or this process may not read it.
  }
}

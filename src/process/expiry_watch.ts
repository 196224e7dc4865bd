/**
 * Warns once a day while the server runs that certificates expire, and renews the server's own in time.
 * Knows times; not certificates' contents.
 * @module
 */

import { expiryRemark } from "../config/certificates.ts";
import type { Certificate } from "../config/config.ts";
import type { Clock } from "../net/clock.ts";
import { isOwnDue } from "./own_certificate.ts";

/** What the watch needs. */
export interface ExpiryWatchOptions {
  readonly clock: Clock;
  /** The certificates in use now. */
  readonly certificates: () => readonly Certificate[];
  readonly warn: (message: string) => void;
  /** Makes a new certificate of the server's own, by a reload. */
  readonly renew: () => void;
  readonly signal: AbortSignal;
}

/** A machine that was asleep for a day is told within an hour. */
const LOOK_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Watches until the signal aborts. The start has told its warnings already. */
export async function watchExpiry({ clock, certificates, warn, renew, signal }: ExpiryWatchOptions): Promise<void> {
  let toldMs = clock.wall();
  while (!signal.aborted) {
    await clock.sleep(LOOK_MS, signal);
    const nowMs = clock.wall();
    if (signal.aborted || nowMs - toldMs < DAY_MS) continue;
    toldMs = nowMs;
    if (certificates().some((certificate) => isOwnDue(certificate, nowMs))) renew();
    for (const certificate of certificates().filter(({ written }) => written !== null)) {
      const remark = expiryRemark(certificate, nowMs);
      if (remark !== null) warn(remark);
    }
  }
}

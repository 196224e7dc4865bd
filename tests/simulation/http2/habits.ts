/**
 * How clients of HTTP/2 behave: the kinds of clients, how each reads and opens its windows, and which of its requests the
 * server must answer.
 */

import type { Random } from "../random.ts";
import type { ClientSettings } from "./session.ts";

/** Kinds of clients. The server must answer every request of the kinds in the first two lines. */
export const HTTP2_KINDS = [
  ...[
    "steady",
    "steady",
    "steady",
    "fidgeting",
    "fidgeting",
    "fidgeting",
    "sparing",
    "sparing",
    "crowding",
    "page",
  ] as const,
  ...[
    "widening late",
    "reading slowly",
    "uploading",
    "uploading",
    "trickling",
    "half-closing",
    "late",
    "busy",
  ] as const,
  ...["closing windows", "not reading", "dripping", "partial", "idle", "resetting", "vanishing", "leaving"] as const,
  ...["erring", "erring", "flooding"] as const,
];

export type Http2Kind = (typeof HTTP2_KINDS)[number];

/** Whether a client of this kind waits for all answers, reads them and opens its windows. */
export function isPatient(kind: Http2Kind): boolean {
  return HTTP2_KINDS.indexOf(kind) < HTTP2_KINDS.indexOf("closing windows");
}

/** How a client opens its windows. */
export interface Appetite {
  readonly settings: ClientSettings;
  /** By how much the window of the connection is opened at the beginning. */
  readonly more: number;
  /** A window with less than this is opened by `by` bytes, after `delayMs`; 0: never. */
  readonly low: number;
  readonly by: number;
  readonly delayMs: number;
  /** The longest files that it asks for, because otherwise it would ask for years. */
  readonly bytesMax: number;
}

/** How a client of this kind opens its windows. */
export function appetiteOf(kind: Http2Kind, random: Random): Appetite {
  const tableBytes = random.pick([0, 1, 100, 4096, 4096, 4096, 65_536]);
  const frameBytes = random.pick([16_384, 16_384, 20_000, 2 ** 24 - 1]);
  const settingsWith = (initialWindow: number) => ({ initialWindow, frameBytes, tableBytes });
  switch (kind) {
    case "sparing": {
      const by = random.pick([600, 1000, 5000]);
      const settings = settingsWith(random.pick([0, 1, 1000, 5000]));
      return { settings, more: 0, low: by, by, delayMs: random.pick([0, 1, 10]), bytesMax: 20_000 };
    }
    case "widening late": {
      const settings = settingsWith(random.pick([0, 20_000, 65_535]));
      return { settings, more: 0, low: 1, by: 50_000, delayMs: random.integer(100, 5000), bytesMax: 300_000 };
    }
    case "crowding": {
      const settings = settingsWith(random.pick([0, 0, 1, 65_535]));
      return { settings, more: 0, low: 1, by: 50_000, delayMs: random.integer(10, 500), bytesMax: 2000 };
    }
    case "page": {
      const settings = settingsWith(random.pick([65_535, 2 ** 30]));
      return { settings, more: 2 ** 30, low: 32_768, by: 1_000_000, delayMs: 0, bytesMax: 60_000 };
    }
    case "half-closing": // It can open no window afterwards.
      return { settings: settingsWith(2 ** 30), more: 2 ** 30, ...NEVER, low: 0, bytesMax: 60_000 };
    case "closing windows":
      return { settings: settingsWith(random.pick([0, 1000, 65_535, 1_000_000])), more: 0, low: 0, ...NEVER };
    default: {
      const initialWindow = random.pick([65_535, 65_535, 1_000_000, 2 ** 30]);
      const by = random.pick([40_000, 65_535, 1_000_000]);
      return {
        settings: settingsWith(initialWindow),
        more: random.pick([0, 1_000_000, 2 ** 30]),
        low: 32_768,
        by,
        delayMs: random.pick([0, 0, 1, 10]),
        bytesMax: Infinity,
      };
    }
  }
}

const NEVER = { by: 0, delayMs: 0, bytesMax: Infinity };

/** What a client does besides asking, and how often it may at most, so that the server does not take it for an attacker. */
export const FIDGETS = {
  "ping": 20,
  "settings": 8,
  "priority": 40,
  "priority update": 40,
  "extension": 30,
  "widen by little": 60,
  "widen": 60,
  "reset": 40,
  "go away": 1,
} as const;

export type Fidget = keyof typeof FIDGETS;

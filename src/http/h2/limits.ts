/**
 * Limits on a connection of HTTP/2. Each has its unit in its name, its reason, and what happens beyond it. Limits that
 * also hold for HTTP/1.1 are in `http/limits.ts`.
 * @module
 */

/** Streams at the same time. Browsers open up to a hundred, and RFC 9113, 6.5.2, says no fewer. Beyond it: REFUSED_STREAM. */
export const STREAMS_MAX = 100;

/** SETTINGS_HEADER_TABLE_SIZE: the default. An idle connection holds at most this much of the peer's fields. */
export const TABLE_BYTES_MAX = 4096;

/** The fields of one request, decoded, as SETTINGS_MAX_HEADER_LIST_SIZE counts them. As in HTTP/1.1. Beyond it: 431. */
export const FIELD_SECTION_BYTES_MAX = 32 * 1024;

/**
 * The same, for a client that cannot mean a request: a table makes a block of 32 KiB to 130 MB of fields (an HPACK bomb),
 * and we must decode them for the next 431. Eight times the limit that it knows. Beyond it: ENHANCE_YOUR_CALM.
 */
export const FIELD_SECTION_BYTES_LAST = 8 * FIELD_SECTION_BYTES_MAX;

/** The encoded fields of one request. No encoder makes them longer than the fields. Beyond it: ENHANCE_YOUR_CALM. */
export const BLOCK_BYTES_MAX = 32 * 1024;

/** CONTINUATION frames of one block (CVE-2024-27316): three are enough for the longest one. Beyond it: ENHANCE_YOUR_CALM. */
export const CONTINUATIONS_MAX = 8;

/** Content that may be on its way to us in one stream, and in all: the default. One request may have as much. */
export const RECEIVE_WINDOW_BYTES = 65_535;

/** Received content after which we open the windows again. Half of a window keeps a sender from waiting. */
export const WINDOW_UPDATE_BYTES = RECEIVE_WINDOW_BYTES >> 1;

/** How many frames of one kind a peer may send at once, and how many more each second. Beyond: ENHANCE_YOUR_CALM. */
export interface BudgetLimits {
  readonly atOnce: number;
  readonly perSecond: number;
}

/**
 * Streams that end in RST_STREAM, ours for a mistake of the peer or the peer's own (CVE-2023-44487, 2019-9514). A browser that leaves a
 * page of a hundred pictures cancels them all at once.
 */
export const RESETS: BudgetLimits = { atOnce: 200, perSecond: 20 };

/** SETTINGS, which we must acknowledge (CVE-2019-9515). Clients send one, and one more when something changes. */
export const SETTINGS: BudgetLimits = { atOnce: 20, perSecond: 1 };

/** PING, which we must answer (CVE-2019-9512). Clients that measure the round trip send a few each second. */
export const PINGS: BudgetLimits = { atOnce: 50, perSecond: 10 };

/** Frames that carry nothing: DATA and CONTINUATION without a byte (CVE-2019-9518), extensions, GOAWAY. */
export const EMPTY_FRAMES: BudgetLimits = { atOnce: 100, perSecond: 10 };

/** PRIORITY and PRIORITY_UPDATE (CVE-2019-9513). A browser sends one or two for each request. */
export const PRIORITIES: BudgetLimits = { atOnce: 500, perSecond: 100 };

/** WINDOW_UPDATE of less than `SMALL_WINDOW_BYTES` (CVE-2019-9511), each of which makes us send a tiny frame. */
export const SMALL_WINDOWS: BudgetLimits = { atOnce: 200, perSecond: 20 };
export const SMALL_WINDOW_BYTES = 512;

/** Other WINDOW_UPDATE. A client that takes 100 MB/s sends some thousand each second. */
export const WINDOWS: BudgetLimits = { atOnce: 20_000, perSecond: 20_000 };

/**
 * How long a connection takes new streams, so that the memory that a long life leaves behind is freed, and load spreads
 * over workers again. nginx uses the same time. After it: GOAWAY, and the answers under way are finished.
 */
export const AGE_MS_MAX = 3_600_000;

/** Requests after which the connection takes no more: those of a day, at a thousand a second. After it: GOAWAY. */
export const STREAMS_IN_ALL_MAX = 100_000_000;

/** Closed streams of which we remember how they ended, because frames for them may still be on their way. */
export const CLOSED_REMEMBERED_MAX = 128;

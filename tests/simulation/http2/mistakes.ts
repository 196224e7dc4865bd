/**
 * Mistakes of clients, and the error codes that answer them (RFC 9113, section 7): of a connection, of one stream, and too
 * many frames of a kind.
 */

import { concat } from "@std/bytes/concat";
import { frame, ping, priority, reset, settings, windowUpdate } from "../../http2/wire.ts";
import type { Random } from "../random.ts";
import type { Field } from "./hpack_tables.ts";
import type { Http2Message } from "./messages.ts";

/** What a client sends, and the codes of which the server's GOAWAY has one. */
export interface Mistake {
  readonly bytes: Uint8Array;
  readonly codes: readonly number[];
}

const [PROTOCOL, FLOW_CONTROL, STREAM_CLOSED, FRAME_SIZE, COMPRESSION, CALM] = [1, 3, 5, 6, 9, 11];

const octets = (...values: number[]) => Uint8Array.from(values);

/** A mistake that ends the connection. `nextId`: the number of a stream that is idle. */
export function someMistake(nextId: number, random: Random): Mistake {
  const mistake = (bytes: Uint8Array, ...codes: number[]): Mistake => ({ bytes, codes });
  return random.pick([
    mistake(frame("DATA", 0, 0, octets(1)), PROTOCOL),
    mistake(frame("DATA", 0, nextId, octets(1)), PROTOCOL, STREAM_CLOSED),
    mistake(frame("HEADERS", 5, 0, octets(0x82)), PROTOCOL),
    mistake(frame("HEADERS", 5, 2, octets(0x82)), PROTOCOL),
    mistake(frame("HEADERS", 5, nextId, octets(0x80)), COMPRESSION),
    mistake(frame("HEADERS", 5, nextId, octets(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)), COMPRESSION),
    mistake(frame("HEADERS", 5, nextId, octets(0x3f, 0xff, 0xff, 0x7f)), COMPRESSION),
    mistake(frame("HEADERS", 13, nextId, octets(9, 0x82)), PROTOCOL),
    mistake(concat([frame("HEADERS", 1, nextId, octets(0x82)), ping()]), PROTOCOL),
    mistake(concat([frame("HEADERS", 1, nextId, octets(0x82)), frame("CONTINUATION", 4, nextId + 2)]), PROTOCOL),
    mistake(frame("CONTINUATION", 4, nextId, octets(0x82)), PROTOCOL),
    mistake(frame("PRIORITY", 0, 0, octets(0, 0, 0, 0, 1)), PROTOCOL),
    mistake(reset(nextId), PROTOCOL),
    mistake(frame("RST_STREAM", 0, nextId, octets(1, 2, 3)), FRAME_SIZE, PROTOCOL),
    mistake(frame("SETTINGS", 0, 0, octets(1, 2, 3)), FRAME_SIZE),
    mistake(frame("SETTINGS", 1, 0, octets(0, 3, 0, 0, 0, 1)), FRAME_SIZE),
    mistake(frame("SETTINGS", 0, 1), PROTOCOL),
    mistake(settings([2, 2]), PROTOCOL),
    mistake(settings([4, 2 ** 31]), FLOW_CONTROL),
    mistake(settings([5, 1]), PROTOCOL),
    mistake(frame("PUSH_PROMISE", 4, nextId, octets(0, 0, 0, 2, 0x82)), PROTOCOL),
    mistake(frame("PING", 0, 0, octets(1, 2, 3)), FRAME_SIZE),
    mistake(ping("12345678", 0, 1), PROTOCOL),
    mistake(frame("GOAWAY", 0, 1, octets(0, 0, 0, 0, 0, 0, 0, 0)), PROTOCOL),
    mistake(windowUpdate(0, 0), PROTOCOL),
    mistake(windowUpdate(nextId, 1), PROTOCOL),
    mistake(concat([windowUpdate(0, 2 ** 31 - 1), windowUpdate(0, 2 ** 31 - 1)]), FLOW_CONTROL),
    mistake(frame("PING", 0, 0, octets(), 16_385), FRAME_SIZE),
  ]);
}

/** More frames of a kind than the server bears. */
export function someFlood(nextId: number, random: Random): Mistake {
  const many = (count: number, one: (at: number) => Uint8Array) =>
    concat(Array.from({ length: count }, (_, at) => one(at)));
  const bytes = random.pick([
    () => many(400, () => ping()),
    () => many(100, () => settings()),
    () => many(3000, () => priority(nextId, 0)),
    () => many(1000, () => windowUpdate(0, 1)),
    () => many(1000, () => frame(0xbe, 0, 0)),
    () => many(600, (at) => concat([frame("HEADERS", 5, nextId + 2 * at, GET), reset(nextId + 2 * at)])),
    () => concat([frame("HEADERS", 1, nextId, octets(0x82)), many(200, () => frame("CONTINUATION", 0, nextId))]),
  ])();
  return { bytes, codes: [CALM!] };
}

/** `GET /` of `a`, in a block that leaves the tables as they are. */
const GET = octets(0x82, 0x84, 0x86, 0x01, 1, 0x61);

/** A request whose fields break a rule, so that the server ends its stream alone. */
export function someMalformed(random: Random): Http2Message {
  const whole: Field[] = [[":method", "GET"], [":scheme", "http"], [":path", "/"], [":authority", "a"]];
  const without = (name: string) => whole.filter((field) => field[0] !== name);
  const fields = random.pick<Field[]>([
    [...whole, ["X-Upper", "y"]],
    [...whole, ["connection", "close"]],
    [...whole, ["te", "gzip"]],
    [...whole, ["x", "y\n"]],
    [...whole, [":path", "/"]],
    [["x", "y"], ...whole],
    [...whole, ["content-length", "5"]],
    [...without(":path"), [":path", ""]],
    without(":method"),
    without(":scheme"),
    without(":path"),
    [...whole, [":unknown", "x"]],
    [...whole, ["host", "b"]],
  ]);
  const common = { contentBytes: null, hasTrailers: false, isDeclined: false, isHead: false, isOld: false };
  return { ...common, fields, persists: true, expectsContinue: false, expected: { kind: "status", statuses: [] } };
}

/** The code that answers a malformed request. */
export const MALFORMED_CODE = PROTOCOL!;

/** The bytes as a server reads them: a length and a number. For traces. */
export function firstOctets(bytes: Uint8Array): string {
  return [...bytes.subarray(0, 24)].map((octet) => octet.toString(16).padStart(2, "0")).join(" ");
}

/**
 * HTTP/2: any frames, in any order, and any field blocks. The server never fails, never sends what a strict client
 * refuses, and never more content than the windows permit. Blocks are read back as they were written.
 */

import fc from "../../fast_check.ts";
import { concat } from "@std/bytes/concat";
import { sizeOf } from "../../../src/http/h2/dynamic_table.ts";
import { encodeFields } from "../../../src/http/h2/hpack_encoder.ts";
import { HpackDecoder } from "../../../src/http/h2/hpack_decoder.ts";
import { toText } from "../../http2/octets.ts";
import { talk, type Talked } from "../../http2/talking.ts";
import { data, frame, get, headers, ping, post, priority, reset, settings, windowUpdate } from "../../http2/wire.ts";
import { agree, insist } from "../agree.ts";
import { property } from "../property.ts";

/** One thing that a client sends. Streams are small numbers, so that they meet each other. */
interface Sent {
  readonly bytes: Uint8Array;
  /** What it adds to the windows at most: of the connection, and of each stream. */
  readonly connection?: number;
  readonly streams?: number;
}

const ids = fc.oneof({ weight: 8, arbitrary: fc.nat(8).map((half) => 2 * half + 1) }, {
  weight: 1,
  arbitrary: fc.nat(20),
});
const paths = fc.constantFrom("/", "/large", "/empty", "/stream", "/later", "/fails", "/echo", "*", "", "/%zz");
const octets = fc.uint8Array({ maxLength: 40 });
const flags = fc.oneof(fc.constantFrom(0, 1, 4, 5, 8, 9, 13, 0x20, 0x25), fc.nat(255));
const increments = fc.oneof(fc.constantFrom(0, 1, 5, 16_384, 100_000, 2 ** 31 - 1), fc.nat(2 ** 31 - 1));
const fields = fc.array(
  fc.constantFrom(
    "te: trailers",
    "te: gzip",
    "x: y",
    "X: y",
    "priority: u=1, i",
    "cookie: a=1",
    "content-length: 3",
    "host: b",
    ":path: /x",
    "range: bytes=0-1",
  ),
  { maxLength: 3 },
);

const plain = (bytes: Uint8Array): Sent => ({ bytes });

const sent: fc.Arbitrary<Sent> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(ids, paths, fields).map(([id, path, more]) => plain(get(id, path, ...more))) },
  { weight: 2, arbitrary: fc.tuple(ids, paths, fields).map(([id, path, more]) => plain(post(id, path, ...more))) },
  { weight: 1, arbitrary: fc.tuple(ids, fields).map(([id, more]) => plain(headers(id, 1, ...more))) },
  {
    weight: 3,
    arbitrary: fc.tuple(ids, fc.nat(20_000), flags).map(([id, length, flag]) =>
      plain(data(id, Math.min(length, 16_384), flag))
    ),
  },
  { weight: 2, arbitrary: ids.map((id) => plain(reset(id))) },
  { weight: 4, arbitrary: fc.tuple(ids, increments).map(([id, by]) => ({ bytes: windowUpdate(id, by), streams: by })) },
  { weight: 2, arbitrary: increments.map((by) => ({ bytes: windowUpdate(0, by), connection: by })) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(9), increments).map(([id, value]) => ({
      bytes: settings([id, value]),
      streams: id === 4 ? value : 0,
    })),
  },
  { weight: 1, arbitrary: fc.tuple(ids, ids).map(([id, on]) => plain(priority(id, on))) },
  { weight: 1, arbitrary: fc.constant(plain(ping())) },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(17), flags, ids, octets).map(([type, flag, id, payload]) => ({
      bytes: frame(type, flag, id, payload),
      connection: 2 ** 31,
      streams: 2 ** 31,
    })),
  },
  { weight: 1, arbitrary: octets.map((bytes) => ({ bytes, connection: 2 ** 31, streams: 2 ** 31 })) },
);

export const http2Frames = property({
  name: "http2-frames",
  runsInTests: 300,
  share: 3,
  values: fc.tuple(fc.array(sent, { maxLength: 40 }), fc.array(fc.nat(40), { maxLength: 6 })),
  check: async ([all, cuts]) => {
    const ends = [...new Set(cuts.map((cut) => cut % (all.length + 1))), all.length].sort((a, b) => a - b);
    const steps = ends.map((end, index) => concat(all.slice(ends[index - 1] ?? 0, end).map(({ bytes }) => bytes)));
    const talked = await talk(steps.filter(({ length }) => length > 0));
    agree(talked.thrown, null, "thrown");
    checkWindows(talked, all);
    for (const problem of talked.reported) insist(problem.startsWith("cannot answer "), problem);
    return talked.goAway === null ? `${Math.min(3, talked.answers.size)} answers` : talked.goAway.code;
  },
});

/** No more content than the client has permitted, in each stream and in all. */
function checkWindows({ answers }: Talked, all: readonly Sent[]): void {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const lengths = [...answers.values()].map(({ content }) => content.length);
  insist(
    sum(lengths) <= 65_535 + sum(all.map(({ connection = 0 }) => connection)),
    "more than the connection's window",
  );
  const streamMax = 65_535 + sum(all.map(({ streams = 0 }) => streams));
  insist(lengths.every((length) => length <= streamMax), "more than a stream's window");
}

const texts = fc.string({ unit: fc.nat(255).map((octet) => String.fromCharCode(octet)), maxLength: 60 });
const names = fc.oneof(fc.constantFrom(":status", "date", "server", "etag", "vary", "x"), texts);
const values = fc.oneof(fc.constantFrom("200", "", "gzip, deflate"), texts);

export const http2Fields = property({
  name: "http2-fields",
  runsInTests: 300,
  values: fc.array(fc.tuple(names, values), { maxLength: 12 }),
  check: (given) => {
    const decoded: [string, string][] = [];
    const decoder = new HpackDecoder(4096);
    const block = encodeFields(given);
    const field = (name: Uint8Array, value: Uint8Array) => void decoded.push([toText(name), toText(value)]);
    agree(decoder.decode(block, 0, block.length, { field }), null, "problem");
    agree(decoded, given, "fields");
    agree(decoder.tableBytes, 0, "table");
    return `${Math.min(3, given.length)} fields`;
  },
});

/** Octets with which blocks begin, more often than by chance. */
const blockOctets = fc.oneof(
  fc.constantFrom(0x00, 0x10, 0x20, 0x3f, 0x40, 0x41, 0x7f, 0x80, 0x82, 0xbe, 0xbf, 0xff, 1, 2, 0x81),
  fc.nat(255),
);

export const http2Blocks = property({
  name: "http2-blocks",
  runsInTests: 500,
  values: fc.array(fc.array(blockOctets, { maxLength: 40 }), { maxLength: 6 }),
  check: (blocks) => {
    const decoder = new HpackDecoder(256);
    for (const block of blocks) {
      const problem = decoder.decode(Uint8Array.from(block), 0, block.length, { field: () => {} });
      insist(decoder.tableBytes <= 256, "the table is larger than its limit");
      let bytes = 0;
      for (let index = 0, entry = decoder.tableEntry(0); entry !== null; entry = decoder.tableEntry(++index)) {
        bytes += sizeOf(entry);
      }
      agree(decoder.tableBytes, bytes, "size of the table");
      if (problem !== null) return problem;
    }
    return "decoded";
  },
});

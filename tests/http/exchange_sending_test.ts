/** Sending of answers: every byte is right, for all kinds of content and for all lengths around the sizes of buffers. */

import { assert, assertEquals } from "@std/assert";
import { COPIED_BLOCK_BYTES_MAX } from "../../src/http/h1/block.ts";
import { OUTBOX_BYTES } from "../../src/http/h1/outbox.ts";
import {
  bytesContent,
  type KnownResponse,
  type Piece,
  type Response,
  share,
  type Source,
} from "../../src/http/response.ts";
import { latin1, latin1Bytes } from "../../src/http/syntax.ts";
import { converse, request } from "./conversation.ts";

/** Bytes whose values show their position. */
function patternOf(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, at) => 33 + at % 89);
}

/** A source of bytes. Each read returns at most `readMax` bytes. It records how far it was read. */
class BytesSource implements Source {
  askedUntil = 0;
  readonly #bytes: Uint8Array;
  readonly #readMax: number;

  constructor(bytes: Uint8Array, readMax = Infinity) {
    this.#bytes = bytes;
    this.#readMax = readMax;
  }

  readAt(position: number, into: Uint8Array): number {
    this.askedUntil = Math.max(this.askedUntil, position + into.length);
    const part = this.#bytes.subarray(position, position + Math.min(into.length, this.#readMax));
    into.set(part);
    return part.length;
  }
}

function answer(...pieces: readonly Piece[]): KnownResponse {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return { status: 200, fields: [], content: { kind: "known", length, pieces, close: () => {} } };
}

const SIZES = [
  0,
  1,
  COPIED_BLOCK_BYTES_MAX,
  COPIED_BLOCK_BYTES_MAX + 1,
  OUTBOX_BYTES - 1,
  OUTBOX_BYTES,
  OUTBOX_BYTES + 1,
  3 * OUTBOX_BYTES + 7,
  4 * OUTBOX_BYTES, // The size of a slice of a large file.
  10 * OUTBOX_BYTES + 5,
];

const KINDS: readonly (readonly [what: string, pieces: (bytes: Uint8Array) => readonly Piece[]])[] = [
  ["bytes", (bytes) => [bytes]],
  ["a source", (bytes) => [{ source: new BytesSource(bytes), position: 0, length: bytes.length }]],
  ["a source that gives little at a time", (bytes) => {
    return [{ source: new BytesSource(bytes, 5000), position: 0, length: bytes.length }];
  }],
  ["pieces of both kinds", (bytes) => {
    const half = bytes.length >> 1;
    return [
      bytes.subarray(0, half),
      { source: new BytesSource(bytes), position: half, length: bytes.length - half },
    ];
  }],
];

for (const [what, pieces] of KINDS) {
  for (const writeMax of [Infinity, 30_011]) {
    Deno.test(`http() sends ${what} of every size completely and in order, to a peer that accepts ${writeMax} bytes at a time`, async () => {
      // Small answers in between change the position of each answer in the buffers.
      const contents = SIZES.flatMap((size) => [patternOf(size), patternOf(size % 1000)]);
      const responses = contents.map((bytes) => answer(...pieces(bytes)));
      const left = responses.values();
      const { answers, thrown } = await converse([request("GET /").repeat(responses.length)], {
        handler: () => left.next().value!,
        peer: { writeMax },
      });
      assertEquals([answers.length, thrown], [responses.length, null]);
      for (const [index, bytes] of contents.entries()) {
        assert(
          answers[index]!.content === latin1(bytes, 0, bytes.length),
          `the answer of ${bytes.length} bytes differs`,
        );
      }
    });
  }
}

/** The first answer ends some bytes before the end of a buffer, so that the end is at any position of the next head. */
Deno.test("http() sends a whole head at every position in a buffer", async () => {
  const { answers: [empty], socket: { written } } = await converse([request("GET /")], { handler: () => answer() });
  const headLength = written.length;
  assertEquals(empty?.content, "");
  for (let room = -2; room <= headLength + 2; room += 7) {
    const first = patternOf(OUTBOX_BYTES - headLength - 5 - room); // The length has five digits instead of one.
    const responses = [answer(first), answer(latin1Bytes("second"))].values();
    const { answers } = await converse([request("GET /").repeat(2)], { handler: () => responses.next().value! });
    assertEquals(answers.map(({ content }) => content.length), [first.length, 6], `${room} bytes are free`);
    assertEquals(answers[1]!.content, "second");
  }
});

Deno.test("http() sends a head, bytes and the content of a file in one write", async () => {
  const piece = { source: new BytesSource(latin1Bytes("source")), position: 0, length: 6 };
  const { socket, answers } = await converse([request("GET /")], {
    handler: () => answer(latin1Bytes("bytes "), piece),
  });
  assertEquals([answers[0]?.content, socket.writes.length], ["bytes source", 1]);
});

Deno.test("http() reads a file from the position on, up to the length", async () => {
  const source = new BytesSource(latin1Bytes("0123456789"));
  const { answers } = await converse([request("GET /")], {
    handler: () => answer({ source, position: 3, length: 4 }),
  });
  assertEquals([answers[0]?.content, source.askedUntil], ["3456", 7]);
});

Deno.test("http() copies small content at once, so that the handler may reuse its buffer", async () => {
  const bytes = latin1Bytes("0");
  const handler = () => {
    bytes[0]!++;
    return { status: 200, fields: [], content: bytesContent(bytes) } as const;
  };
  const { answers } = await converse([request("GET /").repeat(3)], { handler });
  assertEquals(answers.map(({ content }) => content), ["1", "2", "3"]);
});

/** Mistakes of a handler after which a client would search for the next answer at a wrong position. */
const MISTAKES: readonly (readonly [what: string, response: Response])[] = [
  ["a head larger than the outbox", { ...answer(), fields: [["X", "x".repeat(OUTBOX_BYTES)]] }],
  ["a shared head larger than the outbox", share({ ...answer(), fields: [["X", "x".repeat(OUTBOX_BYTES)]] })],
  ...[3, 20_000, OUTBOX_BYTES + 1].flatMap((size) =>
    [-1, 1].flatMap((more): [string, Response][] => {
      const { content, ...rest } = answer(patternOf(size));
      const response = { ...rest, content: { ...content, length: size + more } };
      const what = `${size} bytes of content where its length says ${size + more}`;
      return [[what, response], [`${what}, shared`, share(response)]];
    })
  ),
];

for (const [what, response] of MISTAKES) {
  Deno.test(`http() ends the connection instead of sending ${what}`, async () => {
    const { socket, thrown } = await converse([request("GET /") + request("GET /")], { handler: () => response });
    assert(thrown instanceof RangeError);
    assertEquals(socket.written, "");
  });
}

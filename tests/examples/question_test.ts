/** `question()`: questions are answered in order, however they are split. An endless one is refused. */

import { assertEquals } from "@std/assert";
import { APHORISMS, question, QUESTION_BYTES_MAX, takeQuestion } from "../../examples/question/question.ts";
import { chunks } from "../../src/net/chunks.ts";
import { connect } from "../../src/net/connect.ts";
import { writeAll } from "../../src/net/write_all.ts";
import { feed } from "../feed.ts";
import { type Bench, makeBench } from "../net/fake_socket.ts";
import { withServer } from "../serving.ts";
import { sweepOnce, turn } from "../virtual_clock.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const BEAUTIFUL = "Beautiful is better than?";
const EXPLICIT = "Explicit is better than?";
const UNKNOWN = "Error: unknown aphorism.";
const TOO_LONG = "Error: the question is too long.";
const SIZES = { minBytes: 64, maxBytes: 4096 };

/** The answers to a peer that sends these pieces, one per read, and closes its side. */
async function answersTo(...pieces: string[]): Promise<string> {
  const { connection, socket } = makeBench({ accumulator: SIZES });
  const ended = question(connection);
  for (const piece of pieces) {
    socket.receive(piece);
    await turn();
  }
  socket.end();
  await ended;
  return socket.sent;
}

for (const [asked, answer] of Object.entries(APHORISMS)) {
  Deno.test(`question() answers ${asked} with ${answer}`, async () => {
    assertEquals(await answersTo(asked), answer);
  });
}

Deno.test("question() answers an unknown question with an error, and continues", async () => {
  assertEquals(await answersTo("What is better?", "constructor?", "?", BEAUTIFUL), UNKNOWN.repeat(3) + "Ugly.");
});

Deno.test("question() answers questions of one segment each in turn", async () => {
  assertEquals(await answersTo(BEAUTIFUL + EXPLICIT + "Which?"), `Ugly.Implicit.${UNKNOWN}`);
});

Deno.test("question() answers a question that is split at any byte", async () => {
  for (let at = 1; at < BEAUTIFUL.length; at++) {
    const [first, second] = [BEAUTIFUL.slice(0, at), BEAUTIFUL.slice(at)];
    assertEquals(await answersTo(first, second), "Ugly.", `${first}|${second}`);
  }
});

Deno.test("question() answers the whole question before a half one at once", async () => {
  const { connection, socket } = makeBench({ accumulator: SIZES });
  const ended = question(connection);
  socket.receive(BEAUTIFUL + "Explicit is");
  await turn();
  assertEquals(socket.sent, "Ugly.");
  socket.receive(" better than?");
  await turn();
  assertEquals(socket.sent, "Ugly.Implicit.");
  socket.end();
  await ended;
});

Deno.test("question() skips newlines before, between and after questions", async () => {
  assertEquals(await answersTo(`\r\n${BEAUTIFUL}\n`, `\n\n${EXPLICIT}\r\n`, "\n"), "Ugly.Implicit.");
});

Deno.test("question() sends no answer to an incomplete question at the end of the stream", async () => {
  assertEquals(await answersTo(BEAUTIFUL.slice(0, -1)), "");
});

Deno.test("question() refuses an endless question with an error, and ends its side", async () => {
  const { connection, socket } = makeBench({ accumulator: SIZES });
  const ended = question(connection);
  socket.receive(BEAUTIFUL + "x".repeat(QUESTION_BYTES_MAX));
  await turn();
  assertEquals([socket.sent, socket.isWriteClosed], [`Ugly.${TOO_LONG}`, true]);
  socket.end();
  await ended;
  assertEquals(socket.isClosed, true);
});

Deno.test("question() refuses an endless question also when its accumulator is small", async () => {
  const { connection, socket } = makeBench({ accumulator: { minBytes: 16, maxBytes: 64 } });
  const ended = question(connection);
  socket.receive("x".repeat(100));
  await turn();
  assertEquals(socket.sent, TOO_LONG);
  socket.end();
  await ended;
});

Deno.test("question() writes a turn's worth of answers at a time to a peer that sends nothing but question marks", async () => {
  const { connection, socket, events, clock } = makeBench({ accumulator: SIZES });
  const ended = question(connection);
  socket.receive("?".repeat(1000));
  for (let times = 0; times < 100; times++) {
    await turn();
    clock.advance(0); // The other connections have had their turns.
  }
  socket.end();
  await ended;
  const writes = events.flatMap((event) => event.kind === "write" ? [event.count] : []);
  assertEquals([socket.sent, Math.max(...writes)], [UNKNOWN.repeat(1000), 32 * UNKNOWN.length]);
});

/** Advances the time by `ms` and sweeps. Returns whether that has ended the connection. */
async function isSweptAfter({ connection, clock, events }: Bench, ms: number): Promise<boolean> {
  clock.advance(ms);
  await sweepOnce([connection], clock, { idleMs: 5000, messageMs: 10_000 });
  return events.some(({ kind }) => kind === "sweep");
}

Deno.test("question() sends an error if a question is not complete in time", async () => {
  const bench = makeBench({ accumulator: SIZES });
  const ended = question(bench.connection);
  bench.socket.receive("Beautiful is");
  await turn();
  assertEquals(await isSweptAfter(bench, 5001), true);
  await turn();
  bench.socket.end();
  await ended;
  await turn();
  assertEquals([bench.socket.sent, bench.socket.isClosed], ["Error: the question did not end in time.", true]);
});

Deno.test("question() measures the time of each question from its first byte", async () => {
  const bench = makeBench({ accumulator: SIZES });
  const ended = question(bench.connection);
  for (let times = 0; times < 5; times++) {
    bench.socket.receive(EXPLICIT + "Expl"); // A question is always incomplete, but never late.
    await turn();
    assertEquals(await isSweptAfter(bench, 4000), false);
    bench.socket.receive("icit is better than?");
    await turn();
  }
  bench.socket.end();
  await ended;
});

Deno.test("question() answers one more question when it is drained", async () => {
  const { connection, socket } = makeBench({ accumulator: SIZES });
  const ended = question(connection);
  connection.drain();
  socket.receive(BEAUTIFUL);
  await turn();
  assertEquals([socket.sent, socket.isWriteClosed], ["Ugly.", true]);
  socket.end();
  await ended;
});

Deno.test("question() answers 200 clients at the same time, each with its own answer", async () => {
  await withServer(question, async ({ port }) => {
    const asked = Object.keys(APHORISMS);
    const sockets = await Promise.all(
      Array.from({ length: 200 }, () => connect({ hostname: "127.0.0.1", port })),
    );
    const answers = await Promise.all(sockets.map(async (socket, at) => {
      await writeAll(socket, new TextEncoder().encode(asked[at % 3]!));
      await socket.closeWrite();
      let answer = "";
      for await (const chunk of chunks(socket)) answer += new TextDecoder().decode(chunk);
      socket.close();
      return answer;
    }));
    assertEquals(answers, sockets.map((_, at) => APHORISMS[asked[at % 3]!]!));
  });
});

Deno.test("takeQuestion() has the same result however the bytes are split", () => {
  const newReader = () => (input: Parameters<typeof takeQuestion>[0]) => {
    const taken = takeQuestion(input);
    return typeof taken === "string" ? taken : taken.question;
  };
  const cases = [BEAUTIFUL, "\n\r\nWhy?", "?", "??", "x".repeat(QUESTION_BYTES_MAX - 1) + "?"];
  for (const asked of cases) {
    const { outcome } = feed(newReader, asked);
    assertEquals(outcome, asked.replace(/^[\r\n]+/, "").replace(/(?<=\?).*/, ""));
  }
  assertEquals(feed(newReader, "no end").outcome, "partial");
});

Deno.test("takeQuestion() refuses a question by its length, however the bytes are split", () => {
  const newReader = () => (input: Parameters<typeof takeQuestion>[0]) => {
    const taken = takeQuestion(input);
    return taken === "partial" ? taken : taken === "too long" ? 400 : 200;
  };
  assertEquals(feed(newReader, "x".repeat(QUESTION_BYTES_MAX) + "?").outcome, 400);
  assertEquals(feed(newReader, "x".repeat(QUESTION_BYTES_MAX - 1) + "?").outcome, 200);
});

/** The simulation of the course follows the server: the same bytes, cut in the same way, have the same effect. */

import { assertEquals } from "@std/assert";
import fc from "../fast_check.ts";
import { http } from "../../src/http/h1/conversation.ts";
import { textResponse } from "../../src/http/response.ts";
import { Accumulator } from "../../src/net/accumulator.ts";
import type { ConnectionEvent } from "../../src/net/events.ts";
import { Accumulator as ModelAccumulator, Connection, LIMITS } from "../../www/model.js";
import { begin } from "../net/served.ts";
import { turn } from "../virtual_clock.ts";

const { idleMs, messageMs, minBytes, maxBytes } = LIMITS;

const A = "GET / HTTP/1.1\r\nHost: lab\r\n\r\n";
const B = "GET /b HTTP/1.1\r\nHost: lab\r\n\r\n";

/** Bytes that arrive, or milliseconds that pass. */
type Step = string | number;

/** An event without what the model need not know: the length of answers, and addresses. */
function brief(event: ConnectionEvent): string {
  switch (event.kind) {
    case "read":
      return `read ${event.count} ${event.accumulated}`;
    case "sweep":
      return `sweep ${event.reason} while ${event.activity}`;
    default:
      return event.kind;
  }
}

function briefLine(line: string): string {
  const [, kind = "", details = ""] = /#1 +([a-z]+) +(.*)$/.exec(line) ?? [];
  const [, count, held] = /^([0-9]+) bytes; accumulator holds ([0-9]+)/.exec(details) ?? [];
  if (kind === "read") return `read ${count} ${held}`;
  return kind === "sweep" ? `sweep ${details}` : kind;
}

/** Until the sweep has passed, or the server has refused. What closes afterwards is no rule of the model. */
function untilOver(events: readonly string[]): string[] {
  const kept = events.filter((event) => event !== "end" && event !== "close");
  const swept = kept.findIndex((event) => event.startsWith("sweep"));
  return swept < 0 ? kept : kept.slice(0, swept + 1);
}

/** Sends the same to the server and to the model, and compares the events and the statuses. */
async function compare(steps: readonly Step[]): Promise<void> {
  const options = { accumulator: { minBytes, maxBytes }, sweep: { idleMs, messageMs } };
  const server = begin(http(() => textResponse("x")), options);
  const socket = server.listener.connect();
  await turn();
  const model = new Connection();
  for (const step of steps) {
    if (model.activity === "closed") break;
    if (typeof step === "string") socket.receive(step), model.arrive(step);
    else await pass(step);
    await turn();
    const real = untilOver(server.events.map(({ event }) => brief(event)));
    assertEquals(real, untilOver(model.trace.map(briefLine)), JSON.stringify(steps));
    const statuses = [...socket.sent.matchAll(/HTTP\/1\.1 ([0-9]{3}) /g)].map(([, status]) => Number(status));
    assertEquals(statuses, model.answers, JSON.stringify(steps));
  }
  socket.end();
  await server.finish();

  /** The server looks again at an overdue connection for some milliseconds before it ends it. */
  async function pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 25) {
      server.clock.advance(25);
      model.advance(25);
      await turn();
    }
    for (let round = 0; model.activity === "closed" && round < 40; round++) {
      server.clock.advance(1);
      await turn();
    }
  }
}

const SCENARIOS: Readonly<Record<string, readonly Step[]>> = {
  "a request byte by byte": [...A],
  "two requests in one segment": [A + B],
  "two requests and a half, and then nothing": [`${A}${B}GET /c HT`, 2000, 2000, 2000],
  "a request in two parts": [A.slice(0, 9), 1000, A.slice(9)],
  "nothing at all": [2000, 2000, 2000],
  "a request, and then nothing": [A, 3000, 3000],
  "a byte each four seconds": ["G", 4000, "E", 4000, "T", 4000],
  "a remainder that is older than its deadline": [A + "G", 4000, "E", 4000, "T", 4000],
  "bare LF": ["GET / HTTP/1.1\n"],
  "no request line": ["GET /\r\n"],
  "no Host": ["GET / HTTP/1.1\r\n\r\n"],
  "empty lines before a request": ["\r\n\r\n" + A],
  "a field that is none": ["GET / HTTP/1.1\r\nHost lab\r\n"],
  "a head that needs more space": [`GET / HTTP/1.1\r\nHost: lab\r\nX: ${"x".repeat(150)}\r\n\r\n`],
};

for (const [what, steps] of Object.entries(SCENARIOS)) {
  Deno.test(`the model and the server do the same with ${what}`, () => compare(steps));
}

Deno.test("the model and the server do the same with requests that are cut anywhere", async () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 });
  const text = fc.constantFrom(A + B, A + B + A, `${B}${A}GET /`, A + "\r\n" + B, A + "GET / HTTP/1.1\n" + B);
  await fc.assert(
    fc.asyncProperty(text, cuts, async (text, cuts) => {
      const steps: Step[] = [];
      let rest = text;
      for (let index = 0; rest !== ""; index++) {
        const count = cuts[index % cuts.length]!;
        steps.push(rest.slice(0, count), 25);
        rest = rest.slice(count);
      }
      await compare(steps);
    }),
    { numRuns: 40 },
  );
});

Deno.test("the model's accumulator moves and grows like the server's", () => {
  const step = fc.oneof(fc.record({ read: fc.nat(100) }), fc.record({ consume: fc.nat(100) }));
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const real = new Accumulator({ minBytes, maxBytes });
    const model = new ModelAccumulator();
    for (const each of steps) {
      const { length } = real.space();
      assertEquals(model.space(), length);
      if ("read" in each) {
        const count = Math.min(each.read, length);
        real.commit(count);
        model.commit("x".repeat(count));
      } else {
        const count = Math.min(each.consume, real.length);
        real.consume(count);
        model.consume(count);
      }
      assertEquals([model.start, model.end, model.capacity], [real.start, real.end, real.capacity]);
    }
  }));
});

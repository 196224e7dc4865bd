/** The distinction of refusals from other values. */

import { assert, assertEquals } from "@std/assert";
import { flaw, isFlaw } from "../../src/http/client/answer.ts";
import { AnswerReader } from "../../src/http/client/answer_reader.ts";
import { errorResponse } from "../../src/http/response.ts";
import { isRefusal, refuse } from "../../src/http/status.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { Accumulator } from "../../src/net/accumulator.ts";
import { receive } from "../feed.ts";

Deno.test("isRefusal() is true for the result of refuse()", () => {
  assert(isRefusal(refuse(400, "")));
});

/** The answer of another server, as this project's client returns it. It has a status and a reason, too. */
function answered(): unknown {
  const input = new Accumulator({ minBytes: 64, maxBytes: 1024 });
  receive(input, latin1Bytes("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
  const answer = new AnswerReader({ isHeadRequest: false, contentBytesMax: 1, keepsContent: true }).advance(input);
  assert(typeof answer !== "string" && !isFlaw(answer), JSON.stringify(answer));
  assertEquals([answer.status, answer.reason], [404, "Not Found"]);
  return answer;
}

Deno.test("isRefusal() is false for all other values", () => {
  const values = [
    "partial",
    "",
    400,
    null,
    undefined,
    {},
    { status: 400 },
    { reason: "a" },
    { kind: "none" },
    { status: 404, reason: "Not Found" },
    flaw("short", "it ends early"),
    answered(),
    errorResponse(400),
  ];
  for (const value of values) assertEquals(isRefusal(value), false, JSON.stringify(value));
});

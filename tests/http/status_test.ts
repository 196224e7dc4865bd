/**
 * Status codes with the phrases of RFC 9110, section 15, and the distinction of refusals from other values.
 */

import { assert, assertEquals } from "@std/assert";
import { flaw, isFlaw } from "../../src/http/answer.ts";
import { AnswerReader } from "../../src/http/answer_reader.ts";
import { errorResponse } from "../../src/http/response.ts";
import { isRefusal, reasonPhrase, refuse, type Status } from "../../src/http/status.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { Accumulator } from "../../src/net/accumulator.ts";
import { receive } from "../feed.ts";

Deno.test("reasonPhrase() has the phrases of RFC 9110, section 15, and RFC 6585", () => {
  const phrases: readonly (readonly [Status, string])[] = [
    [100, "Continue"],
    [200, "OK"],
    [206, "Partial Content"],
    [301, "Moved Permanently"],
    [304, "Not Modified"],
    [400, "Bad Request"],
    [403, "Forbidden"],
    [404, "Not Found"],
    [405, "Method Not Allowed"],
    [408, "Request Timeout"],
    [412, "Precondition Failed"],
    [413, "Content Too Large"],
    [414, "URI Too Long"],
    [416, "Range Not Satisfiable"],
    [417, "Expectation Failed"],
    [431, "Request Header Fields Too Large"],
    [500, "Internal Server Error"],
    [501, "Not Implemented"],
    [505, "HTTP Version Not Supported"],
  ];
  for (const [status, phrase] of phrases) assertEquals(reasonPhrase(status), phrase);
});

Deno.test("refuse() keeps status and reason", () => {
  assertEquals(refuse(431, "too long"), { kind: "refusal", status: 431, reason: "too long" });
});

Deno.test("isRefusal() is true for the result of refuse()", () => {
  assert(isRefusal(refuse(400, "")));
});

/** The answer of another server, as this project's client returns it. It has a status and a reason, too. */
function answered(): unknown {
  const input = new Accumulator({ minBytes: 64, maxBytes: 1024 });
  receive(input, latin1Bytes("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
  const answer = new AnswerReader({ isToHead: false, contentBytesMax: 1, keepsContent: true }).advance(input);
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

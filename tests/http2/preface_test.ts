/**
 * Plain connections where `h2c` is on: the first bytes decide the version, however they arrive.
 */

import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { httpOfAnyVersion } from "../../src/http/h2/negotiation.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { StoppedClock, talk as talkOver } from "../http/conversation.ts";
import { read, site } from "./talking.ts";
import { get, PREFACE, settings } from "./wire.ts";

/** What a server answers to these bytes, in one read or one by one. */
async function answerTo(bytes: Uint8Array, isApart: boolean, h2c = true): Promise<Uint8Array> {
  const clock = new StoppedClock();
  const protocol = httpOfAnyVersion(site, { h2c, clock, targetsCached: 16 });
  const steps = isApart ? [...bytes].map((octet) => Uint8Array.of(octet)) : [bytes];
  const { socket, thrown } = await talkOver(protocol, steps, { clock });
  assertEquals(thrown, null);
  return latin1Bytes(socket.written);
}

for (const isApart of [false, true]) {
  const how = isApart ? "byte by byte" : "at once";

  Deno.test(`the preface begins HTTP/2 (${how})`, async () => {
    const { answers } = read(await answerTo(concat([PREFACE, settings(), get(1)]), isApart));
    assertEquals(answers.get(1)?.content, "hello");
  });

  for (const method of ["GET", "POST", "PRI", "PROPFIND"]) {
    Deno.test(`a request by ${method} begins HTTP/1.1 (${how})`, async () => {
      const request = latin1Bytes(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
      const [on, off] = [await answerTo(request, isApart), await answerTo(request, isApart, false)];
      assertEquals(on, off);
      assertEquals(new TextDecoder().decode(on).startsWith("HTTP/1.1 "), true);
    });
  }

  for (const line of ["INVALID CONNECTION PREFACE", "PRI * HTP/2.0", "PRI * SM"]) {
    Deno.test(`"${line}" is an invalid preface (${how})`, async () => {
      const { goAway, answers } = read(await answerTo(latin1Bytes(`${line}\r\n\r\n`), isApart));
      assertEquals([goAway?.code, answers.size], ["PROTOCOL_ERROR", 0]);
      const answer = new TextDecoder().decode(await answerTo(latin1Bytes(`${line}\r\n\r\n`), isApart, false));
      assertEquals(answer.startsWith("HTTP/1.1 400 "), true);
    });
  }

  for (
    const line of ["GET /", "GET /a b HTTP/1.1", "GET / http/1.1", "GET / HTTP/1.1 x", `GET /${"a".repeat(300)} H`, ""]
  ) {
    Deno.test(`the line "${line.slice(0, 20)}" of ${line.length} octets is one of HTTP/1.1 (${how})`, async () => {
      const request = latin1Bytes(`${line}\r\nHost: a\r\n\r\n`);
      const [on, off] = [await answerTo(request, isApart), await answerTo(request, isApart, false)];
      assertEquals(on, off);
      assertEquals(new TextDecoder().decode(on).startsWith("HTTP/1.1 400 "), true);
    });
  }

  Deno.test(`the preface gets 505 where h2c is off (${how})`, async () => {
    const answer = new TextDecoder().decode(await answerTo(PREFACE, isApart, false));
    assertEquals(answer.startsWith("HTTP/1.1 505 "), true);
  });

  Deno.test(`a connection that ends within the preface is treated as HTTP/1.1 (${how})`, async () => {
    const answer = new TextDecoder().decode(await answerTo(PREFACE.subarray(0, 9), isApart));
    assertEquals(answer.startsWith("HTTP/1.1 400 "), true);
  });
}

Deno.test("a connection that ends without a byte gets nothing", async () => {
  assertEquals((await answerTo(new Uint8Array(0), true)).length, 0);
});

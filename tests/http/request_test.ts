/** The cache of parsed targets: the result is the same as without the cache. */

import { assert, assertEquals } from "@std/assert";
import { wantsToPersist } from "../../src/http/persistence.ts";
import { type Arrival, interpret, RequestMemo } from "../../src/http/request.ts";
import { isRefusal } from "../../src/http/status.ts";
import { headOf } from "./heads.ts";

const ARRIVAL: Arrival = {
  peer: { transport: "tcp", hostname: "127.0.0.1", port: 50_000 },
  isSecure: false,
  askedMs: 0,
};

function ask(memo: RequestMemo, requestLine: string, ...fieldLines: readonly string[]) {
  const asked = interpret(headOf(fieldLines, requestLine), ARRIVAL, memo);
  if (isRefusal(asked)) return asked.status;
  const path = asked.target.kind === "path" ? asked.target.segments.join("/") : asked.target.kind;
  return `${asked.host} ${path}`;
}

Deno.test("RequestMemo returns the same target object for the same target and host, and only for these", () => {
  const memo = new RequestMemo();
  const target = (host: string) => {
    const asked = memo.parse(headOf([`Host: ${host}`], "GET /a HTTP/1.1"));
    assert(!isRefusal(asked));
    return asked.target;
  };
  assertEquals([target("a") === target("a"), target("a") === target("b")], [true, false]);
});

Deno.test("RequestMemo distinguishes requests by method, version, host, form and number of Hosts", () => {
  const requests: readonly (readonly [string | number, string, ...string[]])[] = [
    ["a x", "GET /x HTTP/1.1", "Host: a"],
    ["b x", "GET /x HTTP/1.1", "Host: b"],
    [400, "GET /x HTTP/1.1", "Host: a", "Host: a"],
    [400, "GET /x HTTP/1.1", "X: a"],
    [" x", "GET /x HTTP/1.0", "Host:"],
    [400, "GET /x HTTP/1.1", "Host:"],
    ["a x", "HEAD /x HTTP/1.0", "Host: A:80"],
    [400, "CONNECT /x HTTP/1.1", "Host: a"],
    ["c x", "GET http://c/x HTTP/1.1", "Host: a"],
    ["a asterisk", "OPTIONS * HTTP/1.1", "Host: a"],
    [400, "GET * HTTP/1.1", "Host: a"],
    ["a x", "OPTIONS /x HTTP/1.1", "Host: a"],
  ];
  const memo = new RequestMemo();
  for (let round = 0; round < 3; round++) {
    for (const [expected, ...request] of requests) assertEquals(ask(memo, ...request), expected, request.join("; "));
  }
});

Deno.test("RequestMemo is right for more targets than it holds, and for long ones", () => {
  const memo = new RequestMemo();
  for (let round = 0; round < 2; round++) {
    for (let number = 0; number < 50_000; number++) {
      assertEquals(ask(memo, `GET /${number} HTTP/1.1`, "Host: a"), `a ${number}`);
    }
  }
  // More targets than the cache has slots. They replace each other, and differ only in the host.
  for (let round = 0; round < 2; round++) {
    for (let number = 10_000; number < 60_000; number++) {
      assertEquals(ask(memo, "GET /x HTTP/1.1", `Host: h${number}`), `h${number} x`);
    }
  }
  for (const length of [255, 256, 257, 4000]) {
    const name = "n".repeat(length);
    for (const host of ["a", "h".repeat(length)]) {
      assertEquals(ask(memo, `GET /${name} HTTP/1.1`, `Host: ${host}`), `${host} ${name}`);
      assertEquals(ask(memo, `GET /${name}x HTTP/1.1`, `Host: ${host}`), `${host} ${name}x`);
    }
  }
});

Deno.test("wantsToPersist() accepts keep-alive in any letter case, alone and with other options", () => {
  const wants = (version: string, ...lines: string[]) => wantsToPersist(headOf(lines, `GET / HTTP/${version}`));
  for (const line of ["Connection: keep-alive", "Connection: KEEP-Alive", "Connection: x, keep-alive"]) {
    assertEquals([wants("1.0", line), wants("1.1", line)], [true, true], line);
  }
  assertEquals(wants("1.0", "Connection: keep-alivE2"), false);
  assertEquals(wants("1.1", "Connection: keep-alive", "Connection: close"), false);
});

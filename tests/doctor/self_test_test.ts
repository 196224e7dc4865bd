/** The self-test of the doctor: it passes here in every place, and each check can fail. */

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { findPlace, type Instance, type Place } from "../../src/doctor/instance.ts";
import { memoryNetwork } from "../../src/doctor/memory_network.ts";
import { CHECKS, selfTest } from "../../src/doctor/self_test.ts";
import { parseAnswers, Wire } from "../../src/doctor/wire.ts";
import type { Socket } from "../../src/net/socket.ts";
import { run } from "../process.ts";

Deno.test("there are 60 checks, each with a name of its own and its meaning", () => {
  assertEquals(CHECKS.length, 60);
  assertEquals(new Set(CHECKS.map(({ name }) => name)).size, 60);
  for (const { name, meaning } of CHECKS) assert(meaning.length > 10, name);
});

Deno.test("all checks pass over TCP with real files", async () => {
  const [total, ...details] = await selfTest();
  assertMatch(total!.text, /^60 of 60 checks passed \(on a free port of 127\.0\.0\.1, with a site in \/\S+\)$/);
  assertEquals(details, []);
});

Deno.test("all checks pass in memory, without a permission to listen or to write", async () => {
  const { stdout } = await run(["doctor", "--json"], { permitted: ["--no-prompt", "--allow-read"] });
  const { findings } = JSON.parse(stdout);
  const test = findings.filter(({ topic }: { topic: string }) => topic === "self-test");
  assertEquals(test, [{
    topic: "self-test",
    verdict: "fine",
    text:
      "60 of 60 checks passed (in memory, because this process may not listen on other ports, with a site in memory)",
  }]);
});

/** A server that answers everything with 418, and keeps connections on which nothing comes. */
function teapot(): Instance {
  const network = memoryNetwork();
  const serve = async (socket: Socket) => {
    const chunk = new Uint8Array(65_536);
    for (;;) {
      const count = await socket.read(chunk).catch(() => null);
      if (count === null) return socket.close();
      await socket.write(new TextEncoder().encode("HTTP/1.1 418 no\r\nContent-Length: 0\r\n\r\n")).catch(() => {});
    }
  };
  void (async () => {
    for (;;) void serve(await network.listener.accept());
  })().catch(() => {});
  return {
    connect: async () => new Wire(await network.connect()),
    problems: ["it boils"],
    stop: () => Promise.resolve(network.listener.close()),
  };
}

Deno.test("each check fails on a server that does everything wrong, and says what that means", async () => {
  const place: Place = { description: "a teapot", start: teapot, remove: () => {} };
  const [total, ...details] = await selfTest(place);
  assertEquals(total, { topic: "self-test", verdict: "failed", text: "0 of 60 checks passed (a teapot)" });
  assertEquals(details.length, 60);
  assert(details.every(({ advice }) => advice!.startsWith("what this means: ")));
});

Deno.test("a temporary site is removed", () => {
  const place = findPlace();
  const [, folder = ""] = /a site in (\/\S*)$/.exec(place.description) ?? [];
  assert(Deno.statSync(folder).isDirectory);
  place.remove();
  assertThrows(() => Deno.statSync(folder), Deno.errors.NotFound);
});

Deno.test("parseAnswers() tells answers apart, and notices what is incomplete", () => {
  const one = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab";
  assertEquals(parseAnswers(one + one, []).answers.map(({ content }) => content), ["ab", "ab"]);
  assertEquals(parseAnswers(one.slice(0, -1), []).isWhole, false);
  assertEquals(parseAnswers(`${one}x`, []).isWhole, false);
  const head = one.slice(0, -2);
  assertEquals(parseAnswers(head + one, ["HEAD", "GET"]).answers.length, 2);
});

/** The lab's grader: full points for sweepd, fewer for a server that breaks a promise, and how it counts. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Bench, formatResult, grade, total } from "../../tools/lab/check.ts";
import { CONTENT } from "../../tools/lab/content.ts";
import { echo } from "../../examples/echo/echo.ts";
import { APHORISMS, question } from "../../examples/question/question.ts";
import { ownCommand } from "../../bench/own.ts";
import type { Connection } from "../../src/net/connection.ts";
import { PROTOCOLS } from "../../tools/lab/protocols.ts";
import { STARTS } from "../../tools/lab/starts.ts";
import { CONVERSATIONS } from "../../tools/lab/conversations.ts";
import { FILES, makeSite } from "../../tools/lab/site.ts";
import { parseReply } from "../../tools/lab/wire.ts";
import { textResponse } from "../../src/mod.ts";
import { http } from "../../src/http/h1/conversation.ts";
import { ServerProcess } from "../process.ts";
import { withServer } from "../serving.ts";
import { TempFolder } from "../temp_folder.ts";

function benchAt(port: number): Bench {
  const place = { hostname: "127.0.0.1", port, host: "localhost" };
  return { place, timeoutSeconds: 1, loadSeconds: 0.5, isConfined: false, starting: null, question: null, echo: null };
}

Deno.test("sweepd gets all points of the lab", async () => {
  using folder = new TempFolder();
  await makeSite(folder.path);
  await using server = await ServerProcess.start(["-a", "127.0.0.1", "-w", "1"], { cwd: folder.path });
  const results = await grade([...CONTENT, ...CONVERSATIONS], benchAt(server.port));
  assertEquals(results.filter(({ points, of }) => points !== null && points !== of), []);
  assertEquals(results.filter(({ points }) => points === null).map(({ name }) => name), [
    "an unreadable file is answered with 403, and with a body",
  ]);
});

Deno.test("sweepd gets all points for its start and web.conf", async () => {
  const results = await grade(STARTS, { ...benchAt(1), starting: { command: ownCommand(["-w", "1"]) } });
  assertEquals(results.filter(({ points, of }) => points !== of), []);
});

Deno.test("the servers of the other protocols get all points, and one that reads a question per read does not", async () => {
  const at = ({ port }: { port: number }) => ({ hostname: "127.0.0.1", port, host: "localhost" });
  await withServer(question, (questions) =>
    withServer(echo, async (echoes) => {
      const results = await grade(PROTOCOLS, { ...benchAt(1), question: at(questions), echo: at(echoes) });
      assertEquals(results.filter(({ points, of }) => points !== of), []);
    }));
  const naive = async (connection: Connection) => {
    while (await connection.fill() === "bytes") {
      const { input } = connection;
      const text = new TextDecoder().decode(input.bytes.subarray(input.start, input.end));
      input.consume(input.length);
      await connection.write(new TextEncoder().encode(APHORISMS[text] ?? "Error: unknown aphorism."));
    }
  };
  await withServer(naive, async (questions) => {
    const results = await grade(PROTOCOLS, { ...benchAt(1), question: at(questions) });
    const lost = results.filter(({ points }) => points === 0).map(({ name }) => name);
    assertEquals(lost, [
      "a question in two parts",
      "two questions in one segment",
      "a question and a half, then the rest",
    ]);
  });
});

Deno.test("a server that has one answer for everything loses points, and hears why", async () => {
  const always = http(() => textResponse(FILES["index.html"]));
  await withServer(always, async ({ port }) => {
    const results = await grade(CONTENT, benchAt(port));
    const lost = new Map(results.filter(({ points, of }) => points !== of).map(({ name, remark }) => [name, remark]));
    assertEquals(
      lost.get("a file that is not there is answered with 404, and with a body"),
      "the status is 200, not 404",
    );
    assert(lost.has("Range: bytes=0-999 gives 206 and exactly 1000 bytes"));
    assert(!lost.has("GET / brings the file exactly"));
    const { points, of } = total(results);
    assert(0 < points && points < of, `${points} of ${of}`);
  });
});

Deno.test("a check that throws gets no points, and one that cannot be made does not count", async () => {
  const group = {
    title: "group",
    checks: [
      { name: "good", points: 2, run: () => Promise.resolve(null) },
      { name: "throws", points: 3, run: () => Promise.reject(new Error("reset\x1b")) },
      { name: "impossible", points: 4, run: () => Promise.resolve(null), isPossible: () => false },
    ],
  };
  const results = await grade([group], benchAt(1));
  assertEquals(total(results), { points: 2, of: 5 });
  assertEquals(results.map(formatResult), [
    "    2/2  good",
    "    0/3  throws\n         but: reset ",
    "    -/4  impossible\n         but: cannot be checked here",
  ]);
});

Deno.test("parseReply() reads lengths, chunks and content until the end, and waits for the rest", () => {
  const read = (text: string, isEnded = false) =>
    parseReply(new TextEncoder().encode(text), isEnded, false)?.reply.content.length;
  assertEquals(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc"), 2);
  assertEquals(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na"), undefined);
  assertEquals(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"), 1);
  assertEquals(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"), undefined);
  assertEquals([read("HTTP/1.0 200 OK\r\n\r\nab"), read("HTTP/1.0 200 OK\r\n\r\nab", true)], [undefined, 2]);
  try {
    read("<html>\r\n\r\n");
  } catch (error) {
    return assertStringIncludes(String(error), "no status line");
  }
  throw new Error("it was read");
});

/** The example programs: their output, their exit codes, and refused arguments. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { APHORISMS } from "../../examples/question/question.ts";
import type { Connection } from "../../src/net/connection.ts";
import { runExample, taskCommand, withExample } from "./program.ts";
import { withServer } from "../serving.ts";
import { withSite } from "../site.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const NAMES = ["echo-server", "echo-client", "question-server", "question-client", "load", "talk", "deaf", "trickle"];

/** A port of this machine on which no program listens: it was free a moment ago. */
function closedPort(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return String(listener.addr.port);
}

Deno.test("the examples may use the network and nothing else", async () => {
  for (const name of NAMES) {
    const file = `examples/${name.replace("-", "/")}.ts`;
    assertEquals(await taskCommand(name), `deno run --no-prompt --allow-net ${file}`);
  }
});

Deno.test("question_client asks for the three aphorisms in random order, and question_server answers each", async () => {
  const { code, stderr } = await withExample("question-server", ["127.0.0.1", "-d"], async (port, until) => {
    const asked = await runExample("question-client", ["127.0.0.1", "-p", port]);
    const expected = Object.entries(APHORISMS).map(([question, answer]) => `${question} ${answer}`);
    assertEquals([asked.code, asked.stdout.trim().split("\n").sort()], [0, expected.sort()]);
    await until("#1       close  done; 71 bytes received, 22 sent");
  });
  assertMatch(stderr, /question: ended\n$/);
  assertEquals(code, 0);
});

Deno.test("question_client -e sends half a question and closes, and the server closes without an error", async () => {
  await withExample("question-server", ["", "-d"], async (port, until) => {
    const provoked = await runExample("question-client", ["localhost", "-p", port, "-e"]);
    assertEquals([provoked.code, provoked.stdout, provoked.stderr], [0, "", ""]);
    await until("#1       end    of input; accumulator holds 24\n");
    await until("#1       close  done; 24 bytes received, 0 sent");
    assertEquals((await runExample("question-client", ["localhost", "-p", port])).code, 0);
  });
});

Deno.test("echo_client prints the echo of each line, and stops at an empty one", async () => {
  const { code } = await withExample("echo-server", [], async (port) => {
    const long = "x".repeat(200_000); // Longer than a read, a write and the accumulator.
    const echoed = await runExample("echo-client", ["-s", "127.0.0.1", "-p", port], `one\n${long}\ntwo\n\nthree\n`);
    assertEquals([echoed.code, echoed.stderr], [0, ""]);
    assert(echoed.stdout === `one\n${long}\ntwo\n`, echoed.stdout.slice(0, 100));
  });
  assertEquals(code, 0);
});

Deno.test("echo_client stops at the end of its input, and loses no last line without a newline", async () => {
  await withExample("echo-server", [], async (port) => {
    assertEquals((await runExample("echo-client", ["-s", "127.0.0.1", "-p", port], "one\nlast")).stdout, "one\nlast");
  });
});

Deno.test("echo_client reports how many bytes of an echo are missing", async () => {
  const half = async (connection: Connection) => {
    await connection.fill();
    await connection.write(connection.input.bytes.slice(0, 2));
    await connection.linger();
  };
  await withServer(half, async ({ port }) => {
    const { code, stderr } = await runExample("echo-client", ["-s", "127.0.0.1", "-p", String(port)], "four\n");
    assertEquals([code, stderr], [
      1,
      "the connection failed: the server ended the connection with 3 bytes of the echo missing\n",
    ]);
  });
});

for (const [name, args] of [["question-client", ["127.0.0.1"]], ["echo-client", ["-s", "127.0.0.1"]]] as const) {
  Deno.test(`${name} reports that no program listens, with advice`, async () => {
    const port = closedPort();
    const { code, stderr } = await runExample(name, [...args, "-p", port]);
    assertEquals(code, 1);
    assertEquals(
      stderr,
      `cannot connect to 127.0.0.1:${port}: nothing listens there; start the server, or check the address and the port\n`,
    );
  });
}

Deno.test("question_server reports that another program has its port", async () => {
  await withServer(() => Promise.resolve(), async ({ port }) => {
    const { code, stderr } = await runExample("question-server", ["127.0.0.1", "-p", String(port)]);
    assertEquals(code, 1);
    assertMatch(stderr, /^question: cannot listen on 127\.0\.0\.1:[0-9]+: another program has this port; /);
  });
});

for (
  const [name, args, words] of [
    ["question-server", [], "one host is needed"],
    ["question-client", ["a", "b"], "one host is needed"],
    ["question-client", ["localhost", "-x"], "unknown flag -x"],
    ["echo-server", ["-p", "70000"], '"70000" is not a whole number from 0 to 65535'],
    ["load", ["https://localhost/"], '"https://localhost/" is no http: URL'],
    ["load", ["http://example.org/"], "example.org is not this machine"],
    ["load", ["http://127.0.0.1.example.org/"], "127.0.0.1.example.org is not this machine"],
    ["load", ["http://localhost/", "-c", "1001"], '"1001" is not a whole number from 1 to 1000'],
    ["load", ["http://localhost/", "-n", "1000001"], '"1000001" is not a whole number from 1 to 1000000'],
    ["load", ["http://localhost/", "--pipeline", "0"], '"0" is not a whole number from 1 to 256'],
  ] as const
) {
  Deno.test(`${name} ${args.join(" ")} prints the mistake and the usage`, async () => {
    const { code, stderr } = await runExample(name, args);
    assertEquals(code, 2);
    assertStringIncludes(stderr, words);
    assertStringIncludes(stderr, "usage: ");
  });
}

Deno.test("load reports the answers to 400 pipelined requests over 4 connections", async () => {
  await withSite({ files: { "a.txt": "hello" } }, async ({ port, access }) => {
    const url = `http://127.0.0.1:${port}/a.txt`;
    const { code, stdout, stderr } = await runExample("load", [url, "-c", "4", "-n", "400", "--pipeline", "10"]);
    assertStringIncludes(stdout, "asked       400 requests, 4 connections, 10 under way on each");
    assertStringIncludes(stdout, "status      200 x 400\nframing     length x 400; 2000 bytes of content");
    assertStringIncludes(stderr, "400 of 400 answers");
    assertEquals([code, access.length], [0, 400]);
  });
});

Deno.test("load continues on another connection if a server closes one properly", async () => {
  const once = async (connection: Connection) => {
    await connection.fill();
    const head = "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    await connection.write(new TextEncoder().encode(`${head}2\r\nhi\r\n0\r\n\r\n`));
    await connection.linger();
  };
  await withServer(once, async ({ port }) => {
    const { code, stdout } = await runExample("load", [`http://127.0.0.1:${port}/`, "-c", "1", "-n", "5"]);
    assertStringIncludes(stdout, "framing     chunked x 5; 10 bytes of content");
    assertStringIncludes(stdout, "connections 4 more, because the server closed some");
    assertEquals(code, 0);
  });
});

Deno.test("load reports the mistake of a server, and fails", async () => {
  const short = async (connection: Connection) => {
    await connection.fill();
    await connection.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"));
    await connection.linger();
  };
  await withServer(short, async ({ port }) => {
    const { code, stdout } = await runExample("load", [`http://127.0.0.1:${port}/`, "-c", "2", "-n", "2"]);
    assertStringIncludes(stdout, "failed      2 x the content ends 5 bytes short of its Content-Length 10");
    assertStringIncludes(stdout, "missing     2 answers");
    assertEquals(code, 1);
  });
});

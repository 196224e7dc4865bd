/** The clients of the exercises: what they send, what they show, and when they end. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runExample, withExample } from "./program.ts";
import { withSite } from "../site.ts";

/** The lines without their times. */
function linesOf(stdout: string): string[] {
  return stdout.trim().split("\n").map((line) => line.replace(/^ *[0-9.]+ /, ""));
}

Deno.test("talk sends half requests and whole ones, and shows every line end", async () => {
  await withSite({ files: { "a.txt": "content" } }, async ({ port }) => {
    const typed = "GET /a.t\\\n\\wait 0.1\nxt HTTP/1.1\nHost: localhost\nConnection: close\n\n";
    const { code, stdout } = await runExample("talk", [`localhost:${port}`], typed);
    const lines = linesOf(stdout);
    assertEquals(code, 0);
    assertEquals(lines.slice(1, 6), [
      "-> GET /a.t",
      "-> xt HTTP/1.1\\r\\n",
      "-> Host: localhost\\r\\n",
      "-> Connection: close\\r\\n",
      "-> \\r\\n",
    ]);
    assertEquals([lines[6], ...lines.slice(-2)], [
      "<- HTTP/1.1 200 OK\\r\\n",
      "<- content",
      "== the server has closed the connection",
    ]);
  });
});

Deno.test("talk --lf sends what nc sends, which a server of HTTP refuses", async () => {
  await withSite({ files: { "a.txt": "content" } }, async ({ port }) => {
    const { stdout } = await runExample("talk", [`127.0.0.1:${port}`, "--lf"], "GET /a.txt HTTP/1.1\nHost: a\n\n");
    assertStringIncludes(stdout, "<- HTTP/1.1 400 Bad Request\\r\\n");
  });
});

Deno.test("trickle sends byte by byte, and shows the answer", async () => {
  await withExample("question-server", ["", "--hurry", "20"], async (port) => {
    const args = [`localhost:${port}`, "--every", "0.01", "--text", "Simple is better than?"];
    const running = await runExample("trickle", args, "");
    const lines = linesOf(running.stdout);
    assertEquals(lines.slice(1, 5), ["-> S", "-> i", "-> m", "-> p"]);
    assertStringIncludes(lines.join("\n"), "-> ?\n<- Complex.");
  });
});

Deno.test("deaf sends until the buffers are full, and ends when the server closes", async () => {
  const { stderr } = await withExample("echo-server", ["-d", "--hurry", "60"], async (port) => {
    const { code, stdout } = await runExample("deaf", [`localhost:${port}`]);
    assertEquals(code, 0);
    assertMatch(stdout, /sent ([0-9,]{6,}) bytes, read none\n(?:.*\n)*.*sent \1 bytes in all, and read none\n/);
    assertStringIncludes(stdout, "== the server has closed the connection");
  });
  assertMatch(stderr, /sweep {2}too slow while sending\n/);
});

Deno.test("the clients of the exercises refuse wrong words with their usage", async () => {
  for (const name of ["talk", "deaf", "trickle"]) {
    for (const args of [[], ["a:1", "b"], ["--none-such", "a:1"], ["//"]]) {
      const { code, stderr } = await runExample(name, args);
      assertEquals([code, stderr.split("\n").at(1)?.slice(0, 6)], [2, "usage:"], `${name} ${args}`);
    }
  }
  assertEquals((await runExample("trickle", ["a:1", "--every", "0"])).code, 2);
  assertEquals((await runExample("talk", ["localhost:1"])).code, 1);
});

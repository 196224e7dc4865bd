/**
 * `sweepd explain`: the whole way of a request in words, with lines of web.conf, and that the answer is the server's own.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { explain, findAlternatives } from "../../src/cli/explain.ts";
import { readQuestion } from "../../src/cli/question.ts";
import { exchange } from "../client.ts";
import { run, ServerProcess } from "../process.ts";
import { basic, PASSWORD } from "../site/passwords.ts";
import { ask, CASES, loadIn, notesOf, prepare } from "./explain_cases.ts";

for (const { url, headers = [], from = null, status, notes, instead = [] } of CASES) {
  Deno.test(`explain ${[url.replace(/\/\/.*@/, "//...@"), ...headers.map((line) => line.slice(0, 20)), from ?? ""].join(" ")} tells the whole way`, async () => {
    using folder = prepare();
    const config = await loadIn(folder);
    const explanation = await explain(ask(url, headers, from), config);
    assertEquals([explanation.status, notesOf(explanation, folder)], [status, [...notes]]);
    const others = await findAlternatives(explanation, config);
    assertEquals(others.map((other) => `${other.what}: ${other.status}`), [...instead]);
  });
}

Deno.test("explain tells why a request is refused before it has a host", async () => {
  using folder = prepare();
  const { problems } = await explain(ask("/%zz"), await loadIn(folder));
  assertEquals(problems, ["bad percent-encoding"]);
});

Deno.test("explain tells why a range is ignored", async () => {
  using folder = prepare();
  const config = await loadIn(folder);
  const last = async (url: string, ...fields: readonly string[]) =>
    notesOf(await explain(ask(url, fields), config), folder);
  const range = (...fields: readonly string[]) => last("http://files.lab.org/x.txt", ...fields);
  const other = await range("Range: bytes=2-3", 'If-Range: "other"');
  assertEquals(
    other.at(-1),
    "range bytes=2-3 is ignored: If-Range names another state of the file, or one that is not certain",
  );
  const malformed = await range("Range: bytes=x");
  assertEquals(
    malformed.at(-1),
    "range bytes=x is ignored: it is malformed, of another unit, or useless for this file",
  );
});

Deno.test("explain looks at the listener that the port of an address names", async () => {
  using folder = prepare();
  folder.write("web.conf", "listen 8080\nlisten 8443 tls\nhost default www");
  const config = await loadIn(folder);
  const plain = await explain(ask("http://lab.test:8443/page.html"), config);
  assertEquals([plain.status, plain.problems, notesOf(plain, folder)], [308, [], [
    "redirect to https, because port 8443 speaks TLS (web.conf:2)",
  ]]);
  assert(plain.fields.includes("Location: https://lab.test:8443/page.html"));
  const { problems } = await explain(ask("https://lab.test:8080/"), config);
  assertEquals(problems, ["port 8080 does not speak TLS; use http"]);
  for (const url of ["http://lab.test:8080/", "https://lab.test:8443/", "http://lab.test/", "http://lab.test:1/"]) {
    const { status, problems } = await explain(ask(url), config);
    assertEquals([url, status, problems], [url, 200, []]);
  }
});

Deno.test("explain tells which field is sent over TLS only", async () => {
  using folder = prepare();
  folder.write("web.conf", "listen 8443 tls\nheader * strict-transport-security max-age=9\nhost default www");
  const config = await loadIn(folder);
  for (const scheme of ["http", "https"]) {
    const explanation = await explain(ask(`${scheme}://lab.test/page.html`), config);
    const isSent = explanation.fields.some((line) => /^strict-transport-security: max-age=9$/i.test(line));
    assertEquals([scheme, isSent], [scheme, scheme === "https"]);
    assertStringIncludes(notesOf(explanation, folder).join("\n"), "max-age=9, over TLS only (web.conf:2)");
  }
});

Deno.test("explain gives the very answer that a server sends", async () => {
  using folder = prepare();
  const config = await loadIn(folder);
  await using server = await ServerProcess.start(["-w", "1", "-a", "127.0.0.1"], { cwd: folder.path });
  for (const { url, headers = [], from = null } of CASES) {
    if (from !== null) continue;
    const question = ask(url, headers);
    const lines = [`Host: ${question.host}`, ...question.fields, "Connection: close"].join("\r\n");
    const response = await exchange(server.port, `GET ${question.target} HTTP/1.1\r\n${lines}\r\n\r\n`);
    const { status, fields } = await explain(question, config);
    const isOurs = (line: string) => !line.startsWith("Date: ");
    const sent = response.fields.map(([name, value]) => `${name}: ${value}`).filter(isOurs);
    assertEquals([url, status, fields.filter(isOurs)], [url, response.status, sent]);
  }
});

Deno.test("readQuestion() takes addresses as people write them, and refuses what is none", () => {
  const asked = (url: string) => `${ask(url).host} ${ask(url).target}`;
  assertEquals(asked("http://a.example/x?y#z"), "a.example /x?y");
  assertEquals(asked("a.example"), "a.example /");
  assertEquals(asked("a.example:8080/x"), "a.example:8080 /x");
  assertEquals(asked("/a b/\u00fc?\u00fc"), "localhost /a%20b/%C3%BC?%C3%BC");
  assertEquals(asked("http://b\u00fccher.example"), "xn--bcher-kva.example /");
  assertEquals(asked("/../%2e%2e//x"), "localhost /../%2e%2e//x");
  assertEquals(ask("http://a:b@h/").fields, ["Authorization: Basic YTpi"]);
  assertEquals(ask("http://h/", ["Host: other", "X: y"]), {
    isSecure: false,
    isHttp2: false,
    serverName: "h",
    host: "other",
    target: "/",
    fields: ["X: y"],
    from: "127.0.0.1",
  });
  for (
    const words of [
      { url: "ftp://h/", headers: [], from: null },
      { url: "/", headers: ["no colon"], from: null },
      { url: "/", headers: ["X: y\r\nZ: 1"], from: null },
      { url: "/", headers: ["X y: z"], from: null },
      { url: "/", headers: [], from: "nowhere" },
    ]
  ) assert(typeof readQuestion(words) === "string", JSON.stringify(words));
});

Deno.test("sweepd explain prints words, with --json one object, and fails where the configuration cannot be used", async () => {
  using folder = prepare();
  const text = await run(["explain", "/closed/", "-H", `Authorization: ${basic(`alice:${PASSWORD}`)}`], {
    cwd: folder.path,
  });
  assertEquals(text.code, 0);
  for (
    const told of [
      "GET http://localhost/closed/\n",
      'accepted for user "alice" (web.conf:6)',
      "answer      404 Not Found\n",
    ]
  ) {
    assertStringIncludes(text.stdout, told);
  }
  assertStringIncludes(text.stdout, `a worker may read ${folder.path}/www (web.conf:3, web.conf:15, web.conf:18)`);
  assert(!text.stdout.includes(PASSWORD) && !text.stdout.includes("$2y$"));
  const json = await run(["explain", "http://files.lab.org/x.txt", "--from", "127.0.0.9", "--json"], {
    cwd: folder.path,
  });
  const { answer, notes, from } = JSON.parse(json.stdout);
  assertEquals([answer.status, from, notes.at(-1).line], [403, "127.0.0.9", "web.conf:12"]);
  folder.write("web.conf", "host default www\n  alow 10.0.0.1\n");
  const failed = await run(["explain", "/"], { cwd: folder.path });
  assertEquals([failed.code, failed.stdout], [1, ""]);
  for (
    const args of [["explain"], ["explain", "/", "x"], ["-H", "A: b"], ["check", "--from", "::1"], [
      "explain",
      "/",
      "-H",
      "x",
    ]]
  ) {
    assertEquals((await run(args, { cwd: folder.path })).code, 2, args.join(" "));
  }
});

/** Explains requests in HTTP/2 to a site with both kinds of listeners. */
async function explainHttp2(url: string, headers: readonly string[] = [], h2c = "on") {
  using folder = prepare();
  folder.write("web.conf", `listen 8080\nlisten 8443 tls\nparameter h2c ${h2c}\nhost default www\nheader ** X-Y z`);
  const question = readQuestion({ url, headers, from: null, isHttp2: true });
  if (typeof question === "string") throw new Error(question);
  return await explain(question, await loadIn(folder));
}

for (const url of ["http://lab.test:8080/page.html", "https://lab.test:8443/page.html"]) {
  Deno.test(`explain --http2 ${url} shows frames, and fields in the form of HTTP/2`, async () => {
    const { status, fields, frames, problems, notes } = await explainHttp2(url, ["X-Mine: \u00fc", "TE: trailers"]);
    assertEquals([status, problems], [200, []]);
    assertEquals(fields[0], ":status: 200");
    assert(fields.includes("x-y: z") && fields.includes("content-length: 4"), fields.join());
    assertEquals(fields.filter((field) => /^(connection|keep-alive):|^[^:]*[A-Z]/.test(field)), []);
    const without = frames.map((frame) => frame.replace(/with [0-9]+ bytes/, "with bytes"));
    assertEquals(without.filter((frame) => !frame.includes("SETTINGS")), [
      "received HEADERS with bytes on stream 1, END_STREAM END_HEADERS",
      "sent HEADERS with bytes on stream 1, END_HEADERS",
      "sent DATA with bytes on stream 1, END_STREAM",
    ]);
    assertEquals(notes.some(({ topic }) => topic === "redirect"), false);
  });
}

Deno.test("explain --http2 sends a block that is longer than a frame in several", async () => {
  const { status, frames } = await explainHttp2("http://lab.test:8080/", [`X-Long: ${"\u0080".repeat(14_000)}`]);
  assertEquals(status, 431);
  assert(frames.some((frame) => frame.startsWith("received CONTINUATION with ")), frames.join());
});

Deno.test("explain --http2 tells why the stream of a request is reset", async () => {
  const { status, reason, problems } = await explainHttp2("http://lab.test:8080/", ["Connection: close"]);
  assertEquals([status, reason], [0, "none: the stream is reset (PROTOCOL_ERROR)"]);
  assertEquals(problems, ["a field of the connection"]);
});

Deno.test("explain --http2 answers in HTTP/1.1 where HTTP/2 cannot be spoken, and says so", async () => {
  for (const [url, h2c] of [["http://lab.test:8080/page.html", "off"], ["http://lab.test:8443/page.html", "on"]]) {
    const { reason, frames, problems } = await explainHttp2(url!, [], h2c);
    assertEquals(frames, []);
    assertEquals(problems, ["this connection does not speak HTTP/2, so the answer is HTTP/1.1"]);
    assert(reason !== "");
  }
});

Deno.test("explain tells which versions of HTTP an address can be reached by", async () => {
  const versionOf = async (url: string, h2c: string) => {
    const { text, line } = (await explainHttp2(url, [], h2c)).versions;
    return [text, line];
  };
  assertEquals(await versionOf("https://lab.test:8443/", "off"), [
    "HTTP/2 or HTTP/1.1, as the client asks by ALPN",
    null,
  ]);
  assertEquals(await versionOf("http://lab.test:8443/", "on"), [
    "HTTP/1.1, because HTTP/2 needs https here",
    "web.conf:2",
  ]);
  assertEquals(await versionOf("http://lab.test:8080/", "on"), [
    "HTTP/1.1, or HTTP/2 by prior knowledge",
    "web.conf:3",
  ]);
  assertEquals(await versionOf("http://lab.test:8080/", "off"), [
    "HTTP/1.1; HTTP/2 needs https, or parameter h2c on",
    null,
  ]);
});

Deno.test("sweepd explain --http2 prints versions, frames and pseudo-fields, also as JSON", async () => {
  using folder = prepare();
  folder.write("web.conf", "parameter h2c on\nhost default www");
  const args = ["explain", "http://lab.test/page.html", "--http2"];
  const text = (await run(args, { cwd: folder.path })).stdout;
  assertStringIncludes(text, "version     HTTP/1.1, or HTTP/2 by prior knowledge (web.conf:1)");
  assertStringIncludes(text, "frame       received HEADERS with ");
  assertStringIncludes(text, "answer      200\n              :status: 200\n");
  const { version, frames, answer } = JSON.parse((await run([...args, "--json"], { cwd: folder.path })).stdout);
  assertEquals([version.line, frames.length > 3, answer.status], ["web.conf:1", true, 200]);
  assertEquals(answer.fields[0], { name: ":status", value: "200" });
});

/**
 * Tests of the runner: it must notice the faults of a wrong server. A server with fixed answers serves as an example.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { siteWallMs } from "../site.ts";
import { answered, type Case, get, LETTERS, refused, SERVED, SMUGGLED_CONTENT } from "./case.ts";
import { runCase } from "./runner.ts";

/** Sends one of `answers` for each segment that it receives, and closes after the last one. */
async function serveOnce(listener: Deno.TcpListener, answers: readonly string[]): Promise<void> {
  using conn = await listener.accept();
  for (const answer of answers) {
    if (await conn.read(new Uint8Array(4096)) === null) return;
    await conn.write(new TextEncoder().encode(answer));
  }
  await conn.closeWrite();
  while (await conn.read(new Uint8Array(4096)).catch(() => null) !== null);
}

/** The runner's result for a server that gives these answers. */
async function problemWith(tried: Partial<Case>, ...answers: readonly string[]): Promise<string | null> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const whole: Case = { id: "x", rfc: "9110 1", level: "MUST", about: "x", send: get(), ...SERVED, ...tried };
  const served = serveOnce(listener, answers);
  const problem = await runCase(whole, { port: listener.addr.port, etag: '"1"' });
  await served;
  return problem;
}

function response(status: string, lines: readonly string[], content = ""): string {
  const fields = [
    `Date: ${new Date(siteWallMs()).toUTCString()}`,
    `Content-Length: ${content.length}`,
    "Content-Type: text/plain",
  ];
  return `HTTP/1.1 ${status}\r\n${[...fields, ...lines].map((line) => `${line}\r\n`).join("")}\r\n${content}`;
}

const LETTERS_RESPONSE = response("200 OK", [], LETTERS);
const CANARY_RESPONSE = response("200 OK", ["Connection: close"], "canary");
const REFUSAL = response("400 Bad Request", ["Connection: close"], "no");

/** A response without Content-Length. */
function chunked(content: string, ...lines: readonly string[]): string {
  const head = response("200 OK", ["Transfer-Encoding: chunked", ...lines]);
  return head.replace("Content-Length: 0\r\n", "") + content;
}

const CHUNKS: Partial<Case> = { allows: ["chunked"] };
const CHUNKED = chunked(`5\r\nabcde\r\n15\r\n${LETTERS.slice(5)}\r\n0\r\n\r\n`);
const UNTIL_CLOSE = response("200 OK", ["Connection: close"], LETTERS).replace("Content-Length: 26\r\n", "");

Deno.test("runCase() reads chunks, and content until the connection closes, where they are allowed", async () => {
  assertEquals(await problemWith(CHUNKS, CHUNKED, CANARY_RESPONSE), null);
  assertEquals(await problemWith({ allows: ["content until close"], then: "closes" }, UNTIL_CLOSE), null);
});

Deno.test("runCase() accepts the exceptions that a case allows", async () => {
  const tried: Partial<Case> = {
    ...answered({ status: 307, content: "x" }),
    allows: ["foreign location", "repeated field", "other connection options"],
  };
  const lines = ["Location: https://b.example/?a#b", "Set-Cookie: a=b", "Set-Cookie: c=d", "Connection: upgrade"];
  assertEquals(await problemWith(tried, response("307 X", lines, "x"), CANARY_RESPONSE), null);
});

Deno.test("runCase() accepts right answers", async () => {
  assertEquals(await problemWith({}, LETTERS_RESPONSE, CANARY_RESPONSE), null);
  assertEquals(await problemWith(refused(400), REFUSAL), null);
});

const CARELESS: readonly (readonly [about: string, tried: Partial<Case>, answers: readonly string[], says: string])[] =
  [
    ["another status", {}, [REFUSAL], "status 400, not 200"],
    ["other content", {}, [response("200 OK", [], "other"), CANARY_RESPONSE], "the content is"],
    ["content that is too short", {}, [LETTERS_RESPONSE.slice(0, -3)], "3 octets early"],
    ["content that is too long", {}, [`${LETTERS_RESPONSE}x`, CANARY_RESPONSE], "not a status line"],
    ["one answer too many", {}, [LETTERS_RESPONSE + LETTERS_RESPONSE, CANARY_RESPONSE], "Connection is null"],
    ["an answer behind the last", {}, [LETTERS_RESPONSE, CANARY_RESPONSE + LETTERS_RESPONSE], "octets behind the last"],
    ["octets behind a refusal", refused(400), [REFUSAL + LETTERS_RESPONSE], "octets behind the last answer"],
    ["an end that was not announced", {}, [LETTERS_RESPONSE], "the connection ended instead"],
    ["a refusal that does not close", refused(400), [response("400 X", [], "no")], "does not say close"],
    ["no answer", {}, [""], "the connection ended without an answer"],
    ["a smuggled request's answer", answered({ status: 200 }), [response("200 OK", [], SMUGGLED_CONTENT)], "smuggled"],
    [
      "content with an answer to HEAD",
      { answers: [{ status: 200, toHead: true }] },
      [LETTERS_RESPONSE],
      "within a head",
    ],
    ["no length", {}, [LETTERS_RESPONSE.replace("Content-Length: 26\r\n", "")], "no usable Content-Length"],
    ["a length twice", {}, [response("200 OK", ["Content-Length: 26"], LETTERS)], "no usable Content-Length"],
    ["LF alone", {}, [LETTERS_RESPONSE.replace("OK\r\n", "OK\n")], "not a status line"],
    ["a blank before a colon", {}, [response("200 OK", ["X-A : b"], LETTERS)], "not a field line"],
    ["a folded field", {}, [response("200 OK", ["X-A: b\r\n c"], LETTERS)], "not a field line"],
    ["no Date", {}, [LETTERS_RESPONSE.replace(/Date: .*?\r\n/, "")], "200 without Date"],
    [
      "a Date of long ago",
      {},
      [LETTERS_RESPONSE.replace(/Date: .*? GMT/, "Date: Sun, 06 Nov 1994 08:49:37 GMT")],
      "Date is off",
    ],
    [
      "a Date of another form",
      {},
      [LETTERS_RESPONSE.replace(/Date: .*? GMT/, "Date: Sun Nov  6 08:49:37 1994")],
      "IMF-fixdate",
    ],
    ["405 without Allow", answered({ status: 405 }), [response("405 X", [], "no")], "405 without Allow"],
    ["an error without content", answered({ status: 404 }), [response("404 X", [])], "explains nothing"],
    ["a range that is not the content", answered({ status: 206 }), [
      response("206 X", ['ETag: "1"', "Content-Range: bytes 0-3/26"], "abc"),
    ], "3 octets for bytes 0-3/26"],
    ["chunks that nothing allows", {}, [CHUNKED], "Transfer-Encoding, which nothing here needs"],
    ["content without a length that nothing allows", { then: "closes" }, [UNTIL_CLOSE], "content without a length"],
    ["Content-Length together with chunks", CHUNKS, [chunked("0\r\n\r\n", "Content-Length: 0")], "and Content-Length"],
    ["another coding than chunked", CHUNKS, [CHUNKED.replace("chunked", "gzip, chunked")], "gzip, chunked"],
    ["a coding twice", CHUNKS, [chunked("0\r\n\r\n", "Transfer-Encoding: chunked")], "chunked, chunked"],
    ["an invalid chunk size", CHUNKS, [chunked("1g\r\n")], "not a chunk size"],
    ["a chunk size with a zero in front", CHUNKS, [chunked("01a\r\n")], "not a chunk size"],
    ["an extension of a chunk", CHUNKS, [chunked("1a;a=b\r\n")], "not a chunk size"],
    [
      "a chunk that is longer than its size",
      CHUNKS,
      [chunked("2\r\nabc\r\n0\r\n\r\n")],
      "no CR LF behind a chunk of 2",
    ],
    ["a chunk that ends in LF alone", CHUNKS, [chunked("1\r\na\n0\r\n\r\n")], "no CR LF behind a chunk of 1"],
    ["a trailer", CHUNKS, [chunked("0\r\nX: y\r\n\r\n")], "no CR LF behind a chunk of 0"],
    ["chunks without a last one", CHUNKS, [chunked("1\r\na\r\n")], "ended within a line"],
    ["a chunk that is cut off", CHUNKS, [chunked("5\r\na")], "4 octets early"],
    ["chunks with other content", CHUNKS, [chunked("1\r\na\r\n0\r\n\r\n"), CANARY_RESPONSE], "the content is"],
    ["a field twice", {}, [response("200 OK", ["X-A: 1", "X-A: 2"], LETTERS)], "a field comes twice: x-a"],
    [
      "a field that must not be repeated, even if repeated fields are allowed",
      { allows: ["repeated field"] },
      [response("200 OK", ["ETag: 1", "ETag: 1"], LETTERS)],
      "a field comes twice: etag",
    ],
    ["an unknown Connection option", {}, [response("200 OK", ["Connection: upgrade"], LETTERS)], "Connection: upgrade"],
    [
      "a Location that is not a URI reference, even if foreign locations are allowed",
      { ...answered({ status: 308 }), allows: ["foreign location"] },
      [response("308 X", ["Location: http://a b/"], "x")],
      "no URI reference",
    ],
    ["a redirect without Location", answered({ status: 308 }), [response("308 X", [], "x")], "308 without Location"],
    [
      "a Location that leads away",
      answered({ status: 301 }),
      [response("301 X", ["Location: //evil/"], "x")],
      "Location",
    ],
  ];

for (const [about, tried, answers, says] of CARELESS) {
  Deno.test(`runCase() sees ${about}`, async () => {
    assertStringIncludes(await problemWith(tried, ...answers) ?? "nothing", says);
  });
}
